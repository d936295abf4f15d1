//! The drill: the newest backup's log is restored into a directory of its own, with the keys that are here, and verified whole. A
//! backup that nobody has tried is a hope.

use super::manifest;
use super::scratch::Scratch;
use super::status::Moment;
use super::target::Target;
use super::{Backup, blobs, restore};
use crate::room::{self, Room, in_words};
use anyhow::{Context, Result, ensure};
use edge_kernel::Kernel;
use edge_kernel::blobs::sealed_length;
use edge_kernel::ledger::Restore;
use events_proof::tree::to_hex;
use std::path::Path;

impl Backup {
    /// Restores the log of a backup to see whether it can be, and looks whether every file is there. Gives up to which position.
    pub async fn drill(&self, kernel: &Kernel, target: &Target) -> Result<u64> {
        let _turn = self.turn(kernel).await?;
        let outcome = try_out(&self.directory, kernel, target).await;
        let at = kernel.clock.now();
        self.note(|status| {
            status.drill_failed = outcome.is_err();
            if let Ok((position, root)) = &outcome {
                let position = *position;
                status.drilled = Some(Moment { at, position });
                status.drilled_root = Some(root.clone());
            }
        });
        outcome.map(|(position, _)| position)
    }
}

/// Up to which position, and the root to which the restored log leads.
async fn try_out(data: &Path, kernel: &Kernel, target: &Target) -> Result<(u64, String)> {
    let ledger = &kernel.ledger;
    let keys = ledger.signing_keys().await?;
    let key = |_: &str| Ok(keys.clone());
    let manifest = manifest::newest(target, key).await?;
    let manifest = manifest.context("there is no backup to try")?;
    let place = Scratch::new(data, "drill.tmp")?;
    let (needed, free) = (room::of_log(data, manifest.size), Room::of(data)?.free);
    ensure!(
        free > needed,
        "the drill restores the log beside the school, which takes {}, and {} are free here; make room first",
        in_words(needed),
        in_words(free)
    );
    restore::log(
        target,
        &manifest,
        ledger.keyring(),
        Restore::begin(place.path()).await?,
        &|_, _, _| {},
    )
    .await?;
    let report = ledger.verify_copy(place.path(), &|_, _| {}).await?;
    if let Some(problem) = report.problems.first() {
        anyhow::bail!("the restored log does not verify: {problem}");
    }
    ensure!(
        report.size == manifest.size && to_hex(&report.root) == manifest.root,
        "the restored log is not the one that its checkpoint signs"
    );
    for (id, blob) in blobs::named(ledger, 0, manifest.size).await? {
        let object = blobs::object(id);
        ensure!(
            target.length(&object).await? == Some(sealed_length(blob.size)),
            "{object} is missing in the backup, or has another length"
        );
    }
    Ok((manifest.size, manifest.root))
}
