//! Every kind of fault at every point of the script's path: whatever fails says so, and once the fault is gone work goes on with
//! the same handle; a log that has stopped goes on when it is opened again. At the end everything is there once.

use crate::script::{Deed, SCRIPT};
use crate::support::{MONDAY, bounded, close, is_sound, open, texts};
use edge_kernel::database::query;
use edge_kernel::{Clock, Kernel};
use faulty_disk::{Disk, Fault, Planned};
use futures::stream::{self, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Runs beside one another: they wait much for threads and pauses of the kernel's own.
const BESIDE: usize = 6;
/// Points that the usual run tries of each kind.
const TRIED: u64 = 8;

#[derive(Clone, Copy)]
enum Lasts {
    Once,
    UntilLifted,
}

const KINDS: [(Fault, Lasts); 7] = [
    (Fault::Error, Lasts::Once),
    (Fault::Full, Lasts::Once),
    (Fault::Short, Lasts::Once),
    (Fault::Read, Lasts::Once),
    (Fault::Error, Lasts::UntilLifted),
    (Fault::Full, Lasts::UntilLifted),
    (Fault::Read, Lasts::UntilLifted),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_at_some_points_lose_nothing_and_work_goes_on() {
    try_points(|points| (points / TRIED).max(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: every point takes many minutes; `cargo xtask test --long` runs them"]
async fn faults_at_every_point_lose_nothing_and_work_goes_on() {
    try_points(|_| 1).await;
}

async fn try_points(step: impl Fn(u64) -> u64) {
    let (changes, reads) = School::run(Fault::Error.at(u64::MAX)).await.points;
    println!("the script changes the disk {changes} times and reads it {reads} times");
    for (kind, (fault, lasts)) in KINDS.into_iter().enumerate() {
        let points = if fault == Fault::Read { reads } else { changes };
        let step = step(points);
        // Every kind begins elsewhere, so that together they try more places. Paths differ by some points from run to run.
        let begin = 1 + (kind as u64 * step) / KINDS.len() as u64;
        let planned = (begin..=points).step_by(usize::try_from(step).expect("small"));
        let planned = planned.map(|point| match lasts {
            Lasts::Once => fault.at(point),
            Lasts::UntilLifted => fault.from(point),
        });
        let runs = stream::iter(planned).map(School::run);
        let ends: Vec<End> = runs.buffer_unordered(BESIDE).collect().await;
        let met = ends.iter().filter(|end| end.is_met).count();
        let stopped: u32 = ends.iter().map(|end| end.stopped).sum();
        let runs = ends.len();
        println!("{fault:?}: {runs} runs, {met} met the fault, the log stopped {stopped} times");
        assert!(met > 0, "the points of {fault:?} are counted");
    }
}

/// How a run ended.
struct End {
    is_met: bool,
    /// How often the log had stopped and was opened again.
    stopped: u32,
    points: (u64, u64),
}

struct School {
    planned: Planned,
    directory: PathBuf,
    disk: Arc<Disk>,
    kernel: Option<Kernel>,
    /// Texts that must be there once, with who said them.
    expected: BTreeMap<String, u128>,
    /// Texts that were refused and not asked for again.
    refused: BTreeSet<String>,
    erased: BTreeSet<u128>,
    stopped: u32,
}

impl School {
    async fn run(planned: Planned) -> End {
        let root = tempfile::tempdir().expect("a directory");
        let disk = Disk::watch(root.path());
        disk.fail(planned);
        let mut school = Self {
            planned,
            directory: root.path().to_owned(),
            disk: Arc::clone(&disk),
            kernel: None,
            expected: BTreeMap::new(),
            refused: BTreeSet::new(),
            erased: BTreeSet::new(),
            stopped: 0,
        };
        school.open().await;
        for (number, deed) in SCRIPT.into_iter().enumerate() {
            school.carry_out(number, deed).await;
        }
        let end = End {
            is_met: disk.is_met(),
            stopped: school.stopped,
            points: (disk.changes(), disk.reads()),
        };
        disk.lift();
        school.check("at the end").await;
        school.reopen().await;
        school.check("after opening again").await;
        close(school.kernel.take().expect("is open")).await;
        end
    }

    async fn carry_out(&mut self, number: usize, deed: Deed) {
        let place = format!("{:?}, step {number}, {deed:?}", self.planned);
        if let Deed::Reopen = deed {
            return self.reopen().await;
        }
        let said = deed.said(number).into_iter().map(|(who, text)| (text, who));
        match bounded(&place, deed.carry_out(number, self.kernel(), &self.disk)).await {
            Ok(()) => self.expected.extend(said),
            Err(failed) => {
                assert!(self.disk.is_met(), "{place}: fails by itself: {failed:?}");
                self.disk.lift();
                if self.kernel().ledger.is_stopped() {
                    self.stopped += 1;
                    self.reopen().await;
                }
                if deed.is_asked_once() {
                    self.refused.extend(said.map(|(text, _)| text));
                } else {
                    let again = deed.carry_out(number, self.kernel(), &self.disk);
                    if let Err(still) = bounded(&place, again).await {
                        panic!("{place}: work does not go on: {still:?}, after {failed:?}");
                    }
                    self.expected.extend(said);
                }
            }
        }
        if let Deed::Erase(who, _) = deed {
            self.erased.insert(who);
        }
    }

    fn kernel(&self) -> &Kernel {
        self.kernel.as_ref().expect("is open")
    }

    async fn reopen(&mut self) {
        if let Some(kernel) = self.kernel.take() {
            close(kernel).await;
        }
        self.open().await;
    }

    /// Opens, if need be once more when the fault is gone.
    async fn open(&mut self) {
        let opened = open(&self.directory, Clock::manual(MONDAY)).await;
        let opened = match opened {
            Err(failed) => {
                let planned = self.planned;
                assert!(self.disk.is_met(), "{planned:?}: does not open: {failed:?}");
                self.disk.lift();
                let again = open(&self.directory, Clock::manual(MONDAY)).await;
                again.unwrap_or_else(|still| {
                    panic!("{planned:?}: does not open again: {still:?}, after {failed:?}")
                })
            }
            Ok(kernel) => kernel,
        };
        self.kernel = Some(opened);
    }

    async fn check(&self, when: &str) {
        let planned = self.planned;
        let found = texts(self.kernel()).await;
        for (text, who) in &self.expected {
            let times = found.get(text).copied().unwrap_or_default();
            let wanted = u32::from(!self.erased.contains(who));
            let begin: String = text.chars().take(12).collect();
            assert_eq!(
                times, wanted,
                "{planned:?} {when}: how often {begin} is there"
            );
        }
        for (text, times) in &found {
            let known = self.expected.contains_key(text) || self.refused.contains(text);
            assert!(
                known && *times == 1,
                "{planned:?} {when}: something is there that should not be"
            );
        }
        let claims = SCRIPT.iter().filter(|deed| matches!(deed, Deed::Claim(_)));
        for table in ["kernel_claim", "accounts_guess_kept"] {
            let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let row = query(sql).fetch_one(self.kernel().ledger.kept()).await;
            let kept: i64 = row.expect("reads").try_get(0).expect("is a number");
            let expected = claims.clone().count() as i64;
            assert_eq!(kept, expected, "{planned:?} {when}: {table}");
        }
        bounded(&format!("{planned:?} {when}"), is_sound(self.kernel())).await;
    }
}
