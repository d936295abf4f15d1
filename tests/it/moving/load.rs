//! Two processes, as operators run them, while people write: every acknowledged message is in the school that has moved, once, however
//! often either machine was killed on the way.

use super::scene::{Elsewhere, verifies};
use e2e::plan::Plan;
use e2e::process::{Process, Starting, console};
use e2e::school::School;
use e2e::writers::{Writers, are_there_once};
use edge_kernel::ledger::moved_away;
use std::path::{Path, PathBuf};
use std::time::Duration;

struct Move {
    school: School,
    elsewhere: Elsewhere,
    writers: Writers,
    logs: tempfile::TempDir,
}

impl Move {
    async fn new() -> Self {
        let mut school = School::open(&Plan::two_classes()).await;
        let (room, author) = (school.room("5a"), school.person("tilda").person);
        let api = school.api("tilda").clone();
        school.stop().await;
        let writers = Writers::start(&api, &room.to_string(), &author.to_string(), Duration::ZERO);
        let logs = tempfile::tempdir().expect("a directory of our own");
        Self {
            school,
            elsewhere: Elsewhere::new(),
            writers,
            logs,
        }
    }

    fn old(&self) -> &Path {
        self.school.data()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.path().join(name)
    }

    async fn serve(&self) -> Process {
        let served = Process::serve(self.old(), &self.log("old.log")).await;
        let served = served.expect("the old machine serves");
        self.writers.to(served.address());
        served
    }

    async fn receive(&self) -> (Starting, String) {
        let mut receiving =
            Process::receive(&self.elsewhere.data(), &self.log("new.log")).expect("starts");
        let code = receiving.code().await.expect("prints a code");
        (receiving, code)
    }

    /// Looks at what has moved, while it is served.
    async fn check(self, new: Process) {
        self.writers.to(new.address());
        let room = self.school.room("5a");
        tokio::time::sleep(Duration::from_millis(500)).await;
        let written = self.writers.finish().await;
        assert!(
            written.len() > 20,
            "only {} messages were written",
            written.len()
        );
        let api = self.school.api("tilda").at(new.address());
        let kept = are_there_once(&api, &room.to_string(), &written).await;
        kept.expect("every acknowledged message is there once");
        new.stop().await.expect("stops");
        verifies(&self.elsewhere.data()).await;
        let refused = Process::serve(self.school.data(), &self.logs.path().join("again.log")).await;
        let refused = refused
            .err()
            .expect("the old machine serves no more")
            .to_string();
        assert!(refused.contains("moved on"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_while_people_write_loses_nothing_and_takes_seconds() {
    let moving = Move::new().await;
    let mut old = moving.serve().await;
    let (receiving, code) = moving.receive().await;
    let ran = console(moving.old(), ["move", "--to", &code]).await;
    assert!(
        ran.success && ran.out.contains("The school has moved"),
        "{} {}",
        ran.out,
        ran.err
    );
    let new = receiving.ready().await.expect("the new machine serves");
    let ended = old
        .ended(Duration::from_secs(20))
        .await
        .expect("the old machine ends");
    assert!(ended.success(), "{}", old.log());
    moving.check(new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_killed_ten_times_ends_with_one_machine_that_has_everything() {
    let moving = Move::new().await;
    let mut old = Some(moving.serve().await);
    let mut new = None;
    // Numbers without a pattern, the same each time.
    let mut noise = 0x5eed_u64;
    let mut next = |below: u64| {
        noise = noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (noise >> 33) % below
    };
    let (mut kills, mut tries) = (0_u64, 0_u32);
    loop {
        let is_moved = moved_away(moving.old()).await.expect("reads").is_some();
        if old.is_none() && !is_moved {
            old = Some(moving.serve().await);
        }
        if new.is_none() {
            new = Some(moving.receive().await);
        }
        let code = new
            .as_ref()
            .map(|(_, code)| code.clone())
            .unwrap_or_default();
        let pause = match kills < 10 {
            true => Duration::from_millis(100 + 60 * kills + next(200)),
            false => Duration::from_secs(120),
        };
        let arguments = ["move", "--to", &code];
        let ran = tokio::select! {
            ran = console(moving.old(), arguments) => Some(ran),
            () = tokio::time::sleep(pause) => None,
        };
        if ran.as_ref().is_some_and(|ran| ran.success) {
            break;
        }
        // A try whose asker was cut off has not noticed yet that the other machine is gone.
        if let Some(ran) = &ran
            && ran.err.contains("is moving already")
        {
            tokio::time::sleep(Duration::from_millis(200)).await;
            tries += 1;
            assert!(tries < 600, "an earlier try never ends");
            continue;
        }
        assert!(kills < 10, "{ran:?}");
        kills += 1;
        let whom = next(3);
        if whom != 1
            && let Some(old) = old.take()
        {
            old.kill().await;
        }
        if whom != 0
            && let Some((new, _)) = new.take()
        {
            new.kill().await;
        }
    }
    eprintln!("killed {kills} times");
    drop(old);
    let (receiving, _) = new.expect("it has answered");
    let new = receiving.ready().await.expect("the new machine serves");
    moving.check(new).await;
}
