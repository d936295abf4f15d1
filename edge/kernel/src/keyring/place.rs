//! Where a keyring lies: in a file of its directory, or in a database of its own, with the master key in the directory still.

use super::file::{Directory, KEYRING};
use super::master::{self, Handed, create, draw, io};
use super::sealed::Tombstone;
use super::sealed::{Contents, Record, sealing};
use super::server::{Link, There};
use super::{KeyId, KeyringError, Point};
use crate::database::Server;
use ring::rand::SystemRandom;
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A keyring that is open.
pub(super) struct Held {
    pub(super) contents: Contents,
    place: Place,
}

enum Place {
    Directory(Directory),
    Server(Box<Remote>),
}

/// A keyring in a database, and the directory that has its master key.
struct Remote {
    directory: PathBuf,
    link: Link,
}

impl Held {
    /// Opens a keyring, or founds it.
    pub(super) fn open(
        directory: &Path,
        server: Option<&Server>,
        random: &SystemRandom,
    ) -> Result<(Self, Vec<Record>), KeyringError> {
        let (place, contents, records) = match server {
            None => {
                let (place, contents, records) = Directory::open(directory, random)?;
                (Place::Directory(place), contents, records)
            }
            Some(server) => {
                let (place, contents, records) = Remote::open(directory, server, random)?;
                (Place::Server(Box::new(place)), contents, records)
            }
        };
        Ok((Self { contents, place }, records))
    }

    /// What a keyring says that may be in use, without changing anything.
    pub(super) fn look(
        directory: &Path,
        server: Option<&Server>,
    ) -> Result<(Contents, Vec<Record>), KeyringError> {
        let Some(server) = server else {
            return Directory::look(directory);
        };
        let there = Link::to(server)?.look()?;
        let master = master::current(directory, &there.bytes, &there.masters)?;
        read(directory, master, &there)
    }

    /// Waits until nobody else changes the keyring, where only waiting helps; it is this one's turn until what is given is dropped.
    pub(super) fn turn(&self) -> Result<Option<File>, KeyringError> {
        match &self.place {
            Place::Directory(directory) => directory.turn().map(Some),
            Place::Server(_) => Ok(None),
        }
    }

    /// Every record, when the keyring is not what it was when it was read or written here last.
    pub(super) fn news(&mut self) -> Result<Option<Vec<Record>>, KeyringError> {
        let news = match &mut self.place {
            Place::Directory(directory) => directory.news(&self.contents)?,
            Place::Server(remote) => remote.news(&self.contents)?,
        };
        Ok(news.map(|(contents, records)| {
            self.contents = contents;
            records
        }))
    }

    /// Adds keys; they are durable when this returns. False when another machine was first, and there are news.
    pub(super) fn append(
        &mut self,
        records: &[Record],
        random: &SystemRandom,
    ) -> Result<bool, KeyringError> {
        if records.is_empty() {
            return Ok(true);
        }
        let bytes = self.contents.seal(records, random)?;
        let at = self.contents.length;
        match &mut self.place {
            Place::Directory(directory) => directory.append(at, &bytes)?,
            Place::Server(remote) => {
                if !remote.link.append(self.contents.epoch, at, &bytes)? {
                    return Ok(false);
                }
            }
        }
        self.contents.added(records.len(), bytes.len());
        Ok(true)
    }

    /// Writes the keyring without some keys under a new master key, and destroys the old one. `by` is where the log says so. False
    /// when another machine was first, and there are news.
    pub(super) fn renew(
        &mut self,
        (dead, by): (&HashSet<KeyId>, Tombstone),
        random: &SystemRandom,
        point: Point<'_>,
    ) -> Result<bool, KeyringError> {
        let secret = draw(random)?;
        let next = sealing(&secret)?;
        let contents = &self.contents;
        let without = |records| contents.without(records, (dead, by), next, random);
        let renewed = match &mut self.place {
            Place::Directory(directory) => directory.replace(&secret, without, point).map(Some)?,
            Place::Server(remote) => {
                let handed = contents.seal_master(&secret, random)?;
                remote.replace(contents, (&secret, &handed), without, point)?
            }
        };
        match renewed {
            Some(contents) => self.contents = contents,
            None => return Ok(false),
        }
        Ok(true)
    }

    /// Ends what an erasure was cut off from: nothing of the keyring before stays. There must be no news.
    pub(super) fn clean(&mut self) -> Result<(), KeyringError> {
        match &mut self.place {
            Place::Directory(directory) => directory.clean(),
            Place::Server(remote) => match remote.link.look()?.is_unwritten {
                true => remote.link.clean(),
                false => Ok(()),
            },
        }
    }

