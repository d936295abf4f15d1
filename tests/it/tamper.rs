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

/// Moves everything into the main file, and finds every event in it that was committed alone and so has a block to itself.
async fn places(data: &Path) -> Vec<Place> {
    let options = SqliteConnectOptions::new().filename(data.join("log.db"));
    let mut database = options.connect().await.expect("the log opens");
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut database)
        .await
        .expect("the log is moved into one file");
    let rows = sqlx::query(
        "SELECT first, data, lead(first) OVER (ORDER BY first) FROM kernel_block ORDER BY first",
    )
    .fetch_all(&mut database)
    .await
    .expect("it is read");
    database.close().await.expect("it is closed");
    let file = std::fs::read(data.join("log.db")).expect("the file is there");
    let mut places = Vec::new();
    for row in rows {
        let (first, bytes): (i64, Vec<u8>) = (row.get(0), row.get(1));
        if row.get::<Option<i64>, _>(2) != Some(first + 1) {
            continue;
        }
        // Long blocks go on in other pages, so only their beginning is sure to lie in one piece.
        let piece = &bytes[..bytes.len().min(256)];
        let found = file.windows(piece.len()).position(|window| window == piece);
        places.extend(found.map(|from| Place {
            position: u64::try_from(first).expect("positions are positive"),
            from,
            len: piece.len(),
        }));
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
        "only {} events were found",
        places.len()
    );
    let mut chance = Chance::new(7).for_purpose("tamper");
    for _ in 0..12 {
        let place = chance.pick(&places);
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

impl Place {
    fn is_named_in(&self, text: &str) -> bool {
        text.contains(&format!("position {}:", self.position))
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
