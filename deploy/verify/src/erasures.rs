//! What was erased, as the export tells: which bodies and entries may be absent, and which event says so.

use crate::hash::{hex, sha256};
use crate::report::Problems;
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) const FILE: &str = "erasures.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    erasures: Vec<Erasure>,
}

/// One erasure: the position of its `ErasureExecuted`, and ranges of positions, first and last, that it emptied.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Erasure {
    position: u64,
    bodies: Vec<(u64, u64)>,
    entries: Vec<(u64, u64)>,
}

/// Everything that may be absent: sorted ranges with the position of the event that says so.
#[derive(Default)]
pub(crate) struct Erasures {
    bodies: Vec<(u64, u64, u64)>,
    entries: Vec<(u64, u64, u64)>,
    /// What the event at a position must say, for each erasure: the hash of its ranges.
    said: BTreeMap<u64, String>,
}

/// What is absent at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    Body,
    Entry,
}

impl Erasures {
    pub(crate) fn read(text: &[u8], problems: &mut Problems) -> Self {
        let file: File = match serde_json::from_slice(text) {
            Ok(file) => file,
            Err(error) => {
                problems.file(FILE, format!("it cannot be read: {error}"));
                return Self::default();
            }
        };
        let mut erasures = Self::default();
        for Erasure {
            position,
            bodies,
            entries,
        } in file.erasures
        {
            let by = |(first, last)| (first, last, position);
            let lists = format!("{}\n{}", lines(&bodies), lines(&entries));
            erasures
                .said
                .insert(position, hex(&sha256(lists.as_bytes())));
            // Where the entry is gone its body must be gone too.
            erasures
                .bodies
                .extend(bodies.into_iter().chain(entries.iter().copied()).map(by));
            erasures.entries.extend(entries.into_iter().map(by));
        }
        erasures.bodies.sort_unstable();
        erasures.entries.sort_unstable();
        erasures
    }

    /// Whether the unsealed part of the event at a position says one of these erasures. It holds the hash of the ranges as
    /// text, so that nobody needs to know how events are written to find it.
    pub(crate) fn are_said(&self, position: u64, part: &[u8]) -> bool {
        let hash = self.said.get(&position);
        hash.is_some_and(|hash| {
            part.windows(hash.len())
                .any(|piece| piece == hash.as_bytes())
        })
    }

    /// Where erasures are to be said.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u64> {
        self.said.keys().copied()
    }

    /// The position of the event that says that this was erased.
    pub(crate) fn covering(&self, position: u64, absent: Absent) -> Option<u64> {
        let ranges = match absent {
            Absent::Body => &self.bodies,
            Absent::Entry => &self.entries,
        };
        let before = &ranges[..ranges.partition_point(|(first, _, _)| *first <= position)];
        let covering = before
            .iter()
            .rev()
            .find(|(_, last, by)| position <= *last && position < *by);
        covering.map(|(_, _, by)| *by)
    }
}

/// Ranges as an `ErasureExecuted` hashes them.
fn lines(ranges: &[(u64, u64)]) -> String {
    let lines = ranges
        .iter()
        .map(|(first, last)| format!("{first}-{last}\n"));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erasure_covers_what_it_names_and_only_what_was_there_before_it() {
        let text = br#"{"erasures":[{"position":20,"bodies":[[3,5],[19,25]],"entries":[[9,9]]}]}"#;
        let mut problems = Problems::default();
        let erasures = Erasures::read(text, &mut problems);
        for (position, absent, by) in [
            (3, Absent::Body, Some(20)),
            (5, Absent::Body, Some(20)),
            (6, Absent::Body, None),
            (9, Absent::Body, Some(20)),
            (9, Absent::Entry, Some(20)),
            (3, Absent::Entry, None),
            (20, Absent::Body, None),
        ] {
            assert_eq!(
                erasures.covering(position, absent),
                by,
                "{position} {absent:?}"
            );
        }
        Erasures::read(b"{}", &mut problems);
        assert_eq!(problems.into_list().len(), 1);
    }
}
