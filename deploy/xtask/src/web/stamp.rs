//! Remembers from what the finished files were made, so that an unchanged app is not packed again:
//! wasm-bindgen and brotli take seconds that a second start does not have.

use super::pack::sources;
use crate::workspace;
use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::path::Path;

fn file() -> std::path::PathBuf {
    workspace::root().join("target/web/packed-from")
}

/// A digest of everything that goes into the folder, and of the packer itself.
pub(super) fn of(module: &[u8]) -> Result<String> {
    let mut digest = Sha256::new();
    digest.update(module);
    let packer = std::env::current_exe()
        .and_then(|path| path.metadata())
        .and_then(|file| file.modified())
        .context("reading the packer's age")?;
    digest.update(format!("{packer:?}"));
    for source in sources()? {
        let bytes =
            std::fs::read(&source).with_context(|| format!("reading {}", source.display()))?;
        digest.update(source.to_string_lossy().as_bytes());
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    Ok(super::pack::hex(&digest.finalize()))
}

/// Whether the folder was made from just these inputs.
pub(super) fn is_current(dist: &Path, inputs: &str) -> bool {
    dist.join("manifest.json").is_file()
        && std::fs::read_to_string(file()).is_ok_and(|written| written == inputs)
}

/// Notes the inputs of the folder just made.
pub(super) fn write(inputs: &str) -> Result<()> {
    std::fs::write(file(), inputs).context("noting what the web app was made from")
}
