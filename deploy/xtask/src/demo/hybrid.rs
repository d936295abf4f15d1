//! The running parts: NATS, the relay and the school's machine, each a process of its own with a log of its own.

use super::interrupt::Interrupt;
use crate::processes::{Running, pause};
use crate::progress::Step;
use crate::{http, workspace};
use anyhow::{Result, bail};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Long enough for a log of some weeks to be verified on a slow disk.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything that runs, in the order in which it was started.
pub(crate) struct Hybrid {
    running: Vec<Running>,
    logs: PathBuf,
    port: u16,
}

impl Hybrid {
    /// Starts the parts and waits until each answers.
    pub(crate) fn start(
        data: &Path,
        port: u16,
        _nats_server: Option<&Path>,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let logs = data.join("logs");
        std::fs::create_dir_all(&logs)?;
        let mut hybrid = Self {
            running: Vec::new(),
            logs,
            port,
        };
        hybrid.start_edge(data, interrupt)?;
        Ok(hybrid)
    }

    fn start_edge(&mut self, data: &Path, interrupt: &Interrupt) -> Result<()> {
        let mut edge = Command::new(workspace::target().join("release/schulhof"));
        edge.args(["serve", "--data"])
            .arg(data)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        edge.env("SCHULHOF_READY_FILE", data.join("demo.json"));
        self.launch("schulhof", &edge)?;
        self.wait_for("/healthz", "starting the school's machine", interrupt)
    }

    fn launch(&mut self, name: &'static str, command: &Command) -> Result<()> {
        self.running
            .push(Running::start(name, command, &self.log(name))?);
        Ok(())
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    pub(crate) fn wait_until_ready(&mut self, interrupt: &Interrupt) -> Result<()> {
        self.wait_for("/readyz", "waiting until all parts are ready", interrupt)
    }

    fn wait_for(&mut self, path: &str, what: &str, interrupt: &Interrupt) -> Result<()> {
        let step = Step::start(what);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let deadline = Instant::now() + PATIENCE;
        while http::status(address, path).ok() != Some(200) {
            if let Some(ended) = self.first_to_end() {
                step.failed();
                bail!("{ended}");
            }
            if Instant::now() > deadline {
                step.failed();
                bail!(
                    "http://{address}{path} did not answer 200 within {} s; see {}",
                    PATIENCE.as_secs(),
                    self.logs.display()
                );
            }
            interrupt.check()?;
            pause(Duration::from_millis(50));
        }
        step.done("");
        Ok(())
    }

    /// Waits until we are interrupted, or tells which part ended by itself.
    pub(crate) fn wait_for_an_end(&mut self, interrupt: &Interrupt) -> Option<String> {
        loop {
            if interrupt.is_wanted() {
                return None;
            }
            if let Some(ended) = self.first_to_end() {
                return Some(ended);
            }
            pause(Duration::from_millis(100));
        }
    }

    fn first_to_end(&mut self) -> Option<String> {
        let (name, status) = self
            .running
            .iter_mut()
            .find_map(|running| running.ended().map(|status| (running.name(), status)))?;
        let log = self.log(name);
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let tail: Vec<&str> = text.lines().rev().take(15).collect();
        let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
        Some(format!(
            "{name} ended with {status}; the end of {}:\n{tail}",
            log.display()
        ))
    }

    pub(crate) fn lan_address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn relay_address(&self) -> Option<String> {
        None
    }

    pub(crate) fn authority(&self) -> Option<PathBuf> {
        None
    }
}

impl Drop for Hybrid {
    /// Ends the parts in the reverse of the order in which they were started: visitors first, the switchboard last.
    fn drop(&mut self) {
        while self.running.pop().is_some() {}
    }
}
