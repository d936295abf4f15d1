//! A school of a million events and 5 GB of files moves to another process of the same machine while people write. There is no rival; the
//! promise is that nobody waits for a minute.

use super::rounds::{figure, one_round};
use super::{Better, Figure};
use crate::progress::Step;
use crate::{dist, workspace};
use anyhow::Result;
use std::process::Command;

/// Moves it, once.
pub(super) fn run() -> Result<Vec<Figure>> {
    dist::build_binaries(&dist::BENCHES)?;
    let folder = workspace::target().join("bench/move");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let step = Step::start("a million events and 5 GB of files move while people write");
    let program = workspace::target().join("release/bench-move");
    let round = one_round(Command::new(program).arg("--folder").arg(&folder))?;
    step.done("");
    std::fs::remove_dir_all(&folder)?;
    let told = |name: &str, ours: f64, target: Option<f64>| Figure {
        name: name.into(),
        ours,
        rival: None,
        ratio: None,
        target,
        better: Better::Lower,
    };
    let of = |name: &str| figure(&round, name);
    Ok(vec![
        told("move, events (million)", of("events")? / 1e6, None),
        told("move, files (GB)", of("files_bytes")? / 1e9, None),
        told("move, messages written meanwhile", of("written")?, None),
        told("move, the whole of it (s)", of("move_seconds")?, None),
        told(
            "move, longest time without an answer (s)",
            of("pause_seconds")?,
            Some(60.0),
        ),
    ])
}
