//! `schulhof-demo`: makes an invented school in a data directory, for `cargo xtask run` and the login bench. Nothing of it
//! belongs on a school's own machine.

use anyhow::{Context as _, Result};
use clap::Parser;
use e2e::seeding::{Wish, seed};
use edge_kernel::Clock;
use jiff::civil::Date;
use std::path::PathBuf;
use std::sync::Mutex;

#[derive(Parser)]
#[command(name = "schulhof-demo", about = "Makes an invented school")]
struct Arguments {
    /// The data directory; it must not hold a school yet
    #[arg(long)]
    data: PathBuf,
    /// The same number gives the same people with the same passwords
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many people the school has
    #[arg(long, default_value_t = 1750)]
    people: u32,
    /// The day on which its history ends; today when left out
    #[arg(long)]
    until: Option<Date>,
    /// Give everybody their password, and write them beside the log
    #[arg(long)]
    everybody: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments {
        data,
        seed: number,
        people,
        until,
        everybody,
    } = Arguments::parse();
    let today = until.unwrap_or_else(|| Clock::System.today());
    let last = Mutex::new(String::new());
    let told = |what: &str, done: u64, of: u64| {
        let line = if of > 1 {
            format!("{what}: {done} of {of}")
        } else {
            what.to_owned()
        };
        let mut last = last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if *last != line {
            eprintln!("{line}");
            *last = line;
        }
    };
    let wish = Wish {
        seed: number,
        people,
        everybody,
        today,
    };
    seed(&data, wish, &told)
        .await
        .with_context(|| format!("making a school in {}", data.display()))
}
