//! A keyring goes from its directory into a database of its own, or back, while nobody serves the school. Where it was, it is destroyed
//! only when it is whole where it goes; whoever was cut off in between does it again.

use super::file::{Directory, KEYRING};
use super::master::{self, destroy, io, write_secret};
use super::sealed::Contents;
use super::server::Link;
use super::{Keyring, KeyringError};
use crate::database::Server;
use std::path::Path;

impl Keyring {
    /// Whether a database holds no keys, so that some can be brought there.
    pub fn is_none_at(server: &Server) -> Result<bool, KeyringError> {
        Ok(Link::open(server)?.look()?.bytes.is_empty())
    }

    /// Brings the keyring of a directory into an empty database. The master key stays in the directory.
    pub fn bring_to_server(directory: &Path, server: &Server) -> Result<(), KeyringError> {
        let path = directory.join(KEYRING);
        let mut link = Link::open(server)?;
        if !path.exists() {
            return Err(KeyringError::Missing {
                place: directory.display().to_string(),
            });
        }
        let random = ring::rand::SystemRandom::new();
        let (_, contents, _) = Directory::open(directory, &random)?;
        let mut bytes = std::fs::read(&path).map_err(io("read", &path))?;
        bytes.truncate(usize::try_from(contents.length).unwrap_or(usize::MAX));
        if !link.found(contents.epoch, &bytes)? || link.look()?.bytes != bytes {
            return Err(KeyringError::Twice { path });
        }
        destroy(&directory.join("keyring.torn"))?;
        destroy(&path)?;
        master::sync_directory(directory)
    }

    /// Brings the keyring of a database into the directory that has its master key, and leaves the database empty.
    pub fn bring_to_directory(directory: &Path, server: &Server) -> Result<(), KeyringError> {
        let path = directory.join(KEYRING);
        let mut link = Link::open(server)?;
        let there = link.look()?;
        if there.bytes.is_empty() {
            return Err(KeyringError::Missing {
                place: link.shown(),
            });
        }
        let other = || KeyringError::OtherMaster {
            path: directory.to_owned(),
        };
        let master = master::settled(directory, &there.bytes, &there.masters)?;
        Contents::read(master.ok_or_else(other)?, &there.bytes)?.ok_or_else(other)?;
        match std::fs::read(&path) {
            Ok(bytes) if bytes != there.bytes => return Err(KeyringError::Twice { path }),
            Ok(_) => {}
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                write_secret(&path, &there.bytes)?;
            }
            Err(source) => return Err(io("read", &path)(source)),
        }
        // Somebody may have been cut off between the file and its name.
        master::sync_directory(directory)?;
        link.empty()
    }
}
