//! 100 days of the reference school in `cargo xtask bench ledger`: 1,750 people of an invented school come 416,187 times, 13,000
//! times on the peak day, and with each visit read, write, store and leave: about five million events. Then the school is
//! closed, opened again, verified and replayed. Prints one line of JSON: seconds, bytes, and resident memory after each fifth.

use anyhow::{Context as _, Result};
use clap::Parser;
use e2e::seeding::days::{self, DAYS, Days, MORNING};
use edge::House;
use edge_kernel::ledger::verify_directory;
use edge_kernel::{Clock, Kernel};
use events::access::Access;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the views may take to catch up with a fifth.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    folder: PathBuf,
    /// One visit of so many only: to try it out
    #[arg(long, default_value_t = 1)]
    thin: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { folder, thin } = Arguments::parse();
    let data = folder.join("data");
    days::found(&data).await?;
    let clock = Clock::manual(MORNING);
    let house = House::open(&data, clock, &|_, _, _| {}).await?;
    let (loaded, memory) = live(&house.kernel, thin).await?;
    let events = house.kernel.ledger.size();
    house.close().await;
    let (log, views) = (bytes(&data.join("log.db"))?, bytes(&data.join("views.db"))?);
    let began = Instant::now();
    let report = verify_directory(&data, &|_, _| {}).await?;
    let verified = began.elapsed();
    anyhow::ensure!(report.problems.is_empty(), "the log does not verify");
    let began = Instant::now();
    let house = House::open(&data, Clock::manual(MORNING), &|_, _, _| {}).await?;
    let opened = began.elapsed();
    let began = Instant::now();
    let mut access = Access::default();
    let fold = |event: &events::Recorded| access.apply(event);
    house.kernel.ledger.fold_all(0, events, fold).await?;
    let replayed = began.elapsed();
    drop(access);
    let began = Instant::now();
    house.kernel.views.rebuild().await?;
    let rebuilt = began.elapsed();
    house.close().await;
    println!(
        "{}",
        json!({
            "events": events,
            "load_seconds": loaded.as_secs_f64(),
            "log_bytes": log,
            "views_bytes": views,
            "verify_seconds": verified.as_secs_f64(),
            "open_seconds": opened.as_secs_f64(),
            "replay_seconds": replayed.as_secs_f64(),
            "views_seconds": rebuilt.as_secs_f64(),
            "memory_bytes": memory,
        })
    );
    Ok(())
}

/// Lets the days pass; how long that took, and the resident memory after each fifth of them, the views caught up.
async fn live(kernel: &Kernel, thin: u64) -> Result<(Duration, Vec<u64>)> {
    let mut days = Days::before(kernel, thin).await?;
    let mut memory = Vec::new();
    let began = Instant::now();
    for day in 0..DAYS {
        days.pass(day).await?;
        if (day + 1).is_multiple_of(DAYS / 5) {
            let head = kernel.ledger.size();
            kernel.views.wait_for(head, PATIENCE).await?;
            memory.push(resident()?);
        }
    }
    Ok((began.elapsed(), memory))
}

fn bytes(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file)?.len())
}

/// The memory that this process holds, in bytes.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: u64 = kibibytes
        .context("the system does not tell how much memory is held")?
        .parse()?;
    Ok(kibibytes * 1024)
}
