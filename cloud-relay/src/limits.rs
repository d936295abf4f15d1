//! Counting and throttling: concurrent connections by key, token buckets, and the queue of those who wait, whose oldest goes first.
//! Knows no sockets; times are inputs.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

/// Whom a limit by address means: one IPv4 address, or one IPv6 /64, which a household usually has to itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AddressKey(IpAddr);

impl AddressKey {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(truncated(address, 32, 64))
    }
}

/// The form of an address that may be logged: /24 or /48. What is left names a region, not a household.
pub(crate) struct Truncated(pub(crate) IpAddr);

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        truncated(self.0, 24, 48).fmt(f)
    }
}

fn truncated(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4((u32::from(address) & (u32::MAX << (32 - v4))).into()),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & (u128::MAX << (128 - v6))).into()),
    }
}

/// How many of each key are here at once.
#[derive(Debug)]
pub(crate) struct Census<K: Eq + Hash>(Mutex<HashMap<K, usize>>);

/// One place in a [`Census`], given back when dropped.
pub(crate) struct Place<K: Eq + Hash + Copy> {
    census: Arc<Census<K>>,
    key: K,
}

impl<K: Eq + Hash> Default for Census<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Copy> Census<K> {
    /// Takes a place when fewer than `most` of this key are here.
    pub(crate) fn enter(self: &Arc<Self>, key: K, most: usize) -> Option<Place<K>> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place {
            census: Arc::clone(self),
            key,
        })
    }

    pub(crate) fn contains(&self, key: K) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&key)
    }
}

impl<K: Eq + Hash + Copy> Drop for Place<K> {
    fn drop(&mut self) {
        let mut counts = self.census.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f64,
    filled: Instant,
}

/// How a bucket fills and how much it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) burst: f64,
}

impl Rate {
    pub(crate) fn per_second(rate: u32) -> Self {
        Self {
            per_second: f64::from(rate),
            burst: f64::from(rate),
        }
    }

    pub(crate) fn per_minute(rate: u32) -> Self {
        Self {
            per_second: f64::from(rate) / 60.0,
            burst: f64::from(rate),
        }
    }
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Instant) -> Self {
        Self {
            tokens: rate.burst,
            filled: now,
        }
    }

    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> bool {
        self.fill(rate, now);
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }

    fn fill(&mut self, rate: Rate, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second).min(rate.burst);
        self.filled = now;
    }
}

/// One bucket per key. Full buckets are forgotten, so memory follows those who are at it now.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

/// Buckets kept before the full ones are swept out.
const SWEEP_AT: usize = 50_000;

impl<K: Eq + Hash> Buckets<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: Mutex::default(),
        }
    }

    pub(crate) fn take(&self, key: K, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP_AT {
            let rate = self.rate;
            buckets.retain(|_, bucket| {
                bucket.fill(rate, now);
                bucket.tokens < rate.burst
            });
        }
        buckets
            .entry(key)
            .or_insert_with(|| Bucket::full(self.rate, now))
            .take(self.rate, now)
    }
}

/// Those who have proved nothing yet. When there are too many, the one who has waited longest goes: an honest peer is quick.
#[derive(Debug)]
pub(crate) struct Waiting {
    most: usize,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
}

/// A place among the waiting, given back when dropped.
pub(crate) struct Wait {
    waiting: Arc<Waiting>,
    number: u64,
    evicted: oneshot::Receiver<()>,
}

impl Waiting {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            queue: Mutex::default(),
        })
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Wait {
        let (keep, evicted) = oneshot::channel();
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let number = queue.next;
        queue.next += 1;
        queue.waiting.insert(number, keep);
        if queue.waiting.len() > self.most {
            // Dropping the sender tells the oldest to go.
            queue.waiting.pop_first();
        }
        Wait {
            waiting: Arc::clone(self),
            number,
            evicted,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .waiting
            .len()
    }
}

impl Wait {
    /// Returns when this one has to go.
    pub(crate) async fn evicted(&mut self) {
        let _ = (&mut self.evicted).await;
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.waiting
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .waiting
            .remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(text: &str) -> AddressKey {
        AddressKey::of(text.parse().expect("an address"))
    }

    #[test]
    fn an_ipv6_household_counts_as_one_and_mapped_addresses_as_what_they_are() {
        assert!(key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"));
        assert!(key("2001:db8:1:2::1") != key("2001:db8:1:3::1"));
        assert!(key("::ffff:10.1.2.3") == key("10.1.2.3"));
        assert!(key("10.1.2.3") != key("10.1.2.4"));
    }

    #[test]
    fn a_logged_address_names_a_region_only() {
        let logged = |text: &str| Truncated(text.parse().expect("an address")).to_string();
        assert_eq!(logged("203.0.113.77"), "203.0.113.0");
        assert_eq!(logged("2001:db8:1:2:3:4:5:6"), "2001:db8:1::");
    }

    #[test]
    fn a_place_is_given_back_and_nothing_is_kept_of_those_who_left() {
        let census = Arc::new(Census::default());
        let places: Vec<_> = (0..3).map(|_| census.enter(1, 3)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(census.enter(1, 3).is_none());
        assert!(census.enter(2, 3).is_some());
        drop(places);
        assert!(!census.contains(1));
        assert!(census.enter(1, 3).is_some());
    }

    #[test]
    fn a_bucket_allows_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let buckets = Buckets::new(Rate {
            per_second: 2.0,
            burst: 3.0,
        });
        let allowed = |at: u64| buckets.take("a", start + Duration::from_millis(at));
        assert_eq!(
            [0, 0, 0, 0, 500, 500, 1500, 1500, 1500].map(allowed),
            [true, true, true, false, true, false, true, true, false]
        );
    }

    #[tokio::test]
    async fn the_one_who_waited_longest_goes_first() {
        let waiting = Waiting::new(2);
        let (mut first, second, third) = (waiting.enter(), waiting.enter(), waiting.enter());
        first.evicted().await;
        assert_eq!(waiting.len(), 2);
        drop((first, second, third));
        assert_eq!(waiting.len(), 0);
    }
}
