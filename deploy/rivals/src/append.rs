//! sqlite-es 0.5 appending durably: so many writers, each on an aggregate of its own, one event a commit, for some seconds.
//! Its own pool and its own SQL; only `synchronous` is FULL instead of its default NORMAL, which would not be durable.
//! Prints one line of JSON.

use anyhow::{Context as _, Result};
use clap::Parser;
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventRepository as _, SerializedEvent};
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlite_es::SqliteEventRepository;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 64)]
    writers: usize,
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    #[arg(long)]
    folder: PathBuf,
    /// How many connections the pool has; 10 is what sqlite-es itself opens
    #[arg(long, default_value_t = 10)]
    connections: u32,
}

/// The table as sqlite-es's own migration makes it.
const TABLE: &str = "CREATE TABLE events (
  aggregate_type text                          NOT NULL,
  aggregate_id   text                          NOT NULL,
  sequence       integer CHECK (sequence >= 0) NOT NULL,
  event_type     text                          NOT NULL,
  event_version  text                          NOT NULL,
  payload        text                          NOT NULL,
  metadata       text                          NOT NULL,
  PRIMARY KEY (aggregate_type, aggregate_id, sequence)
) STRICT";

/// sqlite-es asks for an aggregate only to learn the name of its type.
#[derive(Default, Serialize, Deserialize)]
struct Room;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Said;

impl DomainEvent for Said {
    fn event_type(&self) -> String {
        "MessageSent".into()
    }

    fn event_version(&self) -> String {
        "1".into()
    }
}

impl Aggregate for Room {
    const TYPE: &'static str = "room";
    type Command = ();
    type Event = Said;
    type Error = std::convert::Infallible;
    type Services = ();

    async fn handle(&mut self, (): (), (): &(), _: &EventSink<Self>) -> Result<(), Self::Error> {
        Ok(())
    }

    fn apply(&mut self, _: Said) {}
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let options = SqliteConnectOptions::new()
        .filename(arguments.folder.join("rival.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(arguments.connections)
        .connect_with(options)
        .await
        .context("opening the rival's database")?;
    sqlx::query(TABLE)
        .execute(&pool)
        .await
        .context("making the rival's table")?;
    let repository = Arc::new(SqliteEventRepository::new(pool.clone()));
    let (began, length) = (Instant::now(), Duration::from_secs_f64(arguments.seconds));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..arguments.writers {
        writers.spawn(write(Arc::clone(&repository), writer, began, length));
    }
    let (mut events, mut refused) = (0, 0);
    while let Some(written) = writers.join_next().await {
        let (written, turned_away) = written?;
        events += written;
        refused += turned_away;
    }
    let rate = events as f64 / began.elapsed().as_secs_f64();
    // Closed, the write-ahead log is folded back: the file holds everything, and nothing twice.
    pool.close().await;
    let bytes = std::fs::metadata(arguments.folder.join("rival.db"))?.len();
    println!(
        "{}",
        json!({
            "events_per_second": rate,
            "events": events,
            "refused": refused,
            "bytes_per_event": bytes as f64 / events as f64,
        })
    );
    Ok(())
}

/// One writer's events, and how often the database was too busy for it; those are tried again.
async fn write(
    repository: Arc<SqliteEventRepository>,
    writer: usize,
    began: Instant,
    length: Duration,
) -> (u64, u64) {
    let (mut events, mut refused) = (0_u64, 0_u64);
    while began.elapsed() < length {
        let event = event(writer, events as usize + 1);
        match repository.persist::<Room>(&[event], None).await {
            Ok(()) => events += 1,
            Err(_) => refused += 1,
        }
    }
    (events, refused)
}

/// About the size and shape of the message that our own contender appends.
fn event(writer: usize, sequence: usize) -> SerializedEvent {
    let payload = json!({ "MessageSent": {
        "message": format!("0192f3b7-1c2d-7e4f-8a5b-{sequence:012x}"),
        "author": format!("0192f3b7-1c2d-7e4f-8a5b-{writer:012x}"),
        "number": sequence,
        "text": "Morgen bitte an die Turnschuhe denken, wir gehen bei gutem Wetter auf den Sportplatz.",
    }});
    SerializedEvent::new(
        format!("0192f3b7-1c2d-7e4f-8a5b-{writer:012x}"),
        sequence,
        "room".into(),
        "MessageSent".into(),
        "1".into(),
        payload,
        json!({ "actor": format!("0192f3b7-1c2d-7e4f-8a5b-{writer:012x}") }),
    )
}
