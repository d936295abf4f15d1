//! `cargo xtask bench ledger`: durable appends of our ledger, sealed and hashed, with 64 and with 1,024 writers, against stock
//! sqlite-es 0.5 with 64 at equal durability; against the floor that the disk itself sets, one 4 KiB write and one fdatasync
//! at a time on a preallocated file; against ourselves without waiting for the disk; what an event takes on the disk. Then
//! reading: replay against plain rows, views against replay, full verification against one hash over the same bytes. At last
//! 100 days of the reference school.

mod days;

use super::rounds::{ROUNDS, figure, median, one_round};
use super::{Better, Figure};
use crate::progress::Step;
use crate::tools::{Cluster, Durability};
use crate::{command, dist, workspace};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const FEW: &str = "64";
const MANY: &str = "1024";
const SECONDS: &str = "3";
/// The block that a database writes at least.
const BLOCK: usize = 4096;
const BLOCKS: u64 = 4096;
/// How long the floor is probed before and after each round.
const PROBE: Duration = Duration::from_millis(300);

/// What was measured in one round, by everybody in turn.
struct Round {
    floor: f64,
    few: Value,
    many: Value,
    unsynced: Value,
    rival: Value,
    postgres: Value,
    postgres_rival: Value,
    read: Value,
}

/// Builds the contenders and lets them take turns.
pub(super) fn run() -> Result<Vec<Figure>> {
    let (append, read, rival) = build()?;
    let folder = workspace::target().join("bench/ledger");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let cluster = Cluster::start(Durability::Synced)?;
    let step = Step::start("appending and reading, taking turns");
    let mut rounds = Vec::new();
    for number in 1..=ROUNDS {
        step.note(&format!("round {number} of {ROUNDS}"));
        let turn = |program: &Path, arguments: &[&str]| {
            let own = folder.join("turn");
            std::fs::create_dir_all(&own)?;
            let measured = one_round(
                Command::new(program)
                    .args(arguments)
                    .arg("--folder")
                    .arg(&own),
            );
            std::fs::remove_dir_all(&own)?;
            measured
        };
        let few = ["--writers", FEW, "--seconds", SECONDS];
        let many = ["--writers", MANY, "--seconds", SECONDS];
        let on_postgres = |program: &Path, name: &str| {
            let url = cluster.empty_database(name)?;
            turn(program, &[&few[..], &["--database", &url]].concat())
        };
        let floor = folder.join("floor");
        let before = probe_floor(&floor)?;
        rounds.push(Round {
            few: turn(&append, &few)?,
            floor: f64::midpoint(before, probe_floor(&floor)?),
            rival: turn(&rival, &few)?,
            postgres: on_postgres(&append, "ours")?,
            postgres_rival: on_postgres(&rival, "rival")?,
            many: turn(&append, &many)?,
            unsynced: turn(&append, &[&many[..], &["--no-sync"]].concat())?,
            read: turn(&read, &[])?,
        });
    }
    step.done("");
    drop(cluster);
    std::fs::remove_dir_all(&folder)?;
    let mut figures = Vec::new();
    for (name, target, better, pair) in COMPARED {
        figures.push(compare(name, &rounds, (target, better), pair)?);
    }
    figures.extend(verification()?);
    figures.extend(days::figures()?);
    Ok(figures)
}

type Pair = fn(&Round) -> Result<(f64, f64)>;

const RATE: &str = "events_per_second";

const COMPARED: [(&str, f64, Better, Pair); 9] = [
    (
        "append, 64 writers, against sqlite-es with 64 (events/s)",
        40.0,
        Better::Higher,
        |round| Ok((figure(&round.few, RATE)?, figure(&round.rival, RATE)?)),
    ),
    (
        "append, 1,024 writers, against sqlite-es with 64 (events/s)",
        60.0,
        Better::Higher,
        |round| Ok((figure(&round.many, RATE)?, figure(&round.rival, RATE)?)),
    ),
    (
        "append, 64 writers, against the fdatasync floor (per second)",
        12.0,
        Better::Higher,
        |round| Ok((figure(&round.few, RATE)?, round.floor)),
    ),
    (
        "append, 1,024 writers, against the same without waiting for the disk (events/s)",
        0.7,
        Better::Higher,
        |round| Ok((figure(&round.many, RATE)?, figure(&round.unsynced, RATE)?)),
    ),
    (
        "append on PostgreSQL, 64 writers, against postgres-es with 64 (events/s)",
        25.0,
        Better::Higher,
        |round| {
            let (ours, rival) = (&round.postgres, &round.postgres_rival);
            Ok((figure(ours, RATE)?, figure(rival, RATE)?))
        },
    ),
    (
        "stored, a short message, sealed, against plain rows of sqlite-es (bytes/event)",
        0.5,
        Better::Lower,
        |round| {
            let size = "bytes_per_event";
            Ok((figure(&round.few, size)?, figure(&round.rival, size)?))
        },
    ),
    (
        "stored, the committed sequence, sealed, against plain rows of sqlite-es (bytes/event)",
        0.5,
        Better::Lower,
        |round| {
            let (ours, rival) = ("bytes_per_event", "rival_bytes_per_event");
            Ok((figure(&round.read, ours)?, figure(&round.read, rival)?))
        },
    ),
    (
        "replay from segments against sqlx row by row (events per processor second)",
        20.0,
        Better::Higher,
        |round| {
            let (ours, rival) = ("segments_per_second", "rows_per_second");
            Ok((figure(&round.read, ours)?, figure(&round.read, rival)?))
        },
    ),
    (
        "all views anew against replay alone (events per processor second)",
        0.5,
        Better::Higher,
        |round| {
            let (ours, rival) = ("views_per_second", "log_per_second");
            Ok((figure(&round.read, ours)?, figure(&round.read, rival)?))
        },
    ),
];

