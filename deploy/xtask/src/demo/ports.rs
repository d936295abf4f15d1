//! The ports of the demo's relay and NATS. They are chosen once per data folder and kept, because the school's machine
//! remembers where it enrolled; the usual ones where they are free, others where a second demo runs beside the first.

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

/// Where the relay and NATS listen, all on loopback.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Ports {
    pub(crate) front: u16,
    pub(crate) link: u16,
    pub(crate) enrol: u16,
    pub(crate) metrics: u16,
    pub(crate) nats: u16,
}

const USUAL: Ports = Ports {
    front: 8443,
    link: 8444,
    enrol: 8445,
    metrics: 8446,
    nats: 8447,
};

impl Ports {
    /// The folder's ports, chosen now if there are none yet.
    ///
    /// # Errors
    /// When another program has taken one of them since.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let path = folder.join("ports.json");
        if let Ok(text) = std::fs::read_to_string(&path) {
            let ports: Self = serde_json::from_str(&text)
                .with_context(|| format!("reading {}", path.display()))?;
            ports.check()?;
            return Ok(ports);
        }
        let ports = Self::choose()?;
        std::fs::write(&path, serde_json::to_string(&ports)?)
            .with_context(|| format!("writing {}", path.display()))?;
        Ok(ports)
    }

    fn choose() -> Result<Self> {
        // All are held at once, so that no two of ours are the same.
        let mut held = Vec::new();
        let mut free = |usual: u16| -> Result<u16> {
            let listener = listen(usual)
                .or_else(|_| listen(0))
                .context("looking for a free port")?;
            let port = listener.local_addr()?.port();
            held.push(listener);
            Ok(port)
        };
        Ok(Self {
            front: free(USUAL.front)?,
            link: free(USUAL.link)?,
            enrol: free(USUAL.enrol)?,
            metrics: free(USUAL.metrics)?,
            nats: free(USUAL.nats)?,
        })
    }

    fn check(self) -> Result<()> {
        for port in [self.front, self.link, self.enrol, self.metrics, self.nats] {
            if listen(port).is_err() {
                bail!(
                    "port {port} of the demo's relay is taken: end the other program, or name another folder with --data"
                );
            }
        }
        Ok(())
    }
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}
