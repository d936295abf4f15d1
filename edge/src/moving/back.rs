//! Taking a school back whose new machine was lost after the log was sealed for it. The old machine has kept the key that the new one
//! would have signed with, and goes on by it, so that nobody who has seen the log meets a third key. Whoever says so answers for it
//! that the new machine never served: two that sign with one key are found by the witnesses, and by nobody sooner.

use super::secrets::{KEYS, SIGNING, overwrite};
use crate::private;
use anyhow::{Context, Result, bail, ensure};
use edge_kernel::ledger::{HandedOver, verifier_key_of};
use std::path::Path;

const SUCCESSOR: &str = "successor.key";

/// Keeps the new machine's key until the keys here are destroyed.
pub(super) fn keep_successor(data: &Path, signing: &str) -> Result<()> {
    let path = data.join(SUCCESSOR);
    private::replace(&path, signing.as_bytes())
        .with_context(|| format!("writing {}", path.display()))
}

pub(super) fn remove_successor(data: &Path) -> Result<()> {
    let path = data.join(SUCCESSOR);
    overwrite(&path)?;
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Puts the key in its place; whoever opens the log then takes it up. Can be done twice.
///
/// # Errors
/// When the keys are destroyed already, or the key is not the one that the log was sealed for.
pub fn take_back(data: &Path, handed: &HandedOver) -> Result<()> {
    let keys = data.join(KEYS);
    if !keys.exists() {
        bail!(
            "the keys of this machine are destroyed: the new one has served the school. Restore a backup if it is lost now"
        );
    }
    let path = data.join(SUCCESSOR);
    let signing = std::fs::read_to_string(&path).with_context(|| {
        format!(
            "reading {}: without the new machine's key this one cannot go on; restore a backup that was made before the move",
            path.display()
        )
    })?;
    let key = verifier_key_of(&signing, &handed.successor).context("the kept key is damaged")?;
    ensure!(
        key == handed.successor,
        "the kept key is not the one that the log was sealed for"
    );
    let own = keys.join(SIGNING);
    private::replace(&own, signing.as_bytes())
        .with_context(|| format!("writing {}", own.display()))?;
    remove_successor(data)
}
