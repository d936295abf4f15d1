//! Where a school's things lie that are not in its data directory: the log and its keys on database servers, files in an object store.

use crate::config::Config;
use crate::objects::S3;
use anyhow::{Context, Result, ensure};
use edge_kernel::blobs::Blobs;
use edge_kernel::database::Server;
use object_store::ObjectStore;
use std::path::Path;
use std::sync::Arc;

/// Everything that is elsewhere.
#[derive(Clone, Default)]
pub struct Places {
    /// The log, and the keys when they are in a database too.
    pub server: Option<Server>,
    /// Files.
    pub files: Option<Arc<dyn ObjectStore>>,
    /// How a store for backups is reached.
    pub backups: S3,
}

impl Config {
    /// Where things lie. Nothing is asked of any server yet.
    ///
    /// # Errors
    /// When an address is none, or what belongs together is set by half.
    pub fn places(&self) -> Result<Places> {
        let files = self.blobs.url.as_deref();
        let files = files.map(|address| self.s3.open(address)).transpose();
        Ok(Places {
            server: self.database.server()?,
            files: files.context("reading blobs.url")?,
            backups: self.backup.s3.clone().unwrap_or_else(|| self.s3.clone()),
        })
    }
}

impl Places {
    /// The log and its keys on servers, and everything else in the data directory.
    #[must_use]
    pub fn on(server: Option<Server>) -> Self {
        Self {
            server,
            ..Self::default()
        }
    }

    /// The store of files, when it is not in the data directory. Files that are there would be found by nobody.
    pub(crate) fn blobs(&self, data: &Path) -> Result<Option<Blobs>> {
        let Some(store) = &self.files else {
            return Ok(None);
        };
        let folder = data.join("blobs");
        let mut entries = std::fs::read_dir(&folder).into_iter().flatten();
        ensure!(
            entries.next().is_none(),
            "blobs.url names an object store, and there are files in {}: bring a backup, and restore it with this configuration",
            folder.display()
        );
        Ok(Some(Blobs::in_store(Arc::clone(store))))
    }
}
