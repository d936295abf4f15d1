//! `cargo xtask run`: the whole hybrid on this machine, with an invented school in it. Everything is built, missing programs
//! are fetched, and nothing is left running when it ends, however it ends.

mod card;
mod hybrid;
mod interrupt;
mod ports;
mod relay;
mod school;

use crate::{dist, tools, web};
use anyhow::{Result, bail};
use clap::Args;
use hybrid::Hybrid;
use interrupt::Interrupt;
use std::path::PathBuf;

/// What `cargo xtask run` can be told.
#[derive(Args)]
pub(crate) struct Options {
    /// Which school to invent: the same number gives the same people with the same passwords
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many people the school has
    #[arg(long, default_value_t = 1750)]
    people: u32,
    /// Where the school's machine listens
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the school is kept; by default target/demo
    #[arg(long)]
    data: Option<PathBuf>,
    /// Start the school's machine alone, without NATS and relay
    #[arg(long)]
    lan_only: bool,
}

impl Options {
    fn data(&self) -> PathBuf {
        self.data
            .clone()
            .unwrap_or_else(|| crate::workspace::root().join("target/demo"))
    }
}

/// Builds, starts, and stays until it is interrupted or something ends by itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    let nats_server = if options.lan_only {
        None
    } else {
        Some(tools::nats_server()?)
    };
    web::build()?;
    dist::build_binaries()?;
    let data = std::path::absolute(options.data())?;
    card::remove(&data)?;
    let logins = school::ensure(&data, options.seed, options.people)?;
    let mut hybrid = Hybrid::start(&data, options.port, nats_server.as_deref(), &interrupt)?;
    let card = card::Card::new(&hybrid, logins);
    card.write(&data)?;
    hybrid.wait_until_ready()?;
    card.print();
    let ended = hybrid.wait_for_an_end();
    card::remove(&data)?;
    drop(hybrid);
    match ended {
        None => Ok(()),
        Some(ended) => bail!("{ended}"),
    }
}
