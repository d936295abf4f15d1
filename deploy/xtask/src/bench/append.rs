//! Durable appends with 64 writers: our ledger, sealed and hashed, against stock sqlite-es 0.5 at equal durability, and
//! against the floor that the disk itself sets: one 4 KiB write and one fdatasync at a time, on a preallocated file.

use super::rounds::{ROUNDS, figure, median, one_round};
use super::{Better, Figure};
use crate::progress::Step;
use crate::{command, dist, workspace};
use anyhow::{Context as _, Result};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const WRITERS: &str = "64";
const SECONDS: &str = "3";
/// The block that a database writes at least.
const BLOCK: usize = 4096;
const BLOCKS: u64 = 4096;
/// How long the floor is probed before each round.
const PROBE: Duration = Duration::from_millis(600);

/// Builds the contenders and lets them take turns.
pub(super) fn run() -> Result<Vec<Figure>> {
    let (ours, rival) = build()?;
    let folder = workspace::target().join("bench/append");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let (mut floors, mut our_rates, mut rival_rates) = (Vec::new(), Vec::new(), Vec::new());
    let step = Step::start("appending with 64 writers, taking turns");
    for round in 1..=ROUNDS {
        step.note(&format!("round {round} of {ROUNDS}"));
        floors.push(probe_floor(&folder.join("floor"))?);
        our_rates.push(rate(&ours, &folder.join(format!("ours-{round}")))?);
        rival_rates.push(rate(&rival, &folder.join(format!("rival-{round}")))?);
    }
    step.done("");
    std::fs::remove_dir_all(&folder)?;
    let against = |name: &str, rivals: Vec<f64>, target: f64| Figure {
        name: name.into(),
        ours: median(our_rates.clone()),
        // Neighbours in time are compared, so that a busy minute weighs on both.
        ratio: Some(median(
            our_rates
                .iter()
                .zip(&rivals)
                .map(|(ours, rival)| ours / rival)
                .collect(),
        )),
        rival: Some(median(rivals)),
        target,
        better: Better::Higher,
    };
    Ok(vec![
        against("append against sqlite-es (events/s)", rival_rates, 12.0),
        against(
            "append against the fdatasync floor (per second)",
            floors,
            12.0,
        ),
    ])
}

fn build() -> Result<(PathBuf, PathBuf)> {
    dist::build_binaries(&dist::BENCHES)?;
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
        target.join("release/rival-append"),
    ))
}

fn rate(program: &Path, folder: &Path) -> Result<f64> {
    std::fs::create_dir_all(folder)?;
    let round = one_round(
        Command::new(program)
            .args(["--writers", WRITERS, "--seconds", SECONDS, "--folder"])
            .arg(folder),
    )?;
    figure(&round, "events_per_second")
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
