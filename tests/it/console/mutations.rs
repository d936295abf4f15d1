//! A generated log, exported; then thousands of random changes, in the export and in the log's own tables. Not one may go
//! unnoticed, and whatever lies at a position is named by it.

mod log;
mod package;

use e2e::generator::Chance;
use e2e::process::console;
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::ids::{MessageId, PersonId, RoomId, StreamId};
use events::messenger::MessengerEvent;
use events::{AnyEvent, Audience, Personal};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Events in the generated log: two whole blocks of a segment and a part of a third, and several tiles.
const EVENTS: u64 = 2500;

/// What was changed, in words, and between which positions; none when it is at no position.
struct Changed {
    what: String,
    positions: Option<RangeInclusive<u64>>,
}

/// Writes a log of messages in rooms that take turns, with checkpoints between them.
async fn generate(directory: &Path, chance: &mut Chance) {
    let clock = Clock::manual(1_795_420_800_000);
    let kernel = Kernel::open(directory, clock, Registry::default(), &|_, _, _| {})
        .await
        .expect("the kernel opens");
    let people: Vec<PersonId> = (0..20).map(|_| PersonId(chance.id())).collect();
    let rooms: Vec<RoomId> = (0..25).map(|_| RoomId(chance.id())).collect();
    let mut numbers = vec![0_u64; rooms.len()];
    while kernel.ledger.size() < EVENTS {
        let mut unit = kernel.unit(Order::by(Actor::Machine));
        while unit.len() < 100 {
            let at = chance.below(rooms.len());
            let (room, author) = (rooms[at], *chance.pick(&people));
            let event = match numbers[at] {
                0 => MessengerEvent::RoomOpened {
                    room,
                    audience: Audience::Pair(author, author),
                },
                number => MessengerEvent::MessageSent {
                    room,
                    number,
                    message: MessageId(chance.id()),
                    author,
                    text: Personal::new("Wort ".repeat(1 + chance.below(30))),
                },
            };
            numbers[at] += 1;
            unit.event(StreamId(room.0), AnyEvent::Messenger(event));
        }
        unit.commit().await.expect("it is appended");
        if chance.percent(30) {
            kernel.ledger.checkpoint().await.expect("it is signed");
        }
    }
    let Kernel { ledger, views, .. } = kernel;
    views.close().await;
    drop(views);
    ledger.close().await;
}

/// A generated log and its export.
async fn scene(chance: &mut Chance) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let root = tempfile::tempdir().expect("a directory of our own");
    let (data, out) = (root.path().join("data"), root.path().join("export"));
    generate(&data, chance).await;
    let path = out.to_str().expect("a path in UTF-8");
    let (until, whole) = (
        EVENTS.to_string(),
        console(&data, ["audit", "verify"]).await,
    );
    whole.ok();
    console(&data, ["audit", "export", "--out", path, "--until", &until])
        .await
        .ok();
    (root, data, out)
}

/// Whether one of the positions is named, alone or by a text that says between which.
fn is_named(changed: &Changed, named: &[(u64, String)]) -> bool {
    let Some(expected) = &changed.positions else {
        return true;
    };
    named.iter().any(|(position, what)| {
        expected.contains(position)
            || between(what).is_some_and(|range| {
                range.start() <= expected.end() && expected.start() <= range.end()
            })
    })
}

/// "… the entries 5 to 8 …".
fn between(what: &str) -> Option<RangeInclusive<u64>> {
    let (_, rest) = what.split_once("the entries ")?;
    let mut words = rest.split_whitespace();
    let first = words.next()?.parse().ok()?;
    Some(first..=words.nth(1)?.parse().ok()?)
}

async fn change_again_and_again(rounds: usize, seed: u64) {
    let mut chance = Chance::new(seed).for_purpose("mutations");
    let (_root, data, out) = scene(&mut chance).await;
    let (in_package, in_log) = (rounds - rounds / 4, rounds / 4);
    let mut package = package::Package::open(&out);
    for round in 0..in_package {
        let changed = package.change(&mut chance);
        let named = package.verify();
        let what = format!(
            "round {round} of seed {seed}, in the export: {}",
            changed.what
        );
        assert!(!named.is_empty(), "{what} goes unnoticed");
        assert!(
            is_named(&changed, &named),
            "{what}, at {:?}, but this is named: {named:?}",
            changed.positions
        );
        package.mend();
    }
    assert_eq!(package.verify(), [], "the export is whole again");
    let log = log::Log::open(&data).await;
    for round in 0..in_log {
        let changed = log.change(&mut chance).await;
        let named = log.verify().await;
        let what = format!("round {round} of seed {seed}, in the log: {}", changed.what);
        assert!(!named.is_empty(), "{what} goes unnoticed");
        assert!(
            is_named(&changed, &named),
            "{what}, at {:?}, but this is named: {named:?}",
            changed.positions
        );
        log.mend().await;
    }
    assert_eq!(log.verify().await, [], "the log is whole again");
}

/// Some hundred changes, a minute or so; with `SCHULHOF_LONG=1` ten thousand.
#[tokio::test(flavor = "multi_thread")]
async fn every_random_change_is_found_and_named() {
    let long = std::env::var_os("SCHULHOF_LONG").is_some_and(|value| value == "1");
    if !long {
        println!("400 changes; SCHULHOF_LONG=1 or --include-ignored makes it 10,000");
    }
    change_again_and_again(if long { 10_000 } else { 400 }, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: 10,000 changes take some minutes; `cargo xtask test --long` runs them"]
async fn every_one_of_ten_thousand_random_changes_is_found_and_named() {
    change_again_and_again(10_000, 2).await;
}
