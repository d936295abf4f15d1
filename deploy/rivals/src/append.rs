//! sqlite-es or postgres-es 0.5 appending durably: so many writers, each on an aggregate of its own, one event a commit, for
//! some seconds. Their own SQL and the pool they open themselves; only sqlite-es gets `synchronous` FULL instead of its default
//! NORMAL, which would not be durable. Prints one line of JSON.

use anyhow::{Context as _, Result};
use clap::Parser;
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventRepository, SerializedEvent};
use cqrs_es::{Aggregate, DomainEvent};
use postgres_es::PostgresEventRepository;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlite_es::SqliteEventRepository;
use sqlx::postgres::PgPoolOptions;
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
    /// Where sqlite-es keeps its file
    #[arg(long)]
    folder: PathBuf,
    /// Measures postgres-es in this database instead
    #[arg(long)]
    database: Option<String>,
    /// How many connections the pool has; 10 is what both open themselves
    #[arg(long, default_value_t = 10)]
    connections: u32,
}

/// The table as postgres-es's own migration makes it.
const POSTGRES: &str = "CREATE TABLE events
(
    aggregate_type text                         NOT NULL,
    aggregate_id   text                         NOT NULL,
    sequence       bigint CHECK (sequence >= 0) NOT NULL,
    event_type     text                         NOT NULL,
    event_version  text                         NOT NULL,
    payload        json                         NOT NULL,
    metadata       json                         NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
)";

/// The table as sqlite-es's own migration makes it.
const SQLITE: &str = "CREATE TABLE events (
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
    let measured = match &arguments.database {
        Some(url) => postgres(url, &arguments).await?,
        None => sqlite(&arguments).await?,
    };
    println!("{measured}");
    Ok(())
}

async fn sqlite(arguments: &Arguments) -> Result<Value> {
    let file = arguments.folder.join("rival.db");
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(arguments.connections)
        .connect_with(options)
        .await
        .context("opening the rival's database")?;
    sqlx::query(SQLITE)
        .execute(&pool)
        .await
        .context("making the rival's table")?;
    let mut measured = measure(SqliteEventRepository::new(pool.clone()), arguments).await?;
    // Closed, the write-ahead log is folded back: the file holds everything, and nothing twice.
    pool.close().await;
    let bytes = std::fs::metadata(file)?.len() as f64;
    measured["bytes_per_event"] = json!(bytes / measured["events"].as_f64().unwrap_or(1.0));
    Ok(measured)
}

async fn postgres(url: &str, arguments: &Arguments) -> Result<Value> {
    let pool = PgPoolOptions::new()
        .max_connections(arguments.connections)
        .connect(url)
        .await
        .context("opening the rival's database")?;
    for statement in ["DROP TABLE IF EXISTS events", POSTGRES] {
        sqlx::query(statement)
            .execute(&pool)
            .await
            .context("making the rival's table")?;
    }
    measure(PostgresEventRepository::new(pool.clone()), arguments).await
}

/// Lets all writers write, and counts.
async fn measure<R>(repository: R, arguments: &Arguments) -> Result<Value>
where
    R: PersistedEventRepository + Send + Sync + 'static,
{
    let repository = Arc::new(repository);
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
    Ok(json!({ "events_per_second": rate, "events": events, "refused": refused }))
}

/// One writer's events, and how often the database was too busy for it; those are tried again.
async fn write<R: PersistedEventRepository>(
    repository: Arc<R>,
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
