//! A school of a million events and 5 GB of files moves to another process while people write, for `cargo xtask bench move`. Prints one
//! line of JSON: how long the move took, and the longest time in which nobody was told that a message is written. It fails when an
//! acknowledged message is missing or there twice, or when one of the two logs does not verify.

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use e2e::api::Api;
use e2e::process::{Process, console_within};
use e2e::seeding::days::{self, DAYS, Days, MORNING};
use e2e::writers::{Writers, are_there_once, longest_pause};
use edge::House;
use edge_kernel::Clock;
use edge_kernel::ledger::{moved_away, verify_directory};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One visit of so many takes place, which makes a million events.
const THIN: u64 = 4;
/// The files' size, and how many there are.
const FILE: usize = 100 << 20;
const FILES: u64 = 50;
/// What each writer rests between two messages.
const REST: Duration = Duration::from_millis(5);
/// After so long a move has failed.
const PATIENCE: Duration = Duration::from_secs(1800);

#[derive(Parser)]
struct Arguments {
    /// An empty folder with room for twice the school
    #[arg(long)]
    folder: PathBuf,
    /// One file of so many, and one event of so many only: to try it out
    #[arg(long, default_value_t = 1)]
    thin: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { folder, thin } = Arguments::parse();
    let (old, new) = (folder.join("old"), folder.join("new"));
    let events = live(&old, THIN * thin).await?;
    let mut serving = Process::serve(&old, &folder.join("old.log")).await?;
    let desk = Desk::of(&old, Api::new(serving.address())).await?;
    desk.fill(FILES / thin).await?;
    eprintln!("{events} events and {} files are there", FILES / thin);

    let writers = Writers::start(&desk.api, &desk.room, &desk.person, REST);
    writers.to(serving.address());
    let mut receiving = Process::receive(&new, &folder.join("new.log"))?;
    let code = receiving.code().await?;
    let began = Instant::now();
    let arrived = async {
        let receiving = receiving.ready_within(PATIENCE).await?;
        writers.to(receiving.address());
        anyhow::Ok(receiving)
    };
    let arguments = ["move", "--to", code.as_str()];
    let moved = async {
        let ran = console_within(&old, arguments, PATIENCE).await;
        ensure!(ran.success, "the move failed: {}{}", ran.out, ran.err);
        Ok(began.elapsed())
    };
    let (took, arrived) = tokio::try_join!(moved, arrived)?;
    let ended = serving.ended(Duration::from_secs(60)).await?;
    ensure!(ended.success(), "the old machine ended badly");

    tokio::time::sleep(Duration::from_secs(1)).await;
    let written = writers.finish().await;
    are_there_once(&desk.api.at(arrived.address()), &desk.room, &written).await?;
    arrived.stop().await?;
    ensure!(
        moved_away(&old).await?.is_some(),
        "the old log is not sealed"
    );
    let report = verify_directory(&new, &|_, _| {}).await?;
    ensure!(report.problems.is_empty(), "the log does not verify");
    println!(
        "{}",
        json!({
            "events": events,
            "files_bytes": FILE as u64 * (FILES / thin),
            "written": written.len(),
            "move_seconds": took.as_secs_f64(),
            "pause_seconds": longest_pause(&written).as_secs_f64(),
        })
    );
    Ok(())
}

/// Makes the school, and lets its days pass; how many events it has.
async fn live(data: &Path, thin: u64) -> Result<u64> {
    days::found(data).await?;
    let house = House::open(data, Clock::manual(MORNING), &|_, _, _| {}).await?;
    let mut days = Days::before(&house.kernel, thin).await?.without_files();
    for day in 0..DAYS {
        days.pass(day).await?;
    }
    let events = house.kernel.ledger.size();
    house.close().await;
    Ok(events)
}

/// A teacher who has signed in, and where they write and store.
struct Desk {
    api: Api,
    person: String,
    room: String,
    space: String,
}

impl Desk {
    async fn of(data: &Path, api: Api) -> Result<Self> {
        let seeded = std::fs::read(data.join("seeded.json")).context("reading the logins")?;
        let seeded: Value = serde_json::from_slice(&seeded)?;
        let login = |field: &str| {
            seeded["logins"]["teacher"][field]
                .as_str()
                .map(str::to_owned)
        };
        let (name, password) = login("login")
            .zip(login("password"))
            .context("no teacher")?;
        api.sign_in(&name, &password).await.ok();
        let session = api.get("/api/session").await.ok();
        let person = text(&session["person"]);
        let id = |rows: Vec<Value>, name: &str| rows.first().map(|row| text(&row["row"][name]));
        Ok(Self {
            person,
            room: id(api.rows("messenger/rooms", "").await, "room").context("no room")?,
            space: id(api.rows("files/spaces", "").await, "space").context("no space")?,
            api,
        })
    }

    /// Stores files that no two blocks of are alike.
    async fn fill(&self, files: u64) -> Result<()> {
        let mut content = vec![0_u8; FILE];
        for number in 0..files {
            let mut noise = number + 1;
            for word in content.chunks_exact_mut(8) {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                word.copy_from_slice(&noise.to_le_bytes());
            }
            let name = format!("Film {number}.mp4");
            let stored = self.api.upload(&self.space, &name, &content).await;
            ensure!(stored.status < 300, "a file is refused: {}", stored.text());
        }
        Ok(())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
