//! Limits against guessing: per account and per device, with delays that grow; what comes without a known device is also
//! limited by its [place](super::places), for one password can be tried on many accounts.
//!
//! A device on which a person has signed in before counts for itself: whoever guesses from elsewhere delays only others who
//! come from elsewhere. What an account has failed is kept durably; names that nobody has are counted in memory only, so
//! that inventing names fills no table, but they are answered in the same way.

use super::places::{Place, Places};
use crate::error::AccountsError;
use crate::store::{self, Failures, Hash, Store};
use edge_kernel::unit::Order;
use edge_kernel::{Actor, Kernel};
use events::Millis;
use events::ids::PersonId;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// Failures of an account that cost nothing: everybody mistypes.
const FREE: u32 = 5;
/// Failures of a device over all accounts that cost nothing: in a computer room a class signs in one after another.
const FREE_OF_DEVICE: u32 = 20;
/// Failures after which a device is not taken for its owner's on accounts that have never signed in on it.
const FREE_ELSEWHERE: u32 = 3;
/// The longest delays, in seconds: of an account from unknown devices, of a device.
const MOST: u64 = 15 * 60;
const MOST_OF_DEVICE: u64 = 60;
/// Failures are forgotten a day after the last.
pub(crate) const FORGOTTEN_AFTER: Millis = 24 * 60 * 60 * 1000;
/// Counters held in memory.
const HELD: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");
/// Attempts on one account wait for one another; so many accounts at a time can be told apart.
const LANES: usize = 1024;

/// What an attempt is counted under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// The account, or the account on this known device.
    account: Hash,
    /// The device, when it showed a cookie of ours.
    device: Option<Hash>,
    /// Whether the account has signed in on it before.
    known_device: bool,
    /// Where it comes from, when that counts.
    place: Option<Place>,
    /// Whether the account exists.
    durable: bool,
}

/// The counters; cheap to clone.
#[derive(Clone)]
pub(crate) struct Guesses {
    kernel: Kernel,
    counted: Arc<Mutex<LruCache<Hash, Failures>>>,
    places: Arc<Places>,
    lanes: Arc<[tokio::sync::Mutex<()>]>,
}

