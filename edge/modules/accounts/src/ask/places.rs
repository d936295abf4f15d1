//! Limits against one password tried on many accounts, by where requests come from.
//!
//! A school shares an address, so a place is never locked out as a whole: devices on which somebody has signed in go by, and
//! so do one-time codes, with which people come for the first time. What is slowed is the rest, right or wrong: were a right
//! password let through, its answer would tell it from the wrong ones and nothing would be slow. Failures of a minute of
//! mistyping are free, and everybody who gets in pays one back, so a Monday morning fills no bucket.
//!
//! Buckets are in memory only. Written down they would be a list of people's addresses, and whoever waits for a restart gains
//! no more than what a place may fail at once anyway; what accounts have failed is kept.

use events::Millis;
use events::ids::PersonId;
use lru::LruCache;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// So long one failure weighs: 360 an hour from one place, five a day for each account of a large school.
const WEIGHT: Millis = 10_000;
/// Failures at once from one address, and from its whole network.
const FROM_ADDRESS: u64 = 40;
const FROM_NETWORK: u64 = 200;
/// A person pays one failure back in so long.
const PAYS_EACH: Millis = 24 * 60 * 60 * 1000;
/// Places and people held.
const HELD: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// Where a request comes from: an address (a home's worth of them with IPv6) and the network around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    address: u128,
    network: u128,
}

impl Place {
    pub(crate) fn of(address: IpAddr) -> Self {
        // IPv4 as it is mapped into IPv6: /32 and /24 are /128 and /120 there.
        let (bits, address, network) = match address.to_canonical() {
            IpAddr::V4(address) => (u128::from(address.to_ipv6_mapped()), 128, 120),
            IpAddr::V6(address) => (u128::from(address), 64, 48),
        };
        let cut = |prefix: u32| bits & (u128::MAX << (128 - prefix));
        Self {
            address: cut(address),
            network: cut(network),
        }
    }

    fn buckets(self) -> [(Bucket, u64); 2] {
        [
            (Bucket::Address(self.address), FROM_ADDRESS),
            (Bucket::Network(self.network), FROM_NETWORK),
        ]
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Bucket {
    Address(u128),
    Network(u128),
}

/// The buckets: until when each weighs, and who has paid back at which address.
pub(crate) struct Places {
    weighs_until: Mutex<LruCache<Bucket, Millis>>,
    paid: Mutex<LruCache<(u128, PersonId), Millis>>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            weighs_until: Mutex::new(LruCache::new(HELD)),
            paid: Mutex::new(LruCache::new(HELD)),
        }
    }
}

impl Places {
    /// Milliseconds until the next attempt from here.
    pub(crate) fn wait(&self, place: Place, now: Millis) -> Millis {
        let mut held = lock(&self.weighs_until);
        let waits = place.buckets().map(|(bucket, most)| {
            let Some(until) = held.get_mut(&bucket) else {
                return 0;
            };
            // What was counted while the clock ran ahead keeps nobody out for longer than as many failures do.
            *until = (*until).min(now + 2 * most * WEIGHT);
            until.saturating_sub(now + (most - 1) * WEIGHT)
        });
        waits.into_iter().max().unwrap_or_default()
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, place: Place, now: Millis) {
        let mut held = lock(&self.weighs_until);
        for (bucket, _) in place.buckets() {
            let until = held.get(&bucket).copied().unwrap_or_default();
            held.put(bucket, until.max(now) + WEIGHT);
        }
    }

    /// Somebody got in. Each person pays back one failure a day, or whoever has one account could guess between two sign-ins.
    pub(crate) fn succeeded(&self, place: Place, person: PersonId, now: Millis) {
        let before = lock(&self.paid).put((place.address, person), now);
        if before.is_some_and(|before| now < before + PAYS_EACH) {
            return;
        }
        let mut held = lock(&self.weighs_until);
        for (bucket, _) in place.buckets() {
            if let Some(until) = held.get_mut(&bucket) {
                *until = until.saturating_sub(WEIGHT);
            }
        }
    }
}

fn lock<T>(held: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Millis = 1_000_000_000;

    fn place(address: &str) -> Place {
        Place::of(address.parse().expect("an address"))
    }

    fn somebody(number: u128) -> PersonId {
        PersonId(Uuid::from_u128(number))
    }

    #[test]
    fn forty_failures_from_one_address_are_free_and_then_one_in_ten_seconds() {
        let places = Places::default();
        let here = place("192.0.2.7");
        for _ in 0..FROM_ADDRESS {
            assert_eq!(places.wait(here, NOW), 0);
            places.failed(here, NOW);
        }
        assert_eq!(places.wait(here, NOW), WEIGHT);
        assert_eq!(places.wait(here, NOW + WEIGHT), 0);
        assert_eq!(places.wait(place("::ffff:192.0.2.7"), NOW), WEIGHT);
        assert_eq!(places.wait(place("192.0.2.8"), NOW), 0, "a neighbour");
    }

    #[test]
    fn changing_the_address_within_a_network_does_not_help_for_long() {
        let places = Places::default();
        for number in 0..FROM_NETWORK {
            places.failed(place(&format!("192.0.2.{number}")), NOW);
        }
        assert_eq!(places.wait(place("192.0.2.250"), NOW), WEIGHT);
        assert_eq!(places.wait(place("192.0.3.1"), NOW), 0);
        for number in 0..FROM_ADDRESS {
            places.failed(place(&format!("2001:db8:1:2::{number:x}")), NOW);
        }
        assert_eq!(places.wait(place("2001:db8:1:2:ffff::1"), NOW), WEIGHT);
        assert_eq!(places.wait(place("2001:db8:1:3::1"), NOW), 0);
    }

    #[test]
    fn a_monday_of_a_whole_school_at_one_address_waits_for_nothing() {
        let places = Places::default();
        let here = place("198.51.100.1");
        // Within a minute; every fourth mistypes first.
        for number in 0..1750_u64 {
            let now = NOW + number * 34;
            if number.is_multiple_of(4) {
                assert_eq!(places.wait(here, now), 0, "mistyping, number {number}");
                places.failed(here, now);
            }
            assert_eq!(places.wait(here, now), 0, "number {number}");
            places.succeeded(here, somebody(number.into()), now);
        }
    }

    #[test]
    fn a_clock_that_ran_ahead_keeps_nobody_out_for_long() {
        let places = Places::default();
        let here = place("192.0.2.7");
        places.failed(here, NOW + 365 * 24 * 60 * 60 * 1000);
        let wait = places.wait(here, NOW);
        assert!(wait <= (FROM_NETWORK + 1) * WEIGHT, "{wait}");
        assert_eq!(places.wait(here, NOW + wait), 0);
    }

    #[test]
    fn one_account_of_one_s_own_does_not_pay_for_many_guesses() {
        let places = Places::default();
        let here = place("192.0.2.7");
        for _ in 0..=FROM_ADDRESS {
            places.failed(here, NOW);
            places.succeeded(here, somebody(1), NOW);
        }
        assert_eq!(places.wait(here, NOW), WEIGHT);
    }
}
