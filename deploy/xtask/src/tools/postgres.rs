//! PostgreSQL for tests and measurements: a cluster of its own in a folder of its own, reached over a Unix socket alone, run by
//! an unprivileged user because PostgreSQL refuses root, and gone when we are done with it.

use crate::command;
use crate::processes::{Running, wait_until};
use crate::progress::Step;
use anyhow::{Context as _, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long a new cluster may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// Who owns the cluster where we are root and must not: the package's own user.
const USER: &str = "postgres";

/// Whether what is committed outlives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production: for measurements.
    Synced,
    /// Not at all: for tests, whose data dies with them.
    Forgetful,
}

/// A running cluster.
pub(crate) struct Cluster {
    /// Ends before its folder does.
    server: Option<Running>,
    folder: PathBuf,
}

impl Cluster {
    /// Founds a cluster and waits until it answers.
    ///
    /// # Errors
    /// When PostgreSQL's programs are missing or the cluster does not start; the error quotes what it said.
    pub(crate) fn start(durability: Durability) -> Result<Self> {
        let step = Step::start("starting PostgreSQL");
        let programs = programs().context("PostgreSQL's programs are nowhere")?;
        // The path of a Unix socket has room for about a hundred bytes, and ours may lie where only root may look.
        let folder = std::env::temp_dir().join(format!("schulhof-postgres-{}", std::process::id()));
        let mut cluster = Self {
            server: None,
            folder,
        };
        match cluster.found(&step, &programs, durability) {
            Ok(()) => {
                step.done("");
                Ok(cluster)
            }
            Err(error) => {
                step.failed();
                Err(error)
            }
        }
    }

    /// How a superuser of the cluster connects.
    pub(crate) fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes an empty database, in place of one of that name.
    ///
    /// # Errors
    /// When the server refuses; the error quotes it.
    pub(crate) fn empty_database(&self, name: &str) -> Result<String> {
        let mut psql = Command::new(programs()?.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"])
            .args([
                "-c",
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            ])
            .args(["-c", &format!("CREATE DATABASE {name}")])
            .arg(self.url());
        let output = psql.output().context("starting psql")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "PostgreSQL refuses: {said}");
        Ok(self.url_of(name))
    }

    fn url_of(&self, database: &str) -> String {
        // A host that begins with a slash is the folder of a Unix socket; within an address, slashes are written otherwise.
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{host}/{database}")
    }

    fn found(&mut self, step: &Step, programs: &Path, durability: Durability) -> Result<()> {
        let folder = self.folder.clone();
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).with_context(|| format!("creating {}", folder.display()))?;
        if is_root() {
            let mut own = Command::new("chown");
            command::quietly(step, own.arg(USER).arg(&folder))?;
        }
        let data = folder.join("data");
        let mut initdb = unprivileged(&programs.join("initdb"));
        initdb
            .args(["--username", USER, "--auth", "trust", "--no-sync"])
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--pgdata"])
            .arg(&data)
            .current_dir(&folder);
        command::quietly(step, &mut initdb)?;
        let mut server = unprivileged(&programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&folder);
        for setting in settings(durability) {
            server.args(["-c", setting]);
        }
        let log = folder.join("log");
        let mut running = Running::start("PostgreSQL", &server, &log)?;
        let answers = || {
            let mut ready = Command::new(programs.join("pg_isready"));
            ready.args([
                "--quiet",
                "--username",
                USER,
                "--dbname",
                "postgres",
                "--host",
            ]);
            command::answer(ready.arg(&folder)).is_some()
        };
        let is_up = wait_until(PATIENCE, || running.ended().is_some() || answers());
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        ensure!(
            is_up && running.ended().is_none(),
            "PostgreSQL does not answer; it said:\n{said}"
        );
        self.server = Some(running);
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.take());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// No network, room for several of the school's machines at once.
const COMMON: [&str; 2] = ["listen_addresses=", "max_connections=400"];
const FORGETFUL: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

fn settings(durability: Durability) -> Vec<&'static str> {
    match durability {
        Durability::Synced => COMMON.to_vec(),
        Durability::Forgetful => [&COMMON[..], &FORGETFUL[..]].concat(),
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A program as the cluster's owner runs it. Who changes users loses the wish to die with the parent, so it is said again.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", USER, "--regid", USER, "--clear-groups"])
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program);
    command
}

/// Where the server's programs are: on the search path, or where Debian keeps them, the newest version first.
fn programs() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<(u32, PathBuf)> = Path::new("/usr/lib/postgresql")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.extend(versions.into_iter().map(|(_, folder)| folder));
    let is_whole = |folder: &PathBuf| {
        let mut needed = ["initdb", "postgres", "pg_isready", "psql"].iter();
        needed.all(|program| folder.join(program).is_file())
    };
    match found.into_iter().find(is_whole) {
        Some(folder) => Ok(folder),
        None => bail!("neither on the search path nor in /usr/lib/postgresql"),
    }
}

/// Whether the server's programs are there.
pub(super) fn is_there() -> bool {
    programs().is_ok()
}
