//! The binary `schulhof` as an operator runs it: a server process that can be killed at any moment and never outlives its
//! test, and commands at its console, measured.

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a file or a process is looked at that cannot tell us when it changes.
const OFTEN: Duration = Duration::from_millis(5);

/// Where the binary lies: beside the program that runs, or beside the folder of a test that does.
///
/// # Panics
/// When it was not built, with what to do about it.
#[must_use]
pub fn binary() -> PathBuf {
    let program = std::env::current_exe().expect("the running program has a path");
    let mut profile = program.parent().expect("programs lie in a folder");
    if profile.ends_with("deps") {
        profile = profile.parent().expect("tests lie in target/PROFILE/deps");
    }
    let binary = profile.join("schulhof");
    assert!(
        binary.is_file(),
        "{} is missing, because `cargo test -p e2e` builds no other package's binary. Please type:\n  cargo build -p edge\nor run `cargo xtask test`, which builds it first",
        binary.display()
    );
    binary
}

/// The binary with a clean environment: what is set for the test is not meant for the server.
fn command() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
        command.env_remove(name);
    }
    // A group of its own, so that a signal to the tests' group is not one to the server before we have sent ours.
    command
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    command
}

fn is_ours(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("SCHULHOF_")
}

/// A running server.
pub struct Process {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Process {
    /// Starts `schulhof serve` on a free port and waits until it answers. What it logs goes to `log`.
    ///
    /// # Errors
    /// When it ends or stays silent instead; the error holds the end of its log.
    pub async fn serve(data: &Path, log: &Path) -> Result<Self> {
        Self::serve_with(data, log, &[]).await
    }

    /// The same with something set in its environment.
    ///
    /// # Errors
    /// When it ends or stays silent instead; the error holds the end of its log.
    pub async fn serve_with(data: &Path, log: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        let starting = Self::spawn(data, log, environment)?;
        starting.ready().await
    }

    /// Starts the server and does not wait for it: for killing it while it starts.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(data: &Path, log: &Path, environment: &[(&str, &str)]) -> Result<Starting> {
        let file = std::fs::File::options().create(true).append(true).open(log);
        let file = file.with_context(|| format!("opening {}", log.display()))?;
        let out =
            std::fs::File::create(beside(log)).context("creating the file for what is printed")?;
        let child = command()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs(environment.iter().copied())
            .stdout(out)
            .stderr(file)
            .spawn()
            .context("starting schulhof serve")?;
        Ok(Starting {
            child,
            log: log.to_owned(),
        })
    }

    /// Starts `schulhof move --receive` and does not wait: it answers once a school has arrived.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn receive(data: &Path, log: &Path) -> Result<Starting> {
        let file = std::fs::File::options().create(true).append(true).open(log);
        let file = file.with_context(|| format!("opening {}", log.display()))?;
        let out =
            std::fs::File::create(beside(log)).context("creating the file for what is printed")?;
        let child = command()
            .args(["move", "--receive", "--listen", "127.0.0.1:0"])
            .args(["--http", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(out)
            .stderr(file)
            .spawn()
            .context("starting schulhof move")?;
        Ok(Starting {
            child,
            log: log.to_owned(),
        })
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The first line on standard output with a text in it, when one comes soon.
    pub async fn printed(&self, text: &str) -> Option<String> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let found = first_line(&printed(&self.log), text);
            if found.is_some() || Instant::now() >= deadline {
                return found;
            }
            tokio::time::sleep(OFTEN).await;
        }
    }

