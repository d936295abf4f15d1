//! The demo's relay: a process of its own with a folder of its own, as if it stood somewhere else. Only its loopback
//! addresses and the missing password on NATS tell it from a real one.

use super::ports::Ports;
use crate::command;
use crate::workspace;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Schools are reached at `<school>.<domain>`; browsers resolve anything below `localhost` to this machine.
pub(crate) const DOMAIN: &str = "relay.localhost";
/// The demo's school.
pub(crate) const SCHOOL: &str = "kgs";

/// Writes the relay's and NATS's configuration.
pub(crate) fn configure(folder: &Path, ports: Ports) -> Result<()> {
    let Ports {
        front,
        link,
        enrol,
        metrics,
        nats,
    } = ports;
    let data = folder.join("relay");
    let relay = format!(
        "id = \"demo\"\ndomain = \"{DOMAIN}\"\ndata = {data:?}\n\n[listen]\nfront = [\"127.0.0.1:{front}\"]\nlink = \"127.0.0.1:{link}\"\nenrol = \"127.0.0.1:{enrol}\"\nmetrics = \"127.0.0.1:{metrics}\"\n\n[nats]\nurl = \"nats://127.0.0.1:{nats}\"\n"
    );
    std::fs::write(relay_configuration(folder), relay)
        .context("writing the relay's configuration")?;
    let nats = format!("listen: \"127.0.0.1:{nats}\"\nserver_name: demo\nmax_payload: 65536\n");
    std::fs::write(nats_configuration(folder), nats).context("writing the configuration of NATS")
}

/// The program with its arguments.
pub(crate) fn serve(folder: &Path) -> Command {
    let mut relay = program();
    relay
        .args(["serve", "--config"])
        .arg(relay_configuration(folder));
    relay
}

/// NATS with its arguments.
pub(crate) fn nats(program: &Path, folder: &Path) -> Command {
    let mut nats = Command::new(program);
    nats.arg("--config").arg(nats_configuration(folder));
    nats
}

/// A one-time token with which the school's machine may enrol.
pub(crate) fn token(folder: &Path) -> Result<String> {
    let mut enrol = program();
    enrol
        .args(["enrol", SCHOOL, "--config"])
        .arg(relay_configuration(folder));
    command::answer(&mut enrol)
        .with_context(|| format!("`{}` gave no token", command::describe(&enrol)))
}

fn program() -> Command {
    Command::new(workspace::target().join("release/schulhof-relay"))
}

fn relay_configuration(folder: &Path) -> PathBuf {
    folder.join("relay.toml")
}

fn nats_configuration(folder: &Path) -> PathBuf {
    folder.join("nats.conf")
}
