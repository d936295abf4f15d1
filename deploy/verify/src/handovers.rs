//! Which keys have signed the log, one after the other, as the export tells: where each gave way to the next. The log's own events
//! say it, too: unsealed, both keys as text.

use crate::note::Key;
use crate::report::Problems;
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) const FILE: &str = "handovers.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    handovers: Vec<Handover>,
}

/// One handover: the position of its `LogSealed`, the key of before, and the key of what comes later.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Handover {
    position: u64,
    key: String,
    successor: String,
}

/// The keys before the newest, in order.
#[derive(Default)]
pub(crate) struct Handovers {
    by_position: BTreeMap<u64, Handover>,
}

impl Handovers {
    /// Reads them; they must lead from key to key to the newest, `own`.
    pub(crate) fn read(text: &[u8], own: &str, problems: &mut Problems) -> Self {
        let file: File = match serde_json::from_slice(text) {
            Ok(file) => file,
            Err(error) => {
                problems.file(FILE, format!("it cannot be read: {error}"));
                return Self::default();
            }
        };
        let mut handovers = file.handovers.iter().peekable();
        while let Some(one) = handovers.next() {
            let leads = match handovers.peek() {
                Some(next) => next.key == one.successor && next.position > one.position,
                None => one.successor == own,
            };
            if !leads {
                problems.file(
                    FILE,
                    "the keys do not lead from one to the next and to the newest",
                );
            }
        }
        let handovers = file.handovers.into_iter();
        let by_position = handovers.map(|one| (one.position, one)).collect();
        Self { by_position }
    }

    /// The keys of before, each with the position up to which it signs.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, u64)> {
        let handovers = self.by_position.values();
        handovers.map(|one| (one.key.as_str(), one.position))
    }

    /// Whether the unsealed part of the event at a position says this handover: it holds both keys as text, and no third of the log.
    pub(crate) fn are_said(&self, position: u64, part: &[u8]) -> bool {
        let Some(one) = self.by_position.get(&position) else {
            return false;
        };
        let Some(key) = Key::parse(&one.key).filter(Key::is_of_a_log) else {
            return false;
        };
        let mark = format!("{}+", key.name);
        let places = (0..part.len()).filter(|at| part[*at..].starts_with(mark.as_bytes()));
        let is_next = |(at, key): (usize, &str)| part[at..].starts_with(key.as_bytes());
        let places: Vec<usize> = places.collect();
        let keys = [one.key.as_str(), one.successor.as_str()];
        places.len() == keys.len() && places.into_iter().zip(keys).all(is_next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "log+a+b";

    #[test]
    fn keys_lead_from_one_to_the_next_and_to_the_newest() {
        let read = |text: &str| {
            let mut problems = Problems::default();
            Handovers::read(text.as_bytes(), "c", &mut problems);
            problems.into_list().is_empty()
        };
        assert!(read(r#"{"handovers":[]}"#));
        assert!(read(
            r#"{"handovers":[{"position":7,"key":"a","successor":"b"},{"position":9,"key":"b","successor":"c"}]}"#
        ));
        assert!(!read(
            r#"{"handovers":[{"position":7,"key":"a","successor":"b"}]}"#
        ));
        assert!(!read(
            r#"{"handovers":[{"position":9,"key":"a","successor":"b"},{"position":7,"key":"b","successor":"c"}]}"#
        ));
        assert!(!read("{}"));
        assert!(!Handovers::default().are_said(7, OLD.as_bytes()));
    }
}