    /// Everything in the directory of the keys, and the keyring, by name. There must be no news.
    pub(super) fn files(&mut self) -> Result<Vec<(String, Vec<u8>)>, KeyringError> {
        let (directory, there) = match &mut self.place {
            Place::Directory(directory) => (directory.path(), None),
            Place::Server(remote) => (remote.directory.as_path(), Some(remote.link.look()?.bytes)),
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(io("read", directory))? {
            let path = entry.map_err(io("read", directory))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let (Some(name), true) = (name, path.is_file()) {
                let bytes = std::fs::read(&path).map_err(io("read", &path))?;
                files.push((name.to_owned(), bytes));
            }
        }
        files.extend(there.map(|bytes| (KEYRING.to_owned(), bytes)));
        files.sort();
        Ok(files)
    }
}

impl Remote {
    fn open(
        directory: &Path,
        server: &Server,
        random: &SystemRandom,
    ) -> Result<(Self, Contents, Vec<Record>), KeyringError> {
        create(directory)?;
        let mut this = Self {
            directory: directory.to_owned(),
            link: Link::open(server)?,
        };
        let there = this.link.look()?;
        let path = directory.join(KEYRING);
        match (path.exists(), there.bytes.is_empty()) {
            (true, true) => return Err(KeyringError::InDirectory { path }),
            (true, false) => return Err(KeyringError::Twice { path }),
            (false, true) => {
                let master = master::first(directory, random)?;
                let (contents, bytes) = Contents::found(master, random)?;
                let is_founded = this.link.found(0, &bytes)?;
                let path = directory.to_owned();
                return match is_founded {
                    true => Ok((this, contents, Vec::new())),
                    // Two machines founded the school in one moment; this one has no key to it.
                    false => Err(KeyringError::OtherMaster { path }),
                };
            }
            (false, false) => {}
        }
        let (contents, records) = this.settle(&there)?;
        if there.is_unwritten {
            this.link.clean()?;
        }
        Ok((this, contents, records))
    }

    fn settle(&self, there: &There) -> Result<(Contents, Vec<Record>), KeyringError> {
        let handed: &Handed = &there.masters;
        let master = master::settled(&self.directory, &there.bytes, handed)?;
        read(&self.directory, master, there)
    }

    fn news(&mut self, known: &Contents) -> Result<Option<(Contents, Vec<Record>)>, KeyringError> {
        if self.link.is(known.epoch, known.length)? {
            return Ok(None);
        }
        let there = self.link.look()?;
        self.settle(&there).map(Some)
    }

    /// In order: the new master key as `master.next`; the new keyring, which is the moment it counts, and with it the new master key
    /// for other machines; the write-ahead log is cut; the old master key is overwritten.
    fn replace(
        &mut self,
        known: &Contents,
        (secret, handed): (&[u8; 32], &[u8]),
        without: impl FnOnce(Vec<Record>) -> Result<(Contents, Vec<u8>), KeyringError>,
        point: Point<'_>,
    ) -> Result<Option<Contents>, KeyringError> {
        let beside = self.directory.join("master.next");
        let at = |step: &'static str| point(step).map_err(io(step, &beside));
        let there = self.link.look()?;
        if (there.epoch, there.bytes.len() as u64) != (known.epoch, known.length) {
            return Ok(None);
        }
        let (_, records) = self.settle(&there)?;
        at("prepare a master key beside")?;
        master::prepare(&self.directory, secret)?;
        at("write")?;
        let (contents, bytes) = without(records)?;
        let seen = (known.epoch, known.length);
        if !self.link.replace(seen, &bytes, handed)? {
            master::undo(&self.directory)?;
            return Ok(None);
        }
        at("destroy the keyring before")?;
        self.link.clean()?;
        at("destroy the master key before")?;
        master::finish(&self.directory)?;
        Ok(Some(contents))
    }
}

fn read(
    directory: &Path,
    master: Option<ring::aead::LessSafeKey>,
    there: &There,
) -> Result<(Contents, Vec<Record>), KeyringError> {
    let other = || KeyringError::OtherMaster {
        path: directory.to_owned(),
    };
    let master = master.ok_or_else(other)?;
    if !super::sealed::opens(&there.bytes, &master) {
        return Err(other());
    }
    Contents::read(master, &there.bytes)?.ok_or(KeyringError::Damaged { record: 0 })
}
