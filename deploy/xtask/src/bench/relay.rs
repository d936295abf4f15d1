//! A school's file downloaded through the relay against the same download without it, and what the relay itself spends on it.

use super::rounds::{figure, one_round};
use super::{Better, Figure};
use crate::demo::{Ports, relay};
use crate::processes::{Running, wait_until};
use crate::progress::Step;
use crate::{dist, http, workspace};
use anyhow::{Result, ensure};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

/// Starts a relay, lets a bench program be the school and the visitor, and reads what it measured.
pub(super) fn run() -> Result<Vec<Figure>> {
    dist::build_binaries(&dist::BENCHES)?;
    let folder = workspace::target().join("bench/relay");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let ports = Ports::of(&folder)?;
    relay::configure(&folder, ports)?;
    let token = relay::token(&folder)?;
    let running = Running::start(
        "schulhof-relay",
        &relay::serve(&folder),
        &folder.join("relay.log"),
    )?;
    let metrics = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.metrics));
    let is_up = || http::get(metrics, "/healthz").is_ok_and(|answer| answer.status == 200);
    ensure!(
        wait_until(Duration::from_secs(20), is_up),
        "the relay did not start; see {}",
        folder.join("relay.log").display()
    );
    let step = Step::start("downloading directly and through the relay, taking turns");
    let round = one_round(
        Command::new(workspace::target().join("release/bench-relay"))
            .args(["--enrol", &format!("127.0.0.1:{}", ports.enrol)])
            .args(["--token", &token])
            .args(["--front", &format!("127.0.0.1:{}", ports.front)])
            .args(["--process", &running.id().to_string()])
            .args(["--name", &format!("{}.{}", relay::SCHOOL, relay::DOMAIN)])
            .arg("--folder")
            .arg(&folder),
    )?;
    step.done("");
    drop(running);
    let (ours, rival) = (figure(&round, "relayed")?, figure(&round, "direct")?);
    let spent = figure(&round, "processor_seconds_per_gib")?;
    Ok(vec![
        Figure {
            name: "relay, one stream against direct (MiB/s)".into(),
            ours,
            rival: Some(rival),
            ratio: Some(figure(&round, "ratio")?),
            target: Some(0.7),
            better: Better::Higher,
        },
        Figure {
            name: "relay, processor seconds per GiB".into(),
            ours: spent,
            rival: None,
            ratio: None,
            target: Some(0.5),
            better: Better::Lower,
        },
    ])
}
