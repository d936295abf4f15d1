//! A log out of objects that go on coming: built from the newest manifest, and gone on with from the next. An erasure in between
//! means to begin anew, for what was built holds what is to be forgotten.

use super::manifest;
use super::target::Target;
use super::{blobs, restore};
use anyhow::{Context, Result, ensure};
use edge_kernel::blobs::{name, sealed_length};
use edge_kernel::keyring::Keyring;
use edge_kernel::ledger::{Ledger, Restore, await_handover};
use events::Position;
use events_proof::tree::to_hex;
use std::path::Path;

type Progress<'a> = &'a (dyn Fn(&str, u64, u64) + Sync);

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Built {
    /// How many events.
    pub(crate) size: Position,
    /// The root over them, in hexadecimal digits: that of the signed checkpoint.
    pub(crate) root: String,
    epoch: u32,
    erasures: String,
}

/// Brings a log up to the newest manifest, which must be signed by `key`. `before` is what was built in the same directory.
pub(crate) async fn build(
    target: &Target,
    key: &str,
    into: &Path,
    before: Option<&Built>,
    progress: Progress<'_>,
) -> Result<Built> {
    let keys = |_: &str| Ok(vec![(key.to_owned(), Position::MAX)]);
    let manifest = manifest::newest(target, keys).await?;
    let manifest = manifest.context("nothing has arrived yet")?;
    let keyring = Keyring::open(&into.join("keys")).context("opening the keys that arrived")?;
    let before = before.filter(|before| {
        let has_grown = before.size <= manifest.size;
        has_grown && before.epoch == manifest.epoch && before.erasures == manifest.erasures
    });
    let restore = match before {
        Some(_) => Restore::go_on(into).await?,
        None => {
            clear(into)?;
            let restore = Restore::begin(into).await?;
            await_handover(into, key).await?;
            restore
        }
    };
    let known = before.map_or(0, |before| before.size);
    restore::pieces(restore, target, &manifest, known, &keyring, progress).await?;
    Ok(Built {
        size: manifest.size,
        root: manifest.root.clone(),
        epoch: manifest.epoch,
        erasures: manifest.erasures,
    })
}

/// Removes a log and views that were begun.
fn clear(directory: &Path) -> Result<()> {
    for name in ["log.db", "views.db"] {
        for ending in ["", "-wal", "-shm"] {
            let path = directory.join(format!("{name}{ending}"));
            if path.exists() {
                let removed = std::fs::remove_file(&path);
                removed.with_context(|| format!("removing {}", path.display()))?;
            }
        }
    }
    Ok(())
}

/// Verifies every byte of what was built, and that every file that somebody can open has arrived.
pub(crate) async fn prove(
    ledger: &Ledger,
    built: &Built,
    files: &Path,
    progress: Progress<'_>,
) -> Result<()> {
    let report = ledger
        .verify(&|done, of| progress("verify", done, of))
        .await?;
    if let Some(problem) = report.problems.first() {
        anyhow::bail!("what has arrived does not verify: {problem}");
    }
    ensure!(
        report.size == built.size && to_hex(&report.root) == built.root,
        "what has arrived is not what its checkpoint signs"
    );
    for blob in blobs::named(ledger, 0, built.size).await?.values() {
        let file = files.join(name(blob.blob)).metadata();
        ensure!(
            file.is_ok_and(|file| file.len() == sealed_length(blob.size)),
            "the file {} has not arrived",
            blob.blob
        );
    }
    Ok(())
}
