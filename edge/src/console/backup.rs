//! `backup` and `restore` at the console.

use super::{Answer, Tell};
use crate::backup::{self, Renewed, Scope, Target};
use crate::config::Config;
use crate::house::House;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What `backup` is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Asked {
    /// Bring the log and the files to a place.
    Log { to: String },
    /// Seal the keys to a recipient.
    Keys { to: PathBuf, recipient: String },
}

pub(super) async fn carry_out(house: &House, asked: Asked, tell: &Tell) -> Result<Answer> {
    match asked {
        Asked::Log { to } => log(house, &to, tell).await,
        Asked::Keys { to, recipient } => keys(house, &to, &recipient),
    }
}

async fn log(house: &House, to: &str, tell: &Tell) -> Result<Answer> {
    let target = house.backup.target(to)?;
    let progress = |what: &str, done, of| tell.progress(what, done, of);
    let pushed = house
        .backup
        .push(&house.kernel, &target, Scope::All, &progress)
        .await?;
    Ok(Answer::done(format!(
        "{} events are in the backup; root {}\n{} bytes were new, {} objects were removed.\nThe keys are not in it: `schulhof backup keys` seals them, for another place.\n",
        pushed.size, pushed.root, pushed.bytes, pushed.removed
    )))
}

fn keys(house: &House, to: &Path, recipient: &str) -> Result<Answer> {
    refuse_backup(to)?;
    house.backup.refuse_own_directory(to)?;
    let keyring = house.kernel.ledger.keyring();
    let (renewed, epoch) = house.backup.seal_keys(keyring, to, recipient)?;
    let mut text = String::new();
    for path in &renewed.written {
        let _ = writeln!(text, "{}", path.display());
    }
    let _ = writeln!(
        text,
        "The keys of epoch {epoch} are sealed. Keep the file apart from the backup of the log, and destroy copies of earlier epochs: they still hold the keys that erasures have destroyed, and whoever has one and its identity opens backups of before."
    );
    Ok(Answer::done(text + &earlier(&renewed)))
}

/// What became of copies of the keys of earlier epochs, in words.
pub(super) fn earlier(renewed: &Renewed) -> String {
    let mut text = String::new();
    for path in &renewed.removed {
        let _ = writeln!(text, "Removed the earlier copy {}", path.display());
    }
    for path in &renewed.left {
        let _ = writeln!(
            text,
            "Could not reach the earlier copy {}: destroy it by hand, for it still holds keys that were destroyed.",
            path.display()
        );
    }
    text
}

/// Whoever holds log and keys reads everything: they must not lie in one place.
fn refuse_backup(to: &Path) -> Result<()> {
    let is_backup =
        |folder: &Path| folder.join("manifests").is_dir() && folder.join("segments").is_dir();
    ensure!(
        !to.ancestors().any(is_backup),
        "{} lies in the backup of a log; the keys belong elsewhere",
        to.display()
    );
    Ok(())
}

/// Builds a data directory out of a backup.
pub(crate) async fn restore(
    from: &str,
    keys: &[u8],
    identity: &str,
    data: &Path,
    config: Option<&Path>,
    tell: &Tell,
) -> Result<Answer> {
    let places = Config::read(data, config)?.places()?;
    let target = Target::open_with(from, &places.backups)?;
    let keys = backup::unpack(keys, identity)?;
    let progress = |what: &str, done, of| tell.progress(what, done, of);
    let restored = backup::restore_to(&target, &keys, data, &places, &progress).await?;
    if let Some(config) = config {
        // Whoever serves the school looks for it there.
        let place = data.join("schulhof.toml");
        std::fs::copy(config, &place).with_context(|| format!("writing {}", place.display()))?;
    }
    let made = i64::try_from(restored.made)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    let made = made.map_or_else(|| "unknown".to_owned(), |made| made.to_string());
    Ok(Answer::done(format!(
        "{} events and {} files ({} bytes) are in {}\nroot {}\nas of {made}, which the signed checkpoint of the backup proves.\n",
        restored.size,
        restored.files,
        restored.bytes,
        data.display(),
        restored.root
    )))
}
