//! The values that forgetting speaks in: how deep, which positions, how much, by whose approval.

use crate::accounts::Role;
use crate::ids::Pseudonym;
use crate::recorded::{Millis, Position};
use serde::{Deserialize, Serialize};

/// How much of an event goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// The keys: what they sealed can be read by nobody, here and in every backup.
    Key,
    /// The keys, and the ciphertexts of what was personal.
    Ciphertext,
    /// The same, and the headers of what concerned the person alone; 32 bytes of hash stay in their place.
    Header,
}

/// Positions from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span(pub Position, pub Position);

/// The spans of positions that come in ascending order.
#[must_use]
pub fn spans_of(positions: impl IntoIterator<Item = Position>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for position in positions {
        match spans.last_mut() {
            Some(last) if last.1 >= position => {}
            Some(last) if last.1 + 1 == position => last.1 = position,
            Some(_) | None => spans.push(Span(position, position)),
        }
    }
    spans
}

/// Whether a position lies in one of the spans, which are sorted and do not overlap.
#[must_use]
pub fn covers(spans: &[Span], position: Position) -> bool {
    let next = spans.partition_point(|span| span.1 < position);
    spans.get(next).is_some_and(|span| span.0 <= position)
}

/// Single events whose personal part goes when they have become old, without anybody being forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Aged {
    /// Their kind, by name, as in `SignedIn`.
    pub kind: String,
    /// From when on, in milliseconds since 1970, UTC.
    pub from: Millis,
    /// Before when.
    pub before: Millis,
    /// Who must agree.
    pub confirm: Confirm,
}

/// Who must agree before single events lose their personal part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// A person, as for everything else that is destroyed.
    #[default]
    Person,
    /// Nobody: whoever chose the rule has agreed.
    Rule,
}

/// How much an erasure concerns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Keys.
    pub keys: u64,
    /// Events with something sealed under them.
    pub events: u64,
    /// Stored files.
    pub blobs: u64,
    /// Unique values that were taken, such as login names.
    pub claims: u64,
    /// Rows kept beside the log: password hashes, sessions, codes, devices.
    pub rows: u64,
}

/// Who approved, without saying who it was to whoever reads the log later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// Whoever may log in on the machine itself.
    Operator,
    /// A person, by role and pseudonym.
    Person {
        /// As what they approved.
        role: Role,
        /// How the log's headers call them.
        pseudonym: Pseudonym,
    },
}

/// An approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Approval {
    /// By whom.
    pub by: Approver,
    /// When.
    pub at: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_gather_into_spans_that_cover_them_and_nothing_else() {
        let positions = [2, 3, 3, 4, 9, 11, 12];
        let spans = spans_of(positions);
        assert_eq!(spans, [Span(2, 4), Span(9, 9), Span(11, 12)]);
        for position in 0..15 {
            let is_in = positions.contains(&position);
            assert_eq!(covers(&spans, position), is_in, "{position}");
        }
    }
}
