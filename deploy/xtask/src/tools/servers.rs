//! The servers that tests speak to, named to them in the environment: `cargo xtask test` starts them, and
//! `cargo xtask with COMMAND` does for whoever runs some tests by hand.

use super::objects::Objects;
use super::postgres::{Cluster, Durability};
use super::{ensure_for_tests, nats_server};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// What is run beside the servers.
#[derive(Args)]
pub(crate) struct With {
    /// Let PostgreSQL wait for the disk, as in production: for measuring by hand
    #[arg(long)]
    durable: bool,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// The servers, for as long as this lives.
pub(crate) struct Servers {
    nats_server: PathBuf,
    postgres: Cluster,
    objects: Objects,
}

impl Servers {
    /// Starts PostgreSQL and an object store and finds nats-server, which tests start for themselves.
    ///
    /// # Errors
    /// When one is missing and cannot be installed, or does not start.
    pub(crate) fn start(durability: Durability) -> Result<Self> {
        Ok(Self {
            nats_server: nats_server()?,
            postgres: Cluster::start(durability)?,
            objects: Objects::start()?,
        })
    }

    /// How tests learn of them.
    pub(crate) fn named(&self) -> [(&'static str, OsString); 3] {
        [
            ("SCHULHOF_NATS_SERVER", self.nats_server.clone().into()),
            ("SCHULHOF_POSTGRES", self.postgres.url().into()),
            ("SCHULHOF_S3", self.objects.url().into()),
        ]
    }
}

/// Runs a command beside the servers.
///
/// # Errors
/// When the servers do not start, or the command ends badly.
pub(crate) fn run_with(with: &With) -> Result<()> {
    ensure_for_tests()?;
    let durability = match with.durable {
        true => Durability::Synced,
        false => Durability::Forgetful,
    };
    let servers = Servers::start(durability)?;
    let (program, arguments) = with.command.split_first().context("no command was named")?;
    let status = Command::new(program)
        .args(arguments)
        .envs(servers.named())
        .status()
        .with_context(|| format!("starting {}", program.to_string_lossy()))?;
    drop(servers);
    if !status.success() {
        bail!("{} ended with {status}", program.to_string_lossy());
    }
    Ok(())
}
