//! 100 days of the reference school: how long its log of about five million events takes to come about, to be verified and to be
//! replayed, how large it is, and whether memory stays flat while it grows. No rival does all this; the figures are told.

use crate::bench::rounds::{figure, one_round};
use crate::bench::{Better, Figure};
use crate::progress::Step;
use crate::workspace;
use anyhow::{Context as _, Result};
use std::process::Command;

/// What is told: the name, where it stands in the line of JSON, and what it is divided by.
const TOLD: [(&str, &str, f64); 9] = [
    ("100 days, events (million)", "events", 1e6),
    (
        "100 days, loading, sealed and durable (s)",
        "load_seconds",
        1.0,
    ),
    ("100 days, the log on the disk (MB)", "log_bytes", 1e6),
    ("100 days, the views on the disk (MB)", "views_bytes", 1e6),
    (
        "100 days, verifying the whole log (s)",
        "verify_seconds",
        1.0,
    ),
    ("100 days, starting again (s)", "open_seconds", 1.0),
    ("100 days, replaying into access (s)", "replay_seconds", 1.0),
    ("100 days, all views anew (s)", "views_seconds", 1.0),
    ("100 days, memory at the end (MB)", "memory_at_end", 1e6),
];

/// Lets the days pass, once.
pub(super) fn figures() -> Result<Vec<Figure>> {
    let folder = workspace::target().join("bench/days");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let step = Step::start("100 days of the reference school");
    let program = workspace::target().join("release/bench-days");
    let mut round = one_round(Command::new(program).arg("--folder").arg(&folder))?;
    step.done("");
    std::fs::remove_dir_all(&folder)?;
    let fifths = round["memory_bytes"].as_array().cloned();
    let fifths = fifths.context("the round reports no memory")?;
    let (first, last) = fifths
        .first()
        .zip(fifths.last())
        .and_then(|(first, last)| Some((first.as_f64()?, last.as_f64()?)))
        .context("the round reports no memory")?;
    round["memory_at_end"] = last.into();
    let told = TOLD.map(|(name, key, unit)| {
        Ok(Figure {
            name: name.into(),
            ours: figure(&round, key)? / unit,
            rival: None,
            ratio: None,
            target: None,
            better: Better::Lower,
        })
    });
    let flat = Figure {
        name: "100 days, memory at the end against that after a fifth (MB)".into(),
        ours: last / 1e6,
        rival: Some(first / 1e6),
        ratio: Some(last / first),
        target: Some(1.5),
        better: Better::Lower,
    };
    told.into_iter().chain([Ok(flat)]).collect()
}
