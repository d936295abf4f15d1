//! Two data directories and what goes on between them.

use crate::privacy::scene::house;
use anyhow::Result;
use edge::House;
use edge::moving::{Code, Handed, Options, Point, Receiving};
use edge_kernel::ledger::verify_directory;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Nothing stops.
pub(super) fn never() -> Point {
    Arc::new(|_| Ok(()))
}

pub(super) fn options(point: Point) -> Options {
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        address: None,
        minutes: 60,
        point,
    }
}

/// The new machine, listening. One that was stopped a moment ago may still hold its directory.
pub(super) async fn listens(data: &Path, options: impl Fn() -> Options) -> Receiving {
    let patience = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match Receiving::open(data, options()).await {
            Ok(receiving) => return receiving,
            Err(error) if tokio::time::Instant::now() > patience => {
                panic!("does not listen: {error:?}")
            }
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}

/// The place that a school moves to.
pub(super) struct Elsewhere(TempDir);

impl Elsewhere {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory of our own"))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    pub(super) fn receiving(&self) -> PathBuf {
        self.0.path().join("data.receiving")
    }
}

/// The new machine from its start until the old one has destroyed its keys, or something stops it. What it serves in between is the
/// house alone, without doors.
pub(super) async fn receive(mut receiving: Receiving, data: &Path) -> Result<()> {
    receiving.arrive(&|_, _, _| {}).await?;
    let house = House::open(data, edge_kernel::Clock::System, &|_, _, _| {}).await?;
    let confirmed = async {
        receiving.serves(&house).await?;
        receiving.until_confirmed().await
    };
    let confirmed = confirmed.await;
    house.close().await;
    confirmed
}

/// The old machine once.
pub(super) async fn send(data: &Path, code: &Code, point: Point) -> Result<Handed> {
    let house = house(data).await;
    let handed = house.move_to(code, &|_, _, _| {}, &point).await;
    house.close().await;
    handed
}

/// A whole move, with nothing in its way.
pub(super) async fn moved(from: &Path, to: &Path) -> Handed {
    let receiving = Receiving::open(to, options(never()))
        .await
        .expect("listens");
    let code = receiving.code();
    // Two houses at once are more than a test's stack holds.
    let (arriving, leaving) = (receive(receiving, to), send(from, &code, never()));
    let moved = tokio::try_join!(Box::pin(arriving), Box::pin(leaving));
    let ((), handed) = moved.expect("has moved");
    handed
}

pub(super) async fn verifies(data: &Path) -> edge_kernel::ledger::Report {
    let report = verify_directory(data, &|_, _| {}).await;
    let report = report.unwrap_or_else(|error| panic!("cannot be verified: {error:?}"));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    report
}

/// Why a house does not open; `what` is told when it does.
pub(super) async fn refuses(data: &Path, what: &str) -> String {
    match House::open(data, edge_kernel::Clock::System, &|_, _, _| {}).await {
        Ok(_) => panic!("{what}"),
        Err(error) => format!("{error:#}"),
    }
}
