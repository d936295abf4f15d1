//! How many of which witnesses are enough, when it is too long ago, and which checkpoint is shown. Pure: times are inputs.

use crate::store::Kept;
use events::Millis;
use events_proof::cosignature::{cosigned_at, witness_name};
use events_proof::note::key_name;

/// Without enough cosignatures for so long there is an alarm, in milliseconds.
pub(crate) const LATE: Millis = 60 * 60 * 1000;

/// A witness of this school's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// What the administration calls it.
    pub name: String,
    /// Its verifier key, `name+hash+key`.
    pub key: String,
}

/// Whom we ask, how many must answer, and whose logs we witness ourselves.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    need: usize,
    peers: Vec<Peer>,
    logs: Vec<String>,
}

/// The configuration of witnesses makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// More cosignatures are asked for than there are witnesses, or none at all.
    #[error(
        "witness.need is {need}, but there are {peers} witnesses: set it between 1 and {peers}, or add a [[witness.peer]]"
    )]
    Need {
        /// What was asked.
        need: usize,
        /// How many there are.
        peers: usize,
    },
    /// Not the key of a witness.
    #[error(
        "witness.peer {name:?}: `key` is not the verifier key of a witness (name+hash+key as the witness prints it; a log's own key will not do)"
    )]
    PeerKey {
        /// Which witness.
        name: String,
    },
    /// The same witness twice would count twice.
    #[error(
        "witness.peer {name:?} has the name or the key of another witness: each may stand there once"
    )]
    Twice {
        /// Which witness.
        name: String,
    },
    /// Not the key of a log.
    #[error(
        "witness.log number {number} is not the verifier key of a log (name+hash+key, as the other school's page of witnesses shows it)"
    )]
    LogKey {
        /// Which entry, from 1.
        number: usize,
    },
}

impl Policy {
    /// A policy; without `need`, more than half of the witnesses must answer.
    ///
    /// # Errors
    /// The first thing that makes no sense, by its name in the configuration.
    pub fn try_new(
        need: Option<usize>,
        peers: Vec<Peer>,
        logs: Vec<String>,
    ) -> Result<Self, PolicyError> {
        for (at, peer) in peers.iter().enumerate() {
            let name = || peer.name.clone();
            if witness_name(&peer.key).is_none() {
                return Err(PolicyError::PeerKey { name: name() });
            }
            let earlier = peers.iter().take(at);
            if earlier
                .into_iter()
                .any(|other| other.key == peer.key || other.name == peer.name)
            {
                return Err(PolicyError::Twice { name: name() });
            }
        }
        if let Some(at) = logs.iter().position(|key| key_name(key).is_none()) {
            return Err(PolicyError::LogKey { number: at + 1 });
        }
        let fallback = if peers.is_empty() {
            0
        } else {
            peers.len() / 2 + 1
        };
        let need = need.unwrap_or(fallback);
        if need > peers.len() || (need == 0 && !peers.is_empty()) {
            return Err(PolicyError::Need {
                need,
                peers: peers.len(),
            });
        }
        Ok(Self { need, peers, logs })
    }

    /// Cosignatures that must come.
    #[must_use]
    pub fn need(&self) -> usize {
        self.need
    }

    /// Who is asked.
    #[must_use]
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// The keys of the logs that this machine witnesses.
    #[must_use]
    pub fn logs(&self) -> &[String] {
        &self.logs
    }

    /// Of the newest notes, newest first, the one to show: the newest with enough cosignatures, so that a tool with the same
    /// policy can believe it. When that is old, the newest of all: what is missing then is told by the alarm, not by hiding
    /// what has happened since.
    pub(crate) fn shown<'a>(&self, notes: &'a [String], now: Millis) -> Option<&'a String> {
        let enough = notes.iter().find_map(|note| {
            let mut times: Vec<u64> = self
                .peers
                .iter()
                .filter_map(|peer| cosigned_at(note, &peer.key))
                .collect();
            times.sort_unstable_by(|one, other| other.cmp(one));
            let oldest_needed = times.get(self.need.checked_sub(1)?)?;
            Some((note, oldest_needed.saturating_mul(1000)))
        });
        match enough {
            Some((note, at)) if at + LATE > now => Some(note),
            _ => notes.first(),
        }
    }
}

