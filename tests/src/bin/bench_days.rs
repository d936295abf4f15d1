//! 100 days of the reference school in `cargo xtask bench ledger`: 1,750 people of an invented school come 416,187 times, 13,000
//! times on the peak day, and with each visit read, write, store and leave: about five million events. Then the school is
//! closed, opened again, verified and replayed. Prints one line of JSON: seconds, bytes, and resident memory after each fifth.

use anyhow::{Context as _, Result};
use clap::Parser;
use e2e::generator::Chance;
use e2e::seeding::{Wish, seed};
use edge::House;
use edge_kernel::ledger::verify_directory;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::access::Access;
use events::accounts::{AccountsEvent, EndReason, Way};
use events::files::{BlobRef, FilesEvent};
use events::ids::{BlobId, MessageId, NodeId, PersonId, RoomId, SessionId, SpaceId, StreamId};
use events::messenger::MessengerEvent;
use events::messenger::view::Rooms;
use events::{AnyEvent, Personal, Scope, Withheld};
use futures::{StreamExt, TryStreamExt};
use jiff::civil::date;
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use uuid::Uuid;

const PEOPLE: u32 = 1750;
const DAYS: u64 = 100;
/// What the school saw in its first hundred days, and on the fullest of them.
const VISITS: u64 = 416_187;
const PEAK: u64 = 13_000;
const MILLIS_A_DAY: u64 = 24 * 60 * 60 * 1000;
/// Where the days begin: 2026-09-01, 07:00 UTC.
const MORNING: u64 = 1_788_246_000_000;
/// People whose visits are carried out at the same time.
const TOGETHER: usize = 64;
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

