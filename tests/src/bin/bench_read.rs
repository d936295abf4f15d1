//! Reading in `cargo xtask bench ledger`: a house's log of the committed sequence, appended again and again, is replayed from
//! segments (read, opened, decoded, folded into access) and from the log itself, all views are folded anew, and beside
//! it the same events are read as plain JSON rows, one by one, as sqlite-es stores them, decoded and folded the same way.
//! Prints one line of JSON; rates are events per second of the process's processor time.

use anyhow::{Context as _, Result};
use clap::Parser;
use edge::House;
use edge_kernel::ledger::segment::SegmentReader;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::access::Access;
use events::{AnyEvent, Recorded};
use futures::TryStreamExt;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SEQUENCE: &str = include_str!("../../../events/golden/sequence.json");

/// How long the views may take to catch up.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Parser)]
struct Arguments {
    /// How many events the log holds.
    #[arg(long, default_value_t = 200_000)]
    events: u64,
    #[arg(long)]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { events, folder } = Arguments::parse();
    let (data, segments) = (folder.join("data"), folder.join("segments"));
    std::fs::create_dir_all(&segments)?;
    let house = House::open(&data, Clock::System, &|_, _, _| {}).await?;
    let kernel = &house.kernel;
    let sequence: Vec<Recorded> = serde_json::from_str(SEQUENCE)?;
    fill(kernel, &sequence, events).await?;
    let events = kernel.ledger.size();
    kernel.views.wait_for(events, PATIENCE).await?;
    kernel
        .ledger
        .write_segments(&segments, 0, events, &|_, _| {})
        .await?;
    let bytes = std::fs::metadata(data.join("log.db"))?.len();
    let from_segments = timed(events, || replay(kernel, &segments))?;
    let began = processor_seconds();
    let mut access = Access::default();
    let fold = |event: &Recorded| access.apply(event);
    kernel.ledger.fold_all(0, events, fold).await?;
    let from_log = events as f64 / (processor_seconds() - began);
    let began = processor_seconds();
    kernel.views.rebuild().await?;
    let rebuilt = events as f64 / (processor_seconds() - began);
    let (mut rows, rival_bytes) = plain(&folder.join("rival.db"), &sequence, events).await?;
    let began = processor_seconds();
    fold_rows(&mut rows).await?;
    let by_rows = events as f64 / (processor_seconds() - began);
    println!(
        "{}",
        json!({
            "events": events,
            "bytes_per_event": bytes as f64 / events as f64,
            "rival_bytes_per_event": rival_bytes as f64 / events as f64,
            "segments_per_second": from_segments,
            "log_per_second": from_log,
            "views_per_second": rebuilt,
            "rows_per_second": by_rows,
        })
    );
    Ok(())
}

async fn fill(kernel: &Kernel, sequence: &[Recorded], events: u64) -> Result<()> {
    while kernel.ledger.size() < events {
        let mut unit = kernel.unit(Order::by(Actor::Machine));
        for recorded in sequence {
            unit.event(recorded.stream, recorded.event.clone());
        }
        unit.commit().await.context("appending")?;
    }
    Ok(())
}

/// Reads, opens, decodes and folds every event of the segments.
fn replay(kernel: &Kernel, segments: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(segments)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut access = Access::default();
    let mut opener = kernel.ledger.opener();
    for file in files {
        let mut reader = SegmentReader::open_known(std::fs::File::open(file)?)?;
        while let Some(block) = reader.next_block()? {
            for piece in block.iter() {
                if let Some(event) = opener.open_piece(&piece)? {
                    access.apply(&event);
                }
            }
        }
    }
    black_box(access);
    Ok(())
}

/// The same events as plain rows, in the table that sqlite-es's own migration makes; and how large the file is.
async fn plain(file: &Path, sequence: &[Recorded], events: u64) -> Result<(SqliteConnection, u64)> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    let mut db = options.connect().await?;
    let table = "CREATE TABLE events (
        aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence integer CHECK (sequence >= 0) NOT NULL,
        event_type text NOT NULL, event_version text NOT NULL, payload text NOT NULL, metadata text NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence)) STRICT";
    sqlx::raw_sql(table).execute(&mut db).await?;
    let mut transaction = db.begin().await?;
    for (number, recorded) in (1_i64..).zip(sequence.iter().cycle().take(usize::try_from(events)?))
    {
        sqlx::query("INSERT INTO events VALUES (?, ?, ?, ?, '1', ?, ?)")
            .bind(recorded.event.module())
            .bind(recorded.stream.to_string())
            .bind(number)
            .bind(recorded.event.kind().1)
            .bind(serde_json::to_string(&recorded.event)?)
            .bind(json!({ "actor": recorded.actor, "at": recorded.at }).to_string())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok((db, std::fs::metadata(file)?.len()))
}

/// Reads the plain rows one by one, decodes and folds them.
async fn fold_rows(db: &mut SqliteConnection) -> Result<()> {
    let mut access = Access::default();
    let sql = "SELECT aggregate_id, sequence, payload, metadata FROM events ORDER BY rowid";
    let mut rows = sqlx::query(sql).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let metadata: serde_json::Value = serde_json::from_str(row.try_get(3)?)?;
        let event: AnyEvent = serde_json::from_str(row.try_get(2)?)?;
        access.apply(&Recorded {
            position: u64::try_from(row.try_get::<i64, _>(1)?)?,
            at: metadata["at"].as_u64().unwrap_or_default(),
            stream: row.try_get::<&str, _>(0)?.parse()?,
            version: 1,
            actor: serde_json::from_value(metadata["actor"].clone())?,
            event,
        });
    }
    black_box(access);
    Ok(())
}

/// Events per second of processor time, after one round that warms up.
fn timed(events: u64, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    work()?;
    let began = processor_seconds();
    work()?;
    Ok(events as f64 / (processor_seconds() - began))
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
