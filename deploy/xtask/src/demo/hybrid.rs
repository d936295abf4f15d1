//! The running parts: NATS, the relay and the school's machine, each a process of its own with a log of its own.

use super::interrupt::Interrupt;
use super::part::Part;
use super::ports::Ports;
use super::relay;
use crate::processes::pause;
use crate::progress::Step;
use crate::{http, workspace};
use anyhow::{Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Long enough for a log of some weeks to be verified on a slow disk.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything that runs, in the order in which it was started.
pub(crate) struct Hybrid {
    running: Vec<Part>,
    data: PathBuf,
    port: u16,
    ports: Option<Ports>,
    interrupt: Interrupt,
}

impl Hybrid {
    /// Starts the parts, each once the one before it answers. Without a NATS server the school's machine is alone.
    pub(crate) fn start(
        data: &Path,
        port: u16,
        nats_server: Option<&Path>,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let mut hybrid = Self {
            running: Vec::new(),
            data: data.to_owned(),
            port,
            ports: None,
            interrupt: interrupt.clone(),
        };
        std::fs::create_dir_all(hybrid.folder())?;
        if loopback_answers(port) {
            bail!("port {port} is taken: end the other program, or name another with --port");
        }
        if let Some(nats_server) = nats_server {
            hybrid.start_relay(nats_server)?;
        }
        hybrid.start_edge()?;
        Ok(hybrid)
    }

    /// What is the demo's and not the school's.
    fn folder(&self) -> PathBuf {
        self.data.join("demo")
    }

    fn start_relay(&mut self, nats_server: &Path) -> Result<()> {
        let folder = self.folder();
        let ports = Ports::of(&folder)?;
        relay::configure(&folder, ports)?;
        self.launch("nats-server", relay::nats(nats_server, &folder))?;
        self.wait("starting NATS", || loopback_answers(ports.nats))?;
        self.launch("schulhof-relay", relay::serve(&folder))?;
        let metrics = loopback(ports.metrics);
        self.wait("starting the relay", || {
            status(metrics, "/healthz") == Some(200)
        })?;
        self.ports = Some(ports);
        Ok(())
    }

    fn start_edge(&mut self) -> Result<()> {
        let mut edge = Command::new(workspace::target().join("release/schulhof"));
        edge.args(["serve", "--data"])
            .arg(&self.data)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        edge.env("SCHULHOF_READY_FILE", self.data.join("demo.json"));
        if let Some(ports) = self.ports {
            edge.env(
                "SCHULHOF_RELAY__NATS__URL",
                format!("nats://127.0.0.1:{}", ports.nats),
            );
            if !self.data.join("relay/identity.json").exists() {
                edge.env(
                    "SCHULHOF_RELAY__ENROL",
                    format!("127.0.0.1:{}", ports.enrol),
                );
                edge.env("SCHULHOF_RELAY__TOKEN", relay::token(&self.folder())?);
            }
        }
        self.launch("schulhof", edge)?;
        let address = loopback(self.port);
        self.wait("starting the school's machine", || {
            status(address, "/healthz") == Some(200)
        })?;
        if let Some(ports) = self.ports {
            let metrics = loopback(ports.metrics);
            self.wait("waiting for the school at the relay", || has_link(metrics))?;
        }
        Ok(())
    }

    fn launch(&mut self, name: &'static str, command: Command) -> Result<()> {
        let log = self.folder().join(format!("{name}.log"));
        self.running.push(Part::start(name, command, log)?);
        Ok(())
    }

    /// Waits until the school's machine says that everything is there.
    pub(crate) fn wait_until_ready(&mut self) -> Result<()> {
        let address = loopback(self.port);
        self.wait("waiting until all parts are ready", || {
            status(address, "/readyz") == Some(200)
        })
    }

    fn wait(&mut self, what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
        let step = Step::start(what);
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            let problem = self.first_to_end().or_else(|| {
                (Instant::now() > deadline).then(|| {
                    format!(
                        "nothing after {} s; the logs are in {}",
                        PATIENCE.as_secs(),
                        self.folder().display()
                    )
                })
            });
            if let Some(problem) = problem {
                step.failed();
                bail!("{problem}");
            }
            self.interrupt.check()?;
            pause(Duration::from_millis(50));
        }
        step.done("");
        Ok(())
    }

    /// Keeps all parts running until we are interrupted.
    ///
    /// # Errors
    /// When a part ends again and again.
    pub(crate) fn keep_running(&mut self) -> Result<()> {
        while !self.interrupt.is_wanted() {
            for part in &mut self.running {
                part.keep_running(Instant::now())?;
            }
            pause(Duration::from_millis(100));
        }
        Ok(())
    }

    fn first_to_end(&mut self) -> Option<String> {
        self.running.iter_mut().find_map(Part::ended)
    }

    pub(crate) fn lan_address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn relay_address(&self) -> Option<String> {
        self.ports.map(|ports| {
            format!(
                "https://{}.{}:{}",
                relay::SCHOOL,
                relay::DOMAIN,
                ports.front
            )
        })
    }

    /// The development authority that signed the certificate of the relay address.
    pub(crate) fn authority(&self) -> Option<PathBuf> {
        self.ports.map(|_| self.data.join("tls/ca.pem"))
    }
}

impl Drop for Hybrid {
    /// Ends the parts in the reverse of the order in which they were started: the school first, the switchboard last.
    fn drop(&mut self) {
        while self.running.pop().is_some() {}
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn loopback_answers(port: u16) -> bool {
    TcpStream::connect_timeout(&loopback(port), Duration::from_secs(1)).is_ok()
}

fn status(address: SocketAddr, path: &str) -> Option<u16> {
    http::get(address, path).ok().map(|answer| answer.status)
}

/// Whether the relay has a link to the school.
fn has_link(metrics: SocketAddr) -> bool {
    let page = http::get(metrics, "/metrics")
        .map(|answer| answer.body)
        .unwrap_or_default();
    page.lines().any(|line| {
        line.strip_prefix("schulhof_relay_schools_linked ")
            .is_some_and(|count| count.trim() != "0")
    })
}
