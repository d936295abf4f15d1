//! What several of these tests need: a directory for a server process, a founded school in it, and rows put in order.

use e2e::plan::{FOUNDER, FOUNDER_PASSWORD};
use e2e::process::{Process, console};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A data directory and a place for the server's log, both gone after the test.
pub(crate) struct Directory {
    /// The data directory; it does not exist at first.
    pub(crate) data: PathBuf,
    /// Where standard error goes.
    pub(crate) log: PathBuf,
    root: TempDir,
}

impl Directory {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a directory of our own");
        let (data, log) = (root.path().join("data"), root.path().join("server.log"));
        Self { data, log, root }
    }

    /// The directory that holds all of it.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// A path beside the data directory.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

/// Founds a school as an operator does without a browser; the password's file lies in `beside`.
pub(crate) async fn init(data: &Path, beside: &Path) {
    let password = beside.join("password");
    std::fs::write(&password, format!("{FOUNDER_PASSWORD}\n")).expect("the directory is ours");
    let password = password.to_str().expect("a path in UTF-8");
    let arguments = [
        "init",
        "--school",
        "Schule am Test",
        "--admin",
        FOUNDER,
        "--password-file",
        password,
    ];
    console(data, arguments).await.ok();
}

/// Founds a school and serves it.
pub(crate) async fn founded(directory: &Directory) -> Process {
    founded_in(&directory.data, directory.root.path()).await
}

/// The same in a place of the test's choice; the server's log lies in `beside`.
pub(crate) async fn founded_in(data: &Path, beside: &Path) -> Process {
    init(data, beside).await;
    Process::serve(data, &beside.join("server.log"))
        .await
        .expect("the server starts")
}

/// The rows of a listing in the shape that `audit replay --json` prints.
pub(crate) fn rows_by_key(rows: &[Value]) -> Value {
    let pairs = rows.iter().map(|found| {
        (
            found["key"].as_str().unwrap_or_default().to_owned(),
            found["row"].clone(),
        )
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// A copy of a data directory, as after a backup of the whole machine.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the directory is ours");
    for entry in std::fs::read_dir(from).expect("it is there").flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().expect("a kind of file");
        if kind.is_dir() {
            copy(&source, &target);
        } else if kind.is_file() {
            std::fs::copy(&source, &target).expect("it can be copied");
        }
    }
}

/// A file of the reference school's rosters, or `None` (said aloud) where the data are not at hand.
pub(crate) fn reference(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/roster/kgs")
        .join(name);
    if !path.is_file() {
        println!("SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}
