//! What follows elsewhere from an event: `<event>/<effect>.rs` says what, this file starts them all.
//!
//! A flow runs at least once per event, so each effect is one that can happen twice without harm. A batch of events is
//! answered with one append: an import of a whole school opens its spaces in a second.

pub mod group_added;
pub mod person_added;

use edge_files::Files;
use edge_kernel::Kernel;
use edge_kernel::react::{self, ReactError};
use edge_messenger::Messenger;
use group_added::{OpenRoom, OpenSpace};
use person_added::OpenOwnSpace;
use tokio_util::sync::CancellationToken;

/// Runs every flow until it is told to stop. A flow that is stopped within an effect goes on with it at the next start.
pub async fn run(kernel: Kernel, files: Files, messenger: Messenger, stop: CancellationToken) {
    let flows = async {
        tokio::join!(
            react::run(kernel.clone(), OpenSpace(files.clone())),
            react::run(kernel.clone(), OpenRoom(messenger)),
            react::run(kernel.clone(), OpenOwnSpace(files)),
        )
    };
    tokio::select! {
        () = stop.cancelled() => {}
        _ = flows => {}
    }
}

/// Lets every flow catch up with the log as it is now; for seeding, and for tests. Not while they run.
pub async fn catch_up(
    kernel: &Kernel,
    files: &Files,
    messenger: &Messenger,
) -> Result<(), ReactError> {
    react::catch_up(kernel, &OpenSpace(files.clone())).await?;
    react::catch_up(kernel, &OpenRoom(messenger.clone())).await?;
    react::catch_up(kernel, &OpenOwnSpace(files.clone())).await
}

/// What a failed effect looks like to whoever tries it again.
fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ReactError {
    ReactError(Box::new(error))
}
