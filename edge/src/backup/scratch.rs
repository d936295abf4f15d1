//! A directory for what is on its way, for its owner alone; gone afterwards, and cleared when a crash left it.

use anyhow::{Context, Result};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The directory, for as long as this is held.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// An empty directory of this name in the data directory.
    pub(super) fn new(data: &Path, name: &str) -> Result<Self> {
        let path = data.join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path)
                .with_context(|| format!("clearing {}", path.display()))?;
        }
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("creating {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is cleared by whoever comes next.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
