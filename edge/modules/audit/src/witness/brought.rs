//! How much is brought to this machine as a witness in the running minute: of each log that it witnesses, and by each address what no
//! such log has signed. The two never share: rubbish cannot spend what a neighbour needs. Knows no clock.

use events::Millis;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Steps forward of one log in a minute: each costs a durable write, and a neighbour takes six.
const STEPS: u32 = 120;
/// Requests of one address in a minute that nobody has signed.
const RUBBISH: u32 = 60;
/// Addresses remembered; beyond it all are forgotten, which lets more be answered and nothing be stored.
const REMEMBERED: usize = 4096;

/// Logs are those of the configuration, so that they need no bound.
#[derive(Default)]
struct Minute {
    number: u64,
    steps: HashMap<String, u32>,
    rubbish: HashMap<IpAddr, u32>,
}

/// The counts.
#[derive(Default)]
pub(crate) struct Brought(Mutex<Minute>);

impl Brought {
    /// Whether this log may take another step.
    pub(crate) fn step(&self, origin: &str, now: Millis) -> bool {
        let mut minute = self.minute(now);
        let steps = minute.steps.entry(origin.to_owned()).or_default();
        *steps += 1;
        *steps <= STEPS
    }

    /// Whether this address is still told what was wrong.
    pub(crate) fn rubbish(&self, from: Option<IpAddr>, now: Millis) -> bool {
        let mut minute = self.minute(now);
        if minute.rubbish.len() >= REMEMBERED {
            minute.rubbish.clear();
        }
        let from = household(from.unwrap_or(Ipv6Addr::UNSPECIFIED.into()));
        let sent = minute.rubbish.entry(from).or_default();
        *sent += 1;
        *sent <= RUBBISH
    }

    fn minute(&self, now: Millis) -> MutexGuard<'_, Minute> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now / 60_000;
        if minute.number != number {
            *minute = Minute {
                number,
                ..Minute::default()
            };
        }
        minute
    }
}

/// One IPv4 address, or one IPv6 /64, which a household usually has to itself.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & (u128::MAX << 64)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 60_000;

    #[test]
    fn a_flood_of_checkpoints_ends_with_the_minute_and_is_its_own_logs_alone() {
        let brought = Brought::default();
        assert!((0..STEPS).all(|_| brought.step("wild.test", NOW)));
        assert!(!brought.step("wild.test", NOW + 1));
        assert!(brought.step("calm.test", NOW + 1));
        assert!(brought.step("wild.test", 2 * NOW));
    }

    #[test]
    fn rubbish_counts_for_its_address_and_for_no_log() {
        let brought = Brought::default();
        let from = |text: &str| text.parse().ok();
        assert!((0..RUBBISH).all(|_| brought.rubbish(from("2001:db8::1"), NOW)));
        assert!(!brought.rubbish(from("2001:db8::2"), NOW), "one household");
        assert!(brought.rubbish(from("2001:db8:0:1::1"), NOW));
        assert!(brought.rubbish(from("192.0.2.1"), NOW));
        assert!(brought.step("calm.test", NOW));
    }

    #[test]
    fn no_more_addresses_are_remembered_than_fit() {
        let brought = Brought::default();
        for last in 0..2 * REMEMBERED as u32 {
            brought.rubbish(Some(IpAddr::V4(last.into())), NOW);
        }
        assert!(brought.minute(NOW).rubbish.len() <= REMEMBERED);
    }
}
