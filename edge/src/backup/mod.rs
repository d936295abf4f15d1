//! Backups: the log in pieces, the files, and what is kept beside the log go to an object store; the keys go elsewhere, sealed to
//! somebody's recipient. `push` brings what is new, `restore` builds a directory out of it, `drill` sees whether that works,
//! `run` does both from time to time beside the running server, which never waits for them.
//!
//! Objects are put once and never changed: pieces and the like are named by their content, files by their id, manifests by a
//! number that grows. A manifest is signed and comes last; whatever it does not name is no part of the backup.

mod arrive;
mod blobs;
mod copies;
mod drill;
mod http;
mod keys;
mod manifest;
mod pieces;
mod push;
mod restore;
mod run;
mod scratch;
mod status;
mod target;

pub(crate) use arrive::{Built, build, prove};
pub(crate) use copies::Renewed;
pub(crate) use http::routes;
pub use keys::{pack, unpack};
pub use push::{Pushed, Scope};
pub use restore::{Restored, restore, restore_to};
pub(crate) use run::run;
pub use status::{Moment, Status};
pub use target::Target;

use crate::objects::S3;
use anyhow::{Context, Result, ensure};
use edge_kernel::Kernel;
use edge_kernel::react::Turn;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often a machine asks whether it is its turn.
const ASK: Duration = Duration::from_millis(500);

/// What a house knows of its backups; cheap to clone.
#[derive(Clone)]
pub struct Backup {
    directory: Arc<PathBuf>,
    status: Arc<Mutex<Status>>,
    /// One push at a time on this machine.
    turn: Arc<tokio::sync::Mutex<()>>,
    stores: S3,
    /// Held while copies of the keys are written and removed.
    copies: Arc<Mutex<()>>,
}

impl Backup {
    /// What was known of the backups of a data directory when it was last served.
    #[must_use]
    pub fn open(data: &Path) -> Self {
        Self {
            directory: Arc::new(data.to_owned()),
            status: Arc::new(Mutex::new(Status::read(data))),
            turn: Arc::default(),
            stores: S3::default(),
            copies: Arc::default(),
        }
    }

    /// The same, reaching object stores in this way.
    #[must_use]
    pub fn with_stores(self, stores: S3) -> Self {
        Self { stores, ..self }
    }

    /// Opens a place for backups by its address. Within the data directory there is none: it would be lost with what it is a
    /// backup of, and what is cleared away there are the school's own files.
    pub fn target(&self, address: &str) -> Result<Target> {
        let target = Target::open_with(address, &self.stores)?;
        if let Some(place) = target::directory(address)? {
            self.refuse_own_directory(&place)?;
        }
        Ok(target)
    }

    /// Refuses a path, or one that is still to be made in its directory, that lies in the data directory.
    pub(crate) fn refuse_own_directory(&self, path: &Path) -> Result<()> {
        let found = path.canonicalize();
        let found = found.or_else(|_| path.parent().unwrap_or(path).canonicalize());
        let own = self.directory.canonicalize()?;
        ensure!(
            !found.is_ok_and(|found| found.starts_with(own)),
            "{} lies in the school's data directory, and would be lost with it; name a place on another disk",
            path.display()
        );
        Ok(())
    }

    /// What is known.
    #[must_use]
    pub fn status(&self) -> Status {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.clone()
    }

    /// Waits until nobody else brings the backup of this log or tries it, on any machine that shares the log: two would take each
    /// other's pieces away.
    async fn turn(&self, kernel: &Kernel) -> Result<(tokio::sync::MutexGuard<'_, ()>, Turn)> {
        let here = self.turn.lock().await;
        loop {
            let everywhere = Turn::take(kernel, "backup").await;
            if let Some(everywhere) = everywhere.context("asking whose turn it is")? {
                return Ok((here, everywhere));
            }
            tokio::time::sleep(ASK).await;
        }
    }

    fn note(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut status);
        status.write(&self.directory);
    }
}
