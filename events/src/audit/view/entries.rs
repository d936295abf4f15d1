//! `entries`: every event's envelope, without its content.

use crate::fold::{Key, Place, Touched, View};
use crate::ids::{Pseudonym, StreamId};
use crate::recorded::{Millis, Position, Recorded};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// One entry of the log, as an auditor lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EntryRow {
    /// Where it stands.
    pub position: Position,
    /// When.
    pub at: Millis,
    /// The module that spoke.
    pub module: String,
    /// What kind of event.
    pub kind: String,
    /// The history it belongs to.
    pub stream: StreamId,
    /// Its place in that history.
    pub version: u32,
    /// Who did it, by pseudonym.
    pub actor: Pseudonym,
}

/// The view of all entries.
pub struct Entries;

impl Entries {
    /// The key, and sort text, of a position.
    #[must_use]
    pub fn key(position: Position) -> Key {
        format!("{position:020}")
    }
}

impl View for Entries {
    type Row = EntryRow;
    const NAME: &'static str = "entries";
    const MODULE: &'static str = "audit";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        vec![Self::key(event.position)]
    }

    fn apply(event: &Recorded, rows: &mut Touched<EntryRow>) {
        let row = EntryRow {
            position: event.position,
            at: event.at,
            module: event.event.module().to_owned(),
            kind: event.event.kind().1.to_owned(),
            stream: event.stream,
            version: event.version,
            actor: event.actor,
        };
        rows.put(Self::key(event.position), row);
    }

    fn place(row: &EntryRow) -> Place {
        Place {
            scope: Scope::Auditors,
            sort: Self::key(row.position),
            text: format!("{} {} {} {}", row.module, row.kind, row.actor, row.stream)
                .to_lowercase(),
        }
    }
}
