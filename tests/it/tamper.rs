//! A flipped bit in the log: verification fails and names the position, and the server does not open on top of it.

use crate::support::{Directory, copy};
use e2e::generator::Chance;
use e2e::plan::Plan;
use e2e::process::{Process, console};
use e2e::school::School;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use std::path::Path;
use std::time::Duration;

/// Where an event's bytes lie in the file of the database.
struct Place {
    position: u64,
    is_body: bool,
    from: usize,
    len: usize,
}

async fn school_at_rest() -> School {
    let mut school = School::open(&Plan::two_classes()).await;
    for number in 0..250 {
        school
            .say("tilda", school.room("5a"), &format!("Nachricht {number}"))
            .await;
    }
    school.stop().await;
    school
}

/// Moves everything into the main file, and finds every entry and body in it.
async fn places(data: &Path) -> Vec<Place> {
    let options = SqliteConnectOptions::new().filename(data.join("log.db"));
    let mut database = options.connect().await.expect("the log opens");
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut database)
        .await
        .expect("the log is moved into one file");
    let rows = sqlx::query("SELECT position, entry, body FROM kernel_event")
        .fetch_all(&mut database)
        .await
        .expect("it is read");
    database.close().await.expect("it is closed");
    let file = std::fs::read(data.join("log.db")).expect("the file is there");
    let mut places = Vec::new();
    for row in rows {
        for column in [1, 2] {
            let bytes: Vec<u8> = row.get(column);
            let position = u64::try_from(row.get::<i64, _>(0)).expect("positions are positive");
            // Long bodies go on in other pages, so only their beginning is sure to lie in one piece.
            let piece = &bytes[..bytes.len().min(256)];
            let found = file.windows(piece.len()).position(|window| window == piece);
            places.extend(found.map(|from| Place {
                position,
                is_body: column == 2,
                from,
                len: piece.len(),
            }));
        }
    }
    places
}

fn flip(data: &Path, byte: usize, bit: usize) {
    let path = data.join("log.db");
    let mut file = std::fs::read(&path).expect("the file is there");
    file[byte] ^= 1 << bit;
    std::fs::write(&path, file).expect("the copy is ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_named_by_position_and_keeps_the_server_shut() {
    let school = school_at_rest().await;
    let places = places(school.data()).await;
    assert!(
        places.len() > 100,
        "only {} entries and bodies were found",
        places.len()
    );
    let mut chance = Chance::new(7).for_purpose("tamper");
    // Some of the newest entries too, which are in no complete tile of the tree yet.
    let newest: Vec<&Place> = places
        .iter()
        .filter(|place| place.position > TILE)
        .collect();
    let all: Vec<&Place> = places.iter().collect();
    for number in 0..12 {
        let place = chance.pick(if number % 4 == 0 { &newest } else { &all });
        let (byte, bit) = (place.from + chance.below(place.len), chance.below(8));
        let directory = Directory::new();
        copy(school.data(), &directory.data);
        console(&directory.data, ["audit", "verify"]).await.ok();
        flip(&directory.data, byte, bit);
        check(
            &directory,
            place,
            &format!("bit {bit} of byte {byte}, at position {}", place.position),
        )
        .await;
    }
}

/// Entries in a complete tile of the tree, whose hashes tell exactly which one was changed.
const TILE: u64 = 256;

impl Place {
    /// Whether a text says that something is wrong here: exactly here, or for the newest headers at least between which.
    fn is_named_in(&self, text: &str) -> bool {
        let exactly = text.contains(&format!("position {}:", self.position));
        if self.is_body || self.position <= TILE {
            return exactly;
        }
        let ranges = text
            .split("one of the entries ")
            .skip(1)
            .filter_map(|rest| {
                let mut words = rest.split_whitespace();
                let from = words.next()?.parse::<u64>().ok()?;
                Some(from..=words.nth(1)?.parse().ok()?)
            });
        exactly
            || ranges
                .into_iter()
                .any(|range| range.contains(&self.position))
    }
}

async fn check(directory: &Directory, place: &Place, what: &str) {
    let verified = console(&directory.data, ["audit", "verify", "--json"]).await;
    assert!(!verified.success, "{what} goes unnoticed");
    let report = verified.json();
    assert_eq!(report["ok"], false, "{what}");
    let problems = report["problems"].as_array().expect("a list").iter();
    let problems = problems.map(|one| {
        format!(
            "position {}: {}\n",
            one["position"],
            one["what"].as_str().unwrap_or_default()
        )
    });
    let problems: String = problems.collect();
    assert!(
        place.is_named_in(&problems),
        "{what}, but this is named: {problems}"
    );
    let said = console(&directory.data, ["audit", "verify"]).await;
    assert!(
        !said.success && place.is_named_in(&said.out),
        "{what}: {}",
        said.out
    );
    let started = Process::serve(&directory.data, &directory.log).await;
    assert!(
        started.is_err(),
        "{what}, and the server starts nevertheless"
    );
    let log = std::fs::read_to_string(&directory.log).expect("the server has said something");
    assert!(
        place.is_named_in(&log),
        "{what}: the server does not say where: {log}"
    );
    assert!(
        log.contains("restore"),
        "{what}: the server does not say what to do: {log}"
    );
    assert!(!log.contains("panicked"), "{what}: {log}");
    for arguments in [
        &["audit", "replay", "--view", "people"][..],
        &["people", "undo", "00000000-0000-0000-0000-000000000001"],
    ] {
        let refused = console(&directory.data, arguments).await;
        assert!(
            !refused.success,
            "{what}, and {arguments:?} works on top of it"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_any_more_is_told_so() {
    let school = school_at_rest().await;
    places(school.data()).await;
    for byte in [3, 17, 101] {
        let directory = Directory::new();
        copy(school.data(), &directory.data);
        for at in byte..byte + 4 {
            flip(&directory.data, at, 5);
        }
        let verified = console(&directory.data, ["audit", "verify"]).await;
        assert!(!verified.success, "byte {byte}: {}", verified.out);
        assert!(
            !verified.err.contains("panicked"),
            "byte {byte}: {}",
            verified.err
        );
        let mut starting = Process::serve(&directory.data, &directory.log).await;
        if let Ok(server) = &mut starting {
            let ended = server.ended(Duration::from_secs(20)).await;
            panic!("byte {byte}: the server opens on a damaged file ({ended:?}); it must refuse");
        }
    }
}
