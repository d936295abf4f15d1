//! How fast one core replays a sealed log that is already in memory: the events of the committed sequence, appended again and
//! again by the product's own ledger, then opened, decoded and folded. Reading from a disk is measured elsewhere.
//! Prints one line of JSON; rates are per second of this thread's processor time.

use anyhow::{Context as _, Result};
use clap::Parser;
use edge_kernel::ledger::Stored;
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::access::Access;
use events::accounts::view::{Members, People};
use events::files::view::Files;
use events::messenger::view::Messages;
use events::{AnyEvent, Codec, Kind, Recorded, View};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use std::hint::black_box;

const SEQUENCE: &str = include_str!("../../../events/golden/sequence.json");

#[derive(Parser)]
struct Arguments {
    /// How many events the log holds.
    #[arg(long, default_value_t = 200_000)]
    events: usize,
    /// How often each measurement is made; the median is printed.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let kernel = Kernel::open(
        folder.path(),
        Clock::System,
        Registry::default(),
        &|_, _, _| {},
    )
    .await
    .context("founding a ledger")?;
    let rows = seal(&kernel, arguments.events).await?;
    let bytes: usize = rows.iter().map(size).sum();
    let ledger = &kernel.ledger;
    let rate = |work: &dyn Fn()| rate(arguments.rounds, rows.len(), work);
    let sealed = encode(rows.len())?;
    let decoded = rate(&|| {
        for Encoded(kind, structure, personal) in &sealed {
            let personal = personal.as_deref();
            let event = AnyEvent::decode(Codec::TODAY, *kind, 1, structure, personal);
            black_box(event.expect("what was encoded decodes"));
        }
    });
    let each = |fold: &mut dyn FnMut(Recorded)| {
        let mut opener = ledger.opener();
        for row in &rows {
            fold(opener.open_row(row).expect("what was sealed opens"));
        }
    };
    let opened = rate(&|| each(&mut |event| drop(black_box(event))));
    let access = rate(&|| {
        let mut access = Access::default();
        each(&mut |event| access.apply(&event));
        black_box(access);
    });
    let keys = rate(&|| {
        let mut access = Access::default();
        each(&mut |event| {
            access.apply(&event);
            black_box((People::keys(&event), Members::keys(&event)));
            black_box((Files::keys(&event), Messages::keys(&event)));
        });
        black_box(access);
    });
    println!(
        "{}",
        json!({
            "events": rows.len(),
            "sealed_bytes_per_event": bytes as f64 / rows.len() as f64,
            "decode_per_second": decoded,
            "open_decode_per_second": opened,
            "open_decode_access_per_second": access,
            "open_decode_access_keys_per_second": keys,
        })
    );
    Ok(())
}

/// Appends the sequence over and over and gives back the rows as they are stored.
async fn seal(kernel: &Kernel, count: usize) -> Result<Vec<Stored>> {
    let sequence: Vec<Recorded> = serde_json::from_str(SEQUENCE)?;
    let mut left = count;
    while left > 0 {
        let mut unit = kernel.unit(Order::by(Actor::Machine));
        for recorded in sequence.iter().take(left) {
            unit.event(recorded.stream, recorded.event.clone());
            left -= 1;
        }
        unit.commit().await.context("appending")?;
    }
    let (mut rows, mut after) = (Vec::with_capacity(count), 0);
    loop {
        let page = kernel.ledger.stored(after, 4096).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        rows.extend(page);
    }
    Ok(rows)
}

/// An event as it is before sealing: kind, structure, personal part.
struct Encoded(Kind, Vec<u8>, Option<Vec<u8>>);

/// The sequence over and over, not sealed.
fn encode(count: usize) -> Result<Vec<Encoded>> {
    let sequence: Vec<Recorded> = serde_json::from_str(SEQUENCE)?;
    let events = sequence.iter().cycle().take(count);
    events
        .map(|recorded| {
            let (structure, personal) = recorded.event.encode()?;
            Ok(Encoded(recorded.event.kind().0, structure, personal))
        })
        .collect()
}

fn size(row: &Stored) -> usize {
    row.entry.as_ref().map_or(0, Vec::len) + row.body.as_ref().map_or(0, Vec::len)
}

/// Events per second of processor time: the median of the rounds, after one that warms up.
fn rate(rounds: usize, events: usize, work: &dyn Fn()) -> f64 {
    work();
    let mut rates: Vec<f64> = (0..rounds)
        .map(|_| {
            let began = processor_seconds();
            work();
            events as f64 / (processor_seconds() - began)
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
