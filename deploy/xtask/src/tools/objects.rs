//! An S3-compatible object store for tests: moto from PyPI, which keeps its objects in memory. It needs no root, and any
//! credentials open it.

use super::pip;
use crate::processes::{Running, wait_until};
use crate::progress::Step;
use crate::workspace;
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The server and what it is served by. Only the first is pinned: the others are libraries in wide use.
const PACKAGES: [&str; 3] = ["moto[s3]==5.1.22", "flask", "flask-cors"];
/// How long it may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running object store.
pub(crate) struct Objects {
    _server: Running,
    url: String,
}

impl Objects {
    /// Fetches the store where it is missing, and starts it on a port that is free.
    ///
    /// # Errors
    /// When it cannot be fetched or does not start; the error says what to type, or what it said.
    pub(crate) fn start() -> Result<Self> {
        let folder = folder();
        if !folder.join("moto").is_dir() {
            fetch()?;
        }
        let step = Step::start("starting an object store");
        let log = folder.join(format!("{}.log", std::process::id()));
        let _ = std::fs::remove_file(&log);
        let mut server = Command::new("python3");
        server
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONPATH", &folder)
            .env("PYTHONUNBUFFERED", "1");
        let mut running = Running::start("the object store", &server, &log)?;
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        wait_until(PATIENCE, || {
            running.ended().is_some() || address(&said()).is_some()
        });
        let said = said();
        let found = address(&said).filter(|_| running.ended().is_none());
        if found.is_some() {
            step.done("");
        } else {
            step.failed();
        }
        let url = found.with_context(|| format!("the object store said:\n{said}"))?;
        let _ = std::fs::remove_file(&log);
        Ok(Self {
            _server: running,
            url,
        })
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// `* Running on http://127.0.0.1:33457`.
fn address(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("Running on ")?;
    // The line is there whole once another follows it.
    let (url, _) = rest.split_once('\n')?;
    Some(url.trim().to_owned())
}

fn folder() -> PathBuf {
    workspace::root().join("target/tools/moto")
}

fn fetch() -> Result<()> {
    pip::ensure("the object store")?;
    // Beside its place and then into it: a broken-off download is never taken for a whole one.
    let (new, place) = (folder().with_extension("new"), folder());
    let _ = std::fs::remove_dir_all(&new);
    pip::fetch("an object store", PACKAGES[0], &new, &PACKAGES)?;
    let _ = std::fs::remove_dir_all(&place);
    std::fs::rename(&new, &place).with_context(|| format!("moving to {}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_address_is_read_once_its_line_is_whole() {
        assert_eq!(address(" * Running on http://127.0.0.1:33"), None);
        assert_eq!(
            address("WARNING: …\n * Running on http://127.0.0.1:33457\nPress").as_deref(),
            Some("http://127.0.0.1:33457")
        );
    }
}