/// Whether enough witnesses have cosigned of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) alarm: bool,
}

impl Standing {
    /// A witness that has never answered is waited for as long, from when it was first asked.
    pub(crate) fn of(policy: &Policy, kept: &[Kept], now: Millis) -> Self {
        let in_time = policy.peers.iter().filter(|peer| {
            let kept = kept.iter().find(|kept| kept.key == peer.key);
            kept.is_none_or(|kept| kept.at.unwrap_or(kept.since) + LATE > now)
        });
        Self {
            alarm: in_time.count() < policy.need,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events_proof::cosignature::witness_key;
    use events_proof::note::verifier_key;

    fn peer(number: u8) -> Peer {
        Peer {
            name: format!("w{number}"),
            key: witness_key(&format!("witness.test/{number}"), &[number; 32]),
        }
    }

    fn kept(number: u8, at: Option<Millis>) -> Kept {
        Kept {
            key: peer(number).key,
            since: 1000,
            size: 5,
            at,
        }
    }

    #[test]
    fn a_policy_that_cannot_be_met_is_refused_by_name() {
        let refused = |need, peers, logs| Policy::try_new(need, peers, logs).expect_err("refused");
        assert!(matches!(
            refused(Some(2), vec![peer(1)], vec![]),
            PolicyError::Need { need: 2, peers: 1 }
        ));
        assert!(matches!(
            refused(Some(0), vec![peer(1)], vec![]),
            PolicyError::Need { .. }
        ));
        let log = Peer {
            key: verifier_key("log", &[1; 32]),
            ..peer(1)
        };
        assert!(refused(None, vec![log], vec![]).to_string().contains("w1"));
        assert!(matches!(
            refused(None, vec![peer(1), peer(1)], vec![]),
            PolicyError::Twice { .. }
        ));
        assert_eq!(
            refused(None, vec![], vec![peer(1).key]),
            PolicyError::LogKey { number: 1 }
        );
    }

    #[test]
    fn more_than_half_is_the_default_and_no_witness_needs_none() {
        let need = |count: u8| {
            let peers = (0..count).map(peer).collect();
            Policy::try_new(None, peers, vec![]).expect("good").need()
        };
        assert_eq!([0, 1, 2, 3, 4].map(need), [0, 1, 2, 2, 3]);
    }

    #[test]
    fn the_alarm_comes_after_an_hour_and_goes_with_the_next_cosignature() {
        let policy = Policy::try_new(Some(2), vec![peer(1), peer(2), peer(3)], vec![]);
        let policy = policy.expect("good");
        let alarm = |kept: &[Kept], now| Standing::of(&policy, kept, now).alarm;
        let never = [kept(1, None), kept(2, None), kept(3, None)];
        assert!(!alarm(&[], 5));
        assert!(!alarm(&never, 1000 + LATE - 1));
        assert!(alarm(&never, 1000 + LATE));
        let one = [kept(1, Some(LATE)), kept(2, None), kept(3, None)];
        assert!(alarm(&one, 1000 + LATE));
        let two = [kept(1, Some(LATE)), kept(2, Some(LATE)), kept(3, None)];
        assert!(!alarm(&two, 1000 + LATE));
        assert!(alarm(&two, 2 * LATE));
    }

    #[test]
    fn without_witnesses_there_is_no_alarm_and_the_newest_checkpoint_is_shown() {
        let policy = Policy::default();
        assert!(!Standing::of(&policy, &[], Millis::MAX / 2).alarm);
        let notes = ["new".to_owned(), "old".to_owned()];
        assert_eq!(policy.shown(&notes, 0), Some(&notes[0]));
    }
}