impl Guesses {
    pub(crate) fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            counted: Arc::new(Mutex::new(LruCache::new(HELD))),
            places: Arc::default(),
            lanes: (0..LANES).map(|_| tokio::sync::Mutex::default()).collect(),
        }
    }

    /// Waits for earlier attempts on the same login name, so that a thousand at once cannot all be the first.
    pub(crate) async fn turn(&self, login: &[u8]) -> tokio::sync::MutexGuard<'_, ()> {
        let lane = login
            .iter()
            .take(8)
            .fold(0_usize, |sum, byte| (sum << 4) ^ usize::from(*byte));
        self.lanes[lane % LANES].lock().await
    }

    /// An attempt on a login name (by its keyed hash) from a device.
    pub(crate) fn attempt(
        &self,
        login: &[u8],
        device: Option<Hash>,
        is_account: bool,
        known_device: bool,
        place: Option<Place>,
    ) -> Attempt {
        let of_device = device.filter(|_| known_device);
        let account = [login, of_device.as_ref().map_or(&[], Hash::as_slice)].concat();
        Attempt {
            account: self.key("account", &account),
            device: device.map(|device| self.key("device", &device)),
            known_device,
            place,
            durable: is_account,
        }
    }

    fn key(&self, kind: &str, value: &[u8]) -> Hash {
        let hash = self
            .kernel
            .keyed_hash(&format!("accounts/guess/{kind}"), value);
        hash.try_into().unwrap_or_default()
    }

    /// Refuses the attempt while its delay runs. Asked once more when the password was compared, it keeps a thousand
    /// attempts at once from all being admitted before the first has failed.
    pub(crate) async fn admit(&self, attempt: &Attempt) -> Result<(), AccountsError> {
        let now = self.kernel.clock.now();
        let account = self.failures(&attempt.account).await?;
        let mut waits = wait(account, FREE, MOST, now);
        let mut trusted = attempt.known_device;
        if let Some(device) = &attempt.device {
            let device = self.failures(device).await?;
            let forgotten = now >= device.last.saturating_add(FORGOTTEN_AFTER);
            trusted |= forgotten || device.count <= FREE_ELSEWHERE;
            waits = waits.max(wait(device, FREE_OF_DEVICE, MOST_OF_DEVICE, now));
        }
        if let Some(place) = attempt.place.filter(|_| !trusted) {
            waits = waits.max(self.places.wait(place, now));
        }
        match waits {
            0 => Ok(()),
            millis => Err(AccountsError::SlowDown {
                seconds: millis.div_ceil(1000),
            }),
        }
    }

    /// Looked up for every key alike, kept or not: the time it takes must not tell who exists.
    async fn failures(&self, key: &Hash) -> Result<Failures, AccountsError> {
        let held = self.lock().get(key).copied();
        if let Some(failures) = held {
            return Ok(failures);
        }
        let failures = Store(self.kernel.ledger.kept()).failures(key).await?;
        self.lock().put(*key, failures);
        Ok(failures)
    }

    /// Counts a failure. It is written beside the answer, not before it: the time it takes would tell who exists.
    pub(crate) fn failed(&self, attempt: &Attempt) {
        let now = self.kernel.clock.now();
        let mut counted = self.lock();
        let mut count = |key: &Hash| {
            let before = counted
                .get(key)
                .copied()
                .filter(|failures| now < failures.last + FORGOTTEN_AFTER);
            let failures = Failures {
                count: before.unwrap_or_default().count.saturating_add(1),
                last: now,
            };
            counted.put(*key, failures);
            failures
        };
        let failures = count(&attempt.account);
        if let Some(device) = &attempt.device {
            count(device);
        }
        drop(counted);
        if let Some(place) = attempt.place.filter(|_| !attempt.known_device) {
            self.places.failed(place, now);
        }
        if attempt.durable {
            let (kernel, key) = (self.kernel.clone(), attempt.account);
            tokio::spawn(async move {
                let mut unit = kernel.unit(Order::by(Actor::Machine));
                store::keep_failures(&mut unit, &key, failures);
                if let Err(error) = unit.commit().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a failed sign-in was not counted durably"
                    );
                }
            });
        }
    }

    /// Forgets an account's failures once somebody knew the password; gives the key whose row must go with it.
    pub(crate) fn succeeded(&self, attempt: &Attempt, person: PersonId) -> Option<Hash> {
        if let Some(place) = attempt.place {
            self.places
                .succeeded(place, person, self.kernel.clock.now());
        }
        let mut counted = self.lock();
        let had_failed = counted
            .put(attempt.account, Failures::default())
            .is_some_and(|failures| failures.count > 0);
        if let Some(failures) = attempt
            .device
            .as_ref()
            .and_then(|device| counted.get_mut(device))
        {
            failures.count /= 2;
        }
        (had_failed && attempt.durable).then_some(attempt.account)
    }

    /// Drops durable counters that have no effect any more.
    pub(crate) async fn sweep(&self) -> Result<(), AccountsError> {
        let before = self.kernel.clock.now().saturating_sub(FORGOTTEN_AFTER);
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        store::drop_old_failures(&mut unit, before);
        unit.commit().await?;
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<Hash, Failures>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds to wait: nothing for the free failures, then 2 s, 4 s, 8 s … after the last one.
fn wait(failures: Failures, free: u32, most: u64, now: Millis) -> u64 {
    if failures.count < free || now >= failures.last.saturating_add(FORGOTTEN_AFTER) {
        return 0;
    }
    // A failure of days to come was dated by a clock that ran ahead: nobody is locked out until then.
    if failures.last > now.saturating_add(FORGOTTEN_AFTER) {
        return 0;
    }
    let exponent = (failures.count - free + 1).min(32);
    let delay = (1_u64 << exponent).min(most) * 1000;
    failures.last.saturating_add(delay).saturating_sub(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_begin_after_the_free_failures_double_and_end() {
        let waits = |count| {
            wait(
                Failures {
                    count,
                    last: 10_000,
                },
                FREE,
                MOST,
                10_000,
            )
        };
        assert_eq!([0, 4, 5, 6, 7].map(waits), [0, 0, 2_000, 4_000, 8_000]);
        assert_eq!([14, 20, u32::MAX].map(waits), [900_000; 3]);
    }

    #[test]
    fn a_delay_passes_and_a_day_forgets() {
        let at = |now| {
            wait(
                Failures {
                    count: 5,
                    last: 10_000,
                },
                FREE,
                MOST,
                now,
            )
        };
        assert_eq!([at(11_000), at(12_000), at(13_000)], [1_000, 0, 0]);
        assert_eq!(
            wait(Failures { count: 40, last: 0 }, FREE, MOST, FORGOTTEN_AFTER),
            0
        );
    }

    #[test]
    fn a_failure_dated_by_a_clock_that_ran_ahead_locks_nobody_out() {
        let ahead = Failures {
            count: 40,
            last: 365 * FORGOTTEN_AFTER,
        };
        assert_eq!(wait(ahead, FREE, MOST, FORGOTTEN_AFTER), 0);
    }
}