/// A comparison out of all rounds. Neighbours in time are compared, so that a busy minute weighs on both.
fn compare(
    name: &str,
    rounds: &[Round],
    (target, better): (f64, Better),
    pair: Pair,
) -> Result<Figure> {
    let pairs: Vec<(f64, f64)> = rounds.iter().map(pair).collect::<Result<_>>()?;
    Ok(of_pairs(name, &pairs, target, better))
}

fn of_pairs(name: &str, pairs: &[(f64, f64)], target: f64, better: Better) -> Figure {
    let median_of = |value: fn(&(f64, f64)) -> f64| median(pairs.iter().map(value).collect());
    Figure {
        name: name.into(),
        ours: median_of(|pair| pair.0),
        rival: Some(median_of(|pair| pair.1)),
        ratio: Some(median_of(|pair| pair.0 / pair.1)),
        target: Some(target),
        better,
    }
}

/// The independent verifier over an export of its own making, by the figures that its test of speed prints.
fn verification() -> Result<Vec<Figure>> {
    let step = Step::start("verifying an export");
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--release", "-p", "schulhof-verify", "--test", "it"]);
    cargo.args(["speed", "--", "--ignored", "--nocapture"]);
    let told = command::quietly(&step, &mut cargo)?;
    step.done("");
    let speeds = |what: &str| -> Vec<f64> {
        let lines = told
            .lines()
            .filter_map(|line| line.trim().strip_prefix(what));
        let words = lines.filter_map(|line| line.split(" MB/s").next()?.rsplit(' ').next());
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let plain = speeds("SHA-256 of the plain bytes: ");
    let (one, two) = (speeds("1 threads: "), speeds("2 threads: "));
    anyhow::ensure!(
        !plain.is_empty() && plain.len() == one.len() && one.len() == two.len(),
        "the verifier's test of speed does not print what it did"
    );
    let pairs = |ours: &[f64], rival: &[f64]| -> Vec<(f64, f64)> {
        ours.iter().copied().zip(rival.iter().copied()).collect()
    };
    Ok(vec![
        of_pairs(
            "full verification, one thread, against SHA-256 over the same bytes (MB/s)",
            &pairs(&one, &plain),
            0.5,
            Better::Higher,
        ),
        of_pairs(
            "full verification, two threads against one (MB/s)",
            &pairs(&two, &one),
            1.8,
            Better::Higher,
        ),
    ])
}

/// Our two programs and the rival's.
fn build() -> Result<(PathBuf, PathBuf, PathBuf)> {
    dist::build_binaries(&["bench-append", "bench-read", "bench-days"])?;
    let step = Step::start("building the rival");
    let rivals = workspace::root().join("deploy/rivals");
    let target = workspace::target().join("rivals");
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--release", "--locked", "--target-dir"])
        .arg(&target)
        .current_dir(&rivals);
    command::quietly(&step, &mut cargo)?;
    step.done("");
    Ok((
        workspace::target().join("release/bench-append"),
        workspace::target().join("release/bench-read"),
        target.join("release/rival-append"),
    ))
}

/// Durable writes per second that the disk itself manages, one at a time.
fn probe_floor(path: &Path) -> Result<f64> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let block = [0x5a_u8; BLOCK];
    for number in 0..BLOCKS {
        file.write_all_at(&block, number * BLOCK as u64)?;
    }
    file.sync_all()?;
    let (began, mut writes) = (Instant::now(), 0_u32);
    while began.elapsed() < PROBE {
        file.write_all_at(&block, u64::from(writes) % BLOCKS * BLOCK as u64)?;
        file.sync_data()?;
        writes += 1;
    }
    Ok(f64::from(writes) / began.elapsed().as_secs_f64())
}