/// Where a person may read, write and store.
struct Places {
    person: PersonId,
    rooms: Vec<RoomId>,
    spaces: Vec<SpaceId>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { folder, thin } = Arguments::parse();
    let data = folder.join("data");
    let wish = Wish {
        seed: 1,
        people: PEOPLE,
        everybody: false,
        today: date(2026, 8, 31),
    };
    seed(&data, wish, &|_, _, _| {}).await?;
    let clock = Clock::manual(MORNING);
    let house = House::open(&data, clock.clone(), &|_, _, _| {}).await?;
    let (loaded, memory) = live(&house.kernel, &clock, thin).await?;
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
async fn live(kernel: &Kernel, clock: &Clock, thin: u64) -> Result<(Duration, Vec<u64>)> {
    let people = places(kernel);
    let rooms = kernel
        .views
        .all::<Rooms>(room_scopes(&people))
        .await
        .context("reading the rooms")?;
    let mut said: HashMap<RoomId, u64> = rooms.iter().map(|row| (row.room, row.last)).collect();
    let mut chance = Chance::new(1);
    let mut memory = Vec::new();
    let began = Instant::now();
    for day in 0..DAYS {
        clock.set(MORNING + day * MILLIS_A_DAY);
        let visits = visits(day) / thin;
        let units = (0..visits).map(|_| {
            let places = chance.pick(&people);
            let events = visit(places, &mut chance, &mut said);
            let mut unit = kernel.unit(Order::by(Actor::Person(places.person)));
            for (stream, event) in events {
                unit.event(stream, event);
            }
            unit.commit()
        });
        futures::stream::iter(units)
            .buffer_unordered(TOGETHER)
            .try_for_each(async |_| Ok(()))
            .await
            .context("a visit")?;
        if (day + 1).is_multiple_of(DAYS / 5) {
            let head = kernel.ledger.size();
            kernel.views.wait_for(head, PATIENCE).await?;
            memory.push(resident()?);
        }
    }
    Ok((began.elapsed(), memory))
}

/// How many come on a day: the fullest is the first Monday, the others are alike but for the weekends.
fn visits(day: u64) -> u64 {
    const BUSY: u64 = 6;
    let is_weekend = |day: u64| matches!(day % 7, 4 | 5);
    let weekends = (0..DAYS).filter(|day| is_weekend(*day)).count() as u64;
    let others = DAYS - weekends - 1;
    // On a day of a weekend a quarter of the others' visits.
    let usual = (VISITS - PEAK) * 4 / (others * 4 + weekends);
    match day {
        BUSY => PEAK,
        day if is_weekend(day) => usual / 4,
        _ => usual,
    }
}

fn places(kernel: &Kernel) -> Vec<Places> {
    let access = kernel.ledger.access();
    let roles = [
        events::accounts::Role::Pupil,
        events::accounts::Role::Teacher,
    ];
    let people = roles.into_iter().flat_map(|role| access.holders(role));
    let places = people.map(|person| Places {
        person,
        rooms: access.rooms_of(person),
        spaces: access.spaces_of(person),
    });
    places
        .filter(|places| !places.rooms.is_empty() && !places.spaces.is_empty())
        .collect()
}

fn room_scopes(people: &[Places]) -> Vec<Scope> {
    let rooms = people.iter().flat_map(|places| &places.rooms);
    let mut scopes: Vec<Scope> = rooms.map(|room| Scope::Room(*room)).collect();
    scopes.sort();
    scopes.dedup();
    scopes
}

/// A visit: in, five rooms read, three messages, a file stored, every second one renamed or deleted, out.
fn visit(
    places: &Places,
    chance: &mut Chance,
    said: &mut HashMap<RoomId, u64>,
) -> Vec<(StreamId, AnyEvent)> {
    let person = places.person;
    let session = SessionId(id(chance));
    let own = StreamId(person.0);
    let way = if chance.percent(60) {
        Way::Relay
    } else {
        Way::Lan
    };
    let device = Personal::new("Firefox, Linux".to_owned());
    let mut events: Vec<(StreamId, AnyEvent)> = vec![(
        own,
        AccountsEvent::SignedIn {
            person,
            session,
            device,
            way,
        }
        .into(),
    )];
    for _ in 0..5 {
        let room = *chance.pick(&places.rooms);
        let marks = StreamId(Uuid::from_u128(person.0.as_u128() ^ room.0.as_u128()));
        let up_to = said.get(&room).copied().unwrap_or_default();
        let read = MessengerEvent::RoomRead {
            room,
            person,
            up_to,
        };
        events.push((marks, read.into()));
    }
    for _ in 0..3 {
        let room = *chance.pick(&places.rooms);
        let number = said.entry(room).or_default();
        *number += 1;
        let sent = MessengerEvent::MessageSent {
            room,
            number: *number,
            message: MessageId(id(chance)),
            author: person,
            text: Personal::new(chance.pick(&TEXTS).to_string()),
        };
        events.push((StreamId(room.0), sent.into()));
    }
    events.extend(store(places, chance));
    let ended = AccountsEvent::SessionEnded {
        person,
        session,
        reason: EndReason::SignedOut,
    };
    events.push((own, ended.into()));
    events
}

fn store(places: &Places, chance: &mut Chance) -> Vec<(StreamId, AnyEvent)> {
    let space = *chance.pick(&places.spaces);
    let (node, author) = (NodeId(id(chance)), places.person);
    let name = |number: usize| Personal::new(format!("Arbeitsblatt {number}.pdf"));
    let blob = BlobRef {
        blob: BlobId(id(chance)),
        size: 20_000 + chance.below(400_000) as u64,
        media_type: "application/pdf".into(),
        sha256: format!("{:032x}{:032x}", chance.draw(), chance.draw()),
        key: Withheld::new(format!("{:032x}{:032x}", chance.draw(), chance.draw())),
    };
    let added = FilesEvent::FileAdded {
        space,
        node,
        parent: None,
        name: name(chance.below(10_000)),
        author,
        blob,
    };
    let then = match chance.below(4) {
        0 => Some(FilesEvent::NodeRenamed {
            space,
            node,
            name: name(chance.below(10_000)),
            author,
        }),
        1 => Some(FilesEvent::NodeDeleted {
            space,
            node,
            by: author,
        }),
        _ => None,
    };
    let events = std::iter::once(added).chain(then);
    events
        .map(|event| (StreamId(space.0), event.into()))
        .collect()
}

const TEXTS: [&str; 4] = [
    "Ja, das passt.",
    "Morgen bitte an die Turnschuhe denken, wir gehen bei gutem Wetter auf den Sportplatz.",
    "Ich bin krank und komme heute nicht.",
    "Die Aufgaben auf Seite 47 sind bis Freitag fertig; wer nicht weiterkommt, fragt bitte vorher hier nach und nicht erst in der Stunde.",
];

fn id(chance: &mut Chance) -> Uuid {
    let (high, low) = (u128::from(chance.draw()), u128::from(chance.draw()));
    uuid::Builder::from_u128(high << 64 | low)
        .with_version(uuid::Version::Random)
        .into_uuid()
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
