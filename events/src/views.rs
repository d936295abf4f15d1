//! Every view by name, for hosts that choose one at run time: replay on the command line and in the auditor's browser.

use crate::accounts::view::{Groups, Members, People, Records, Sessions};
use crate::audit::view::Entries;
use crate::files::view::{Files, Spaces};
use crate::fold::{Folded, View};
use crate::messenger::view::{Messages, Reads, Rooms};
use crate::privacy::view::Erasures;
use crate::recorded::{Position, Recorded};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The names of all views, in the order in which they are listed.
pub const NAMES: [&str; 12] = [
    People::NAME,
    Groups::NAME,
    Members::NAME,
    Sessions::NAME,
    Records::NAME,
    Spaces::NAME,
    Files::NAME,
    Rooms::NAME,
    Messages::NAME,
    Reads::NAME,
    Entries::NAME,
    Erasures::NAME,
];

/// A view chosen by name, held in memory.
pub trait AnyFolded: Send {
    /// Folds one event.
    fn fold(&mut self, event: &Recorded);
    /// Up to where events are folded.
    fn position(&self) -> Position;
    /// How many rows there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The rows as JSON by key, in the order of their keys: equal state gives equal bytes.
    fn to_json(&self) -> BTreeMap<String, Value>;
}

impl<V: View> AnyFolded for Folded<V> {
    fn fold(&mut self, event: &Recorded) {
        Folded::fold(self, event);
    }

    fn position(&self) -> Position {
        Folded::position(self)
    }

    fn len(&self) -> usize {
        self.rows().len()
    }

    fn to_json(&self) -> BTreeMap<String, Value> {
        let mut rows = BTreeMap::new();
        // One by one: collecting would compile a sort for every view, a twentieth of the browser's module.
        for (key, row) in self.rows() {
            rows.insert(key.clone(), sorted(row));
        }
        rows
    }
}

/// A row as JSON with its keys in order at every depth, whatever some other part of the program has switched on in
/// `serde_json`: the order of an object's keys is a feature that any dependency can change.
fn sorted<R: Serialize>(row: &R) -> Value {
    let mut json = serde_json::to_value(row).unwrap_or(Value::Null);
    json.sort_all_objects();
    json
}

/// An empty view by name.
#[must_use]
pub fn named(name: &str) -> Option<Box<dyn AnyFolded>> {
    fn empty<V: View>() -> Option<Box<dyn AnyFolded>> {
        Some(Box::new(Folded::<V>::default()))
    }
    match name {
        People::NAME => empty::<People>(),
        Groups::NAME => empty::<Groups>(),
        Members::NAME => empty::<Members>(),
        Sessions::NAME => empty::<Sessions>(),
        Records::NAME => empty::<Records>(),
        Spaces::NAME => empty::<Spaces>(),
        Files::NAME => empty::<Files>(),
        Rooms::NAME => empty::<Rooms>(),
        Messages::NAME => empty::<Messages>(),
        Reads::NAME => empty::<Reads>(),
        Entries::NAME => empty::<Entries>(),
        Erasures::NAME => empty::<Erasures>(),
        _ => None,
    }
}
