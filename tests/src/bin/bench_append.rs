//! Our contender in `cargo xtask bench ledger`: so many writers, each sending messages into a room of its own, one command
//! a commit, for some seconds. Every message is decided, sealed, hashed into the tree and durable before the next.
//! Prints one line of JSON.

use anyhow::{Context as _, Result};
use clap::Parser;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use edge_kernel::database::Server;
use edge_kernel::ledger::Opening;
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::Personal;
use events::ids::{MessageId, PersonId, RoomId, StreamId};
use events::messenger::MessengerEvent;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use uuid::Uuid;

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 64)]
    writers: u64,
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    #[arg(long)]
    folder: PathBuf,
    /// Do not wait for the disk: only to measure what waiting costs
    #[arg(long)]
    no_sync: bool,
    /// A PostgreSQL database of one's own for the log; the folder then holds the keys. It may hold a password: not for the command line
    #[arg(long, env = "SCHULHOF_DATABASE_URL", hide_env_values = true)]
    database: Option<Server>,
}

/// A room that does no more than count, so that the log is measured and not the messenger.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Room {
    messages: u64,
}

#[derive(Clone)]
struct Say {
    room: RoomId,
    author: PersonId,
}

impl Aggregate for Room {
    const TYPE: &'static str = "room";
    type Command = Say;
    type Event = MessengerEvent;
    type Error = std::convert::Infallible;
    type Services = ();

    async fn handle(
        &mut self,
        say: Say,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        let number = self.messages + 1;
        let event = MessengerEvent::MessageSent {
            room: say.room,
            message: MessageId(Uuid::from_u128(u128::from(number))),
            author: say.author,
            number,
            text: Personal::new("Morgen bitte an die Turnschuhe denken, wir gehen bei gutem Wetter auf den Sportplatz.".into()),
        };
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, _: MessengerEvent) {
        self.messages += 1;
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let opening = Opening {
        directory: &arguments.folder,
        clock: Clock::System,
        progress: &|_, _, _| {},
        server: arguments.database.clone(),
        durable: !arguments.no_sync,
    };
    let kernel = Kernel::open_as(opening, Registry::default())
        .await
        .context("opening the ledger")?;
    let worked = processor_seconds();
    let (began, length) = (Instant::now(), Duration::from_secs_f64(arguments.seconds));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 1..=arguments.writers {
        writers.spawn(write(kernel.clone(), writer, began, length));
    }
    let mut events = 0;
    while let Some(written) = writers.join_next().await {
        events += written??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let worked = processor_seconds() - worked;
    let Kernel { ledger, views, .. } = kernel;
    views.close().await;
    drop(views);
    ledger.close().await;
    // Closed, the write-ahead log is folded back: the file holds everything, and nothing twice. What a server's files hold is no
    // measure of the log's own.
    let bytes = match arguments.database {
        None => std::fs::metadata(arguments.folder.join("log.db"))?.len(),
        Some(_) => 0,
    };
    println!(
        "{}",
        json!({
            "events_per_second": events as f64 / seconds,
            "events": events,
            "processor_micros_per_event": worked * 1e6 / events as f64,
            "bytes_per_event": bytes as f64 / events as f64,
        })
    );
    Ok(())
}

/// Processor time of the whole process, the generator of commands included.
fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

async fn write(kernel: Kernel, writer: u64, began: Instant, length: Duration) -> Result<u64> {
    let id = Uuid::from_u128(u128::from(writer) << 64 | 0x4000_8000);
    let say = Say {
        room: RoomId(id),
        author: PersonId(id),
    };
    let mut events = 0;
    while began.elapsed() < length {
        let order = Order::by(Actor::Person(say.author));
        kernel
            .execute::<Room>(StreamId(id), say.clone(), order)
            .await
            .context("appending")?;
        events += 1;
    }
    Ok(events)
}