    /// Kills it as a power cut would: it can do nothing more.
    pub async fn kill(mut self) {
        signal(&self.child, Signal::KILL);
        let _ = self.child.wait().await;
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// When it does not stop, or not well.
    pub async fn stop(mut self) -> Result<()> {
        signal(&self.child, Signal::TERM);
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = ended.context("the server does not stop")??;
        ensure!(
            status.success(),
            "the server stopped with {status}: {}",
            tail(&self.log)
        );
        Ok(())
    }

    /// Waits until it has ended by itself, and gives its exit status.
    ///
    /// # Errors
    /// When it goes on.
    pub async fn ended(&mut self, within: Duration) -> Result<std::process::ExitStatus> {
        let ended = tokio::time::timeout(within, self.child.wait()).await;
        Ok(ended.context("the server goes on")??)
    }
}

/// A server that has not answered yet.
pub struct Starting {
    child: Child,
    log: PathBuf,
}

impl Starting {
    /// The code that it has printed, when it receives.
    ///
    /// # Errors
    /// When it ends or stays silent instead.
    pub async fn code(&mut self) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(line) = first_line(&printed(&self.log), "--to ") {
                let code = line.rsplit(' ').next().unwrap_or_default();
                return Ok(code.to_owned());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}: {}", tail(&self.log));
            }
            ensure!(Instant::now() < deadline, "no code: {}", tail(&self.log));
            tokio::time::sleep(OFTEN).await;
        }
    }

    /// Waits until it answers.
    ///
    /// # Errors
    /// When it ends or stays silent instead.
    pub async fn ready(self) -> Result<Process> {
        self.ready_within(PATIENCE).await
    }

    /// The same for one that may take longer.
    ///
    /// # Errors
    /// When it ends or stays silent instead.
    pub async fn ready_within(mut self, patience: Duration) -> Result<Process> {
        let deadline = Instant::now() + patience;
        let address = loop {
            if let Some(line) = first_line(&printed(&self.log), "http://") {
                let rest = line.split("http://").nth(1).unwrap_or_default();
                let address = rest.split(['/', ' ']).next().unwrap_or_default();
                break address
                    .parse::<SocketAddr>()
                    .with_context(|| format!("reading {line:?}"))?;
            }
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "the server ended with {status} before it answered: {}",
                    tail(&self.log)
                );
            }
            ensure!(
                Instant::now() < deadline,
                "the server does not start: {}",
                tail(&self.log)
            );
            tokio::time::sleep(OFTEN).await;
        };
        let process = Process {
            child: self.child,
            address,
            log: self.log,
        };
        let health = crate::api::Api::new(address).get("/healthz").await;
        ensure!(health.status == 200, "/healthz answers {}", health.status);
        Ok(process)
    }

    /// Kills it, however far it has come.
    pub async fn kill(mut self) {
        signal(&self.child, Signal::KILL);
        let _ = self.child.wait().await;
    }
}

fn signal(child: &Child, signal: Signal) {
    let group = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, signal);
    }
}

/// Standard output goes to a file of its own, so that no server ever waits for a test to read it.
fn beside(log: &Path) -> PathBuf {
    log.with_extension("out")
}

/// What the server last started with this log has printed on standard output.
#[must_use]
pub fn printed(log: &Path) -> String {
    std::fs::read_to_string(beside(log)).unwrap_or_default()
}

/// Whole lines only: the last one may still be written to.
fn first_line(text: &str, part: &str) -> Option<String> {
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    whole
        .map(str::trim_end)
        .find(|line| line.contains(part))
        .map(str::to_owned)
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// What a command at the console led to.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Whether the exit status was 0.
    pub success: bool,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// How long it took.
    pub took: Duration,
    /// The most memory it held at once, in KiB, sampled every few milliseconds.
    pub peak_kib: u64,
}

impl Ran {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}; printed {:?}, said {:?}", self.out, self.err))
    }

    /// Itself, when it succeeded.
    ///
    /// # Panics
    /// When it did not.
    pub fn ok(self) -> Self {
        assert!(self.success, "the command failed: {}{}", self.out, self.err);
        self
    }
}

/// Runs a command of `schulhof` on a data directory, as an operator would.
pub async fn console<I>(data: &Path, arguments: I) -> Ran
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    console_within(data, arguments, 2 * PATIENCE).await
}

/// The same for one that may take longer.
pub async fn console_within<I>(data: &Path, arguments: I, patience: Duration) -> Ran
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let began = Instant::now();
    let child = at_console(data, arguments, Stdio::piped);
    let id = child.id().unwrap_or_default();
    let mut output = std::pin::pin!(tokio::time::timeout(patience, child.wait_with_output()));
    let mut often = tokio::time::interval(OFTEN);
    let mut peak_kib = 0;
    let output = loop {
        tokio::select! {
            output = &mut output => break output,
            _ = often.tick() => peak_kib = peak_kib.max(peak_of(id)),
        }
    };
    let output = output
        .expect("the command ends")
        .expect("the command can be waited for");
    Ran {
        success: output.status.success(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        took: began.elapsed(),
        peak_kib,
    }
}

/// Runs a command and kills it after a while, as a power cut would; whether it had ended by itself.
pub async fn console_cut_off<I>(data: &Path, arguments: I, after: Duration) -> bool
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let mut child = at_console(data, arguments, Stdio::null);
    let ended = tokio::time::timeout(after, child.wait()).await.is_ok();
    signal(&child, Signal::KILL);
    let _ = child.wait().await;
    ended
}

fn at_console<I>(data: &Path, arguments: I, output: fn() -> Stdio) -> Child
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let mut command = command();
    command.args(arguments).arg("--data").arg(data);
    command.stdout(output()).stderr(output());
    command.spawn().expect("schulhof can be started")
}

/// The kernel's own record of the most memory that a process has held.
fn peak_of(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
