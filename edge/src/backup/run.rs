//! Beside the running server: what is new goes to the backup ten seconds after it was written, or when a mebibyte has come together;
//! once a week a restoration is tried. What fails is tried again later and later, and nobody waits for any of it.

use super::{Backup, Scope};
use anyhow::{Error, Result};
use edge_kernel::Kernel;
use events::Position;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the log is looked at, and how long what is new may wait.
const LOOK: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);
/// Bytes of new events that wait for no clock.
const MUCH: u64 = 1 << 20;
/// The pauses after failures double up to this.
const PAUSE: Duration = Duration::from_secs(600);
/// Milliseconds between two drills, and between two tries after one that failed.
const WEEK: u64 = 7 * 24 * 3600 * 1000;
const AGAIN: Duration = Duration::from_secs(6 * 3600);
/// Rows looked at at once.
const PAGE: u32 = 2048;

/// Brings backups until it is stopped. `address` is where.
pub(crate) async fn run(backup: Backup, kernel: Kernel, address: String, stop: CancellationToken) {
    backup.note(|status| status.continuous = true);
    let mut scope = Scope::All;
    let mut drill_not_before = Instant::now();
    let mut failures = 0;
    loop {
        let outcome = tokio::select! {
            outcome = bring(&backup, &kernel, &address, scope) => outcome,
            () = stop.cancelled() => return,
        };
        let pause = match outcome {
            Ok(size) => {
                (scope, failures) = (Scope::Tail, 0);
                if is_due(&backup, &kernel) && Instant::now() >= drill_not_before {
                    drill_not_before = Instant::now() + AGAIN;
                    drill(&backup, &kernel, &address, &stop).await;
                }
                tokio::select! {
                    () = something_new(&kernel, size) => Duration::ZERO,
                    () = stop.cancelled() => return,
                }
            }
            Err(error) => {
                tell(&error, "the backup was not brought up to date");
                // What was still to be removed is named nowhere any more once the manifest is there.
                scope = Scope::All;
                failures += 1;
                backup.note(|status| status.failures = failures);
                pause(failures)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {},
            () = stop.cancelled() => return,
        }
    }
}

fn bring<'a>(
    backup: &'a Backup,
    kernel: &'a Kernel,
    address: &'a str,
    scope: Scope,
) -> BoxFuture<'a, Result<Position>> {
    async move {
        // Opened anew each time: a disk may come and go.
        let target = backup.target(address)?;
        let pushed = backup.push(kernel, &target, scope, &|_, _, _| {}).await?;
        Ok(pushed.size)
    }
    .boxed()
}

/// On a thread of its own: restoring unpacks and hashes the whole log, and others wait for the runtime's threads.
async fn drill(backup: &Backup, kernel: &Kernel, address: &str, stop: &CancellationToken) {
    let (backup, kernel, stop) = (backup.clone(), kernel.clone(), stop.clone());
    let address = address.to_owned();
    let runtime = tokio::runtime::Handle::current();
    let tried = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            let tried = async { backup.drill(&kernel, &backup.target(&address)?).await };
            tokio::select! {
                tried = tried => Some(tried),
                () = stop.cancelled() => None,
            }
        })
    });
    match tried.await {
        Ok(Some(Ok(position))) => {
            tracing::info!(position, "the backup was restored to try it, and verifies");
        }
        Ok(Some(Err(error))) => tell(&error, "the backup could not be restored when it was tried"),
        Ok(None) => {}
        Err(error) => tell(&error.into(), "the try to restore the backup broke off"),
    }
}

fn is_due(backup: &Backup, kernel: &Kernel) -> bool {
    let drilled = backup.status().drilled;
    drilled.is_none_or(|last| kernel.clock.now().saturating_sub(last.at) >= WEEK)
}

/// Names of objects are hashes and random ids, so that a cause may be told.
fn tell(error: &Error, what: &'static str) {
    let cause: &(dyn std::error::Error + 'static) = error.as_ref();
    tracing::error!(error = cause, "{what}");
}

fn pause(failures: u32) -> Duration {
    (LONGEST * 2_u32.saturating_pow(failures.saturating_sub(1).min(10))).min(PAUSE)
}

/// Returns ten seconds after the log has grown beyond a position, or when it has grown by a mebibyte.
async fn something_new(kernel: &Kernel, after: Position) {
    let mut head = kernel.ledger.watch();
    // The log's handle is ours, so that its head goes on.
    let _ = head.wait_for(|size| *size > after).await;
    let latest = Instant::now() + LONGEST;
    let (mut at, mut bytes) = (after, 0);
    while bytes < MUCH && Instant::now() < latest {
        tokio::time::sleep_until(latest.min(Instant::now() + LOOK)).await;
        let rows = kernel.ledger.stored(at, PAGE).await.unwrap_or_default();
        let length = |part: &Option<Vec<u8>>| part.as_ref().map_or(0, Vec::len) as u64;
        bytes += rows
            .iter()
            .map(|row| length(&row.entry) + length(&row.body))
            .sum::<u64>();
        at = rows.last().map_or(at, |row| row.position);
        if rows.len() == PAGE as usize {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_ten_seconds_to_ten_minutes() {
        let seconds = [1, 2, 3, 7, 40].map(|failures| pause(failures).as_secs());
        assert_eq!(seconds, [10, 20, 40, 600, 600]);
    }
}
