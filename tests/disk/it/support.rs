//! A kernel whose directory lies on a disk of ours, bounded waits, and what must hold of every log.

use edge_kernel::views::Registry;
use edge_kernel::{Clock, Kernel, StartError};
use events::AnyEvent;
use events::accounts::view::People;
use events::messenger::MessengerEvent;
use events::messenger::view::{Messages, Rooms};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The first moment of every test: 2026-11-23T08:00Z.
pub(crate) const MONDAY: u64 = 1_795_420_800_000;

/// Longer than any single step may take, on a busy machine as well.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits for something that must end.
pub(crate) async fn bounded<T>(what: &str, doing: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, doing).await {
        Ok(done) => done,
        Err(_) => panic!("{what}: hangs"),
    }
}

pub(crate) async fn open(directory: &Path, clock: Clock) -> Result<Kernel, StartError> {
    let views = Registry::default()
        .with::<People>()
        .with::<Rooms>()
        .with::<Messages>();
    let opening = Kernel::open(directory, clock, views, &|_, _, _| {});
    bounded("opening", opening).await
}

/// Closes a kernel and waits until its writer is gone, so that the directory can be opened again.
pub(crate) async fn close(kernel: Kernel) {
    let Kernel { ledger, views, .. } = kernel;
    let closing = async {
        views.close().await;
        drop(views);
        ledger.close().await;
    };
    bounded("closing", closing).await;
}

/// How often each text stands in the log.
pub(crate) async fn texts(kernel: &Kernel) -> BTreeMap<String, u32> {
    let (mut found, mut at) = (BTreeMap::new(), 0);
    while at < kernel.ledger.size() {
        let read = kernel.ledger.read(at, 1000).await.expect("reads");
        for recorded in &read {
            assert!(recorded.position > at, "positions go up");
            at = recorded.position;
            if let AnyEvent::Messenger(MessengerEvent::MessageSent { text, .. }) = &recorded.event
                && let Some(text) = text.get()
            {
                *found.entry(text.clone()).or_default() += 1;
            }
        }
        if read.is_empty() {
            break;
        }
    }
    found
}

/// The log verifies, and the views come up to its head.
pub(crate) async fn is_sound(kernel: &Kernel) {
    let report = kernel.ledger.verify(&|_, _| {}).await.expect("verifies");
    assert_eq!(report.problems, []);
    let size = kernel.ledger.size();
    let views = kernel.views.wait_for(size, Duration::from_secs(30));
    views.await.expect("the views go on");
}
