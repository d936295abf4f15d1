//! `cargo xtask run`: the whole hybrid on this machine, with an invented school in it. Everything is built, missing programs
//! are fetched, and nothing is left running when it ends, however it ends.

mod card;
mod hybrid;
mod interrupt;
mod part;
mod ports;
pub(crate) mod relay;
mod school;

pub(crate) use hybrid::Hybrid;
pub(crate) use ports::Ports;
pub(crate) use school::Passwords;

use crate::{dist, tools, web};
use anyhow::{Context as _, Result};
use clap::Args;
use interrupt::Interrupt;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

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

/// Builds, starts, and stays until it is interrupted. A part that ends by itself is started again.
pub(crate) fn run(options: &Options) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    let nats_server = if options.lan_only {
        None
    } else {
        Some(tools::nats_server()?)
    };
    web::build()?;
    dist::build_binaries(&dist::DEMO)?;
    let data = std::path::absolute(options.data())?;
    card::remove(&data)?;
    let logins = school::ensure(&data, options.seed, options.people, Passwords::Shown)?;
    let started = Hybrid::start(&data, options.port, nats_server.as_deref(), &interrupt);
    let mut hybrid = started.with_context(|| {
        // While the log's format is young, yesterday's demo may not open today.
        let data = data.display();
        format!("the demo did not start; if it was made by an older build, type `rm -r {data}`")
    })?;
    let card = card::Card::new(&hybrid, logins);
    card.write(&data)?;
    hybrid.wait_until_ready()?;
    card.print();
    let kept = hybrid.keep_running();
    card::remove(&data)?;
    drop(hybrid);
    kept
}

/// The end of a log, for whoever has to find out why a program ended.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let tail: Vec<&str> = text.lines().rev().take(15).collect();
    tail.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// Builds and starts a school's machine without NATS and relay, for a bench. It ends when the handle is dropped.
pub(crate) fn start_alone(
    data: &Path,
    seed: u64,
    people: u32,
    passwords: Passwords,
    port: u16,
) -> Result<Hybrid> {
    let interrupt = Interrupt::listen()?;
    web::build()?;
    dist::build_binaries(&dist::BENCHES)?;
    card::remove(data)?;
    school::ensure(data, seed, people, passwords)?;
    Hybrid::start(data, port, None, &interrupt)
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
