//! Monday, 08:00: 1,750 people sign in within a minute, on the same two cores that generate the load. There is no rival;
//! the promise is that nobody fails and that 95 of 100 wait at most 800 ms.

use super::rounds::{figure, one_round};
use super::{Better, Figure};
use crate::demo::{self, Passwords};
use crate::progress::Step;
use crate::workspace;
use anyhow::Result;
use std::process::Command;

const PEOPLE: u32 = 1750;
const SEED: u64 = 1;

/// Starts a school in which everybody has a password, and lets everybody in.
pub(super) fn run() -> Result<Vec<Figure>> {
    let data = workspace::target().join("bench/login");
    let port = demo::free_port()?;
    let school = demo::start_alone(&data, SEED, PEOPLE, Passwords::All, port)?;
    let step = Step::start("1,750 people sign in within 60 s");
    let round = one_round(
        Command::new(workspace::target().join("release/bench-login"))
            .args(["--address", &format!("127.0.0.1:{port}")])
            .arg("--logins")
            .arg(data.join("logins.json")),
    )?;
    step.done("");
    drop(school);
    let figure_of = |name: &str, value: f64, target: f64| Figure {
        name: name.into(),
        ours: value,
        rival: None,
        ratio: None,
        target: Some(target),
        better: Better::Lower,
    };
    Ok(vec![
        figure_of(
            "login storm, 95th percentile (ms)",
            figure(&round, "p95_ms")?,
            800.0,
        ),
        figure_of(
            "login storm, people who did not get in",
            figure(&round, "failed")?,
            0.0,
        ),
    ])
}
