//! How long to wait before trying again: exponential with full jitter, so that thousands of schools do not return to a restarted
//! relay in one breath.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It worked; the next failure begins anew.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Waits between nothing and a bound that doubles with each failure, from 50 ms to 5 s.
    pub(super) async fn wait(&mut self) {
        let bound = (FIRST * 2_u32.saturating_pow(self.failures.min(10))).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        tokio::time::sleep(bound.mul_f64(fraction())).await;
    }
}

/// A random number between 0 and 1.
pub(super) fn fraction() -> f64 {
    let mut bytes = [0; 4];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX),
        // Without randomness a fixed middle is still a pause.
        Err(_) => 0.5,
    }
}
