//! Power cuts: many write, the power goes at any moment, what the disk has kept is opened by the next process, and so on. What
//! was acknowledged before the cut is there, once, and writing goes on.

use crate::support::{MONDAY, close, is_sound, open, texts};
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::ids::{MessageId, PersonId, RoomId, StreamId};
use events::messenger::MessengerEvent;
use events::{AnyEvent, Personal};
use faulty_disk::{Dice, Disk};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Cuts that one school suffers; the next ones meet a new school, so that logs stay short.
const CUTS: u64 = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_power_cuts_lose_nothing_acknowledged() {
    school_with_cuts(1, CUTS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: 500 cuts take some minutes; `cargo xtask test --long` runs them"]
async fn five_hundred_power_cuts_lose_nothing_acknowledged() {
    for school in 0..500_u64.div_ceil(CUTS) {
        school_with_cuts(1000 + school, CUTS.min(500 - school * CUTS)).await;
    }
}

/// What was acknowledged, so far.
type Acknowledged = Arc<Mutex<Vec<String>>>;

async fn school_with_cuts(seed: u64, cuts: u64) {
    let root = tempfile::tempdir().expect("a directory");
    let mut dice = Dice::new(seed);
    let mut directory = root.path().join("0");
    std::fs::create_dir(&directory).expect("ours");
    let acknowledged = Acknowledged::default();
    for cut in 1..=cuts {
        let next = root.path().join(cut.to_string());
        let place = format!("seed {seed}, cut {cut}");
        let certain = until_cut(&directory, &next, &mut dice, &acknowledged, &place).await;
        std::fs::remove_dir_all(&directory).expect("ours");
        directory = next;
        check(&directory, &certain, &place).await;
        *acknowledged.lock().expect("nobody panicked") = certain;
    }
}

/// Writes until the power is cut before some change of the disk; gives what was acknowledged by then.
async fn until_cut(
    directory: &Path,
    next: &Path,
    dice: &mut Dice,
    acknowledged: &Acknowledged,
    place: &str,
) -> Vec<String> {
    let disk = Disk::remembering(directory);
    let (certain, told) = tokio::sync::oneshot::channel();
    let (seed, target) = (dice.number(), PathBuf::from(next));
    let seen = Arc::clone(acknowledged);
    // Some in the middle of opening, most under load.
    let within = [40, 400, 2000][dice.below(3) as usize];
    let change = 1 + dice.below(within);
    disk.before_change(change, move |images| {
        let acknowledged = seen.lock().expect("nobody panicked").clone();
        let copied = images.cut(seed, &target);
        // Whoever waits for it tells when it does not come.
        let _ = certain.send(copied.map(|()| acknowledged));
    });
    let kernel = open(directory, Clock::manual(MONDAY)).await;
    let kernel =
        kernel.unwrap_or_else(|error| panic!("{place}: the school does not open: {error:?}"));
    let writers = 16 + dice.below(17);
    let tasks = (0..writers).map(|writer| {
        let writer = Writer {
            kernel: kernel.clone(),
            disk: Arc::clone(&disk),
            acknowledged: Arc::clone(acknowledged),
            number: u128::from(writer),
        };
        tokio::spawn(writer.write())
    });
    let tasks = tasks.collect::<Vec<_>>();
    let certain = crate::support::bounded(place, told).await;
    for task in tasks {
        task.await.expect("writes");
    }
    close(kernel).await;
    let certain = certain.expect("the cut comes");
    certain.unwrap_or_else(|error| panic!("{place}: cannot copy: {error}"))
}

struct Writer {
    kernel: Kernel,
    disk: Arc<Disk>,
    acknowledged: Acknowledged,
    number: u128,
}

impl Writer {
    async fn write(self) {
        let mut count = 0;
        while self.disk.is_waiting() {
            count += 1;
            let text = Uuid::new_v4().to_string();
            let touches_beside = (self.number + count).is_multiple_of(8);
            append(&self.kernel, self.number, &text, touches_beside).await;
            self.acknowledged
                .lock()
                .expect("nobody panicked")
                .push(text);
            if count % 16 == 0 && self.number == 0 {
                self.kernel.ledger.checkpoint().await.expect("signs");
            }
        }
    }
}

async fn append(kernel: &Kernel, writer: u128, text: &str, touches_beside: bool) {
    let author = PersonId(Uuid::from_u128(writer + 1));
    let room = RoomId(Uuid::from_u128((writer + 1) << 32));
    let key = Uuid::new_v4();
    let mut unit = kernel.unit(Order::by(Actor::Person(author)).once(Some(key)));
    let sent = MessengerEvent::MessageSent {
        room,
        number: 1,
        message: MessageId(key),
        author,
        text: Personal::new(text.to_owned()),
    };
    unit.event(StreamId(room.0), AnyEvent::Messenger(sent));
    if touches_beside {
        unit.claim("login", text);
    }
    unit.commit().await.expect("is written");
}

/// Opens what the cut has left.
async fn check(directory: &Path, certain: &[String], place: &str) {
    let kernel = open(directory, Clock::manual(MONDAY)).await;
    let kernel = kernel.unwrap_or_else(|error| panic!("{place}: does not open: {error:?}"));
    let found = texts(&kernel).await;
    for text in certain {
        let times = found.get(text).copied().unwrap_or_default();
        assert_eq!(
            times, 1,
            "{place}: an acknowledged event is there {times} times"
        );
    }
    assert!(found.values().all(|times| *times == 1), "{place}: doubled");
    append(&kernel, 99, place, true).await;
    is_sound(&kernel).await;
    close(kernel).await;
}
