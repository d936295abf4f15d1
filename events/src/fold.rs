//! The fold: how a view, a table of rows, follows from events. The edge's projector, the browser and an auditor's
//! replay all host the same folds.
//!
//! Laws, each a property test: a fold is *total* (never panics, whatever is missing), *deterministic*, *splittable*
//! (stop, store, go on), *repeat-safe* (a host ignores positions it has passed) and *forgetful* (works, and holds nothing
//! personal, when personal values are gone).

use crate::recorded::{Position, Recorded};
use crate::scope::Scope;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A row's name within its view.
pub type Key = String;

/// Where a row belongs: who may see it, how it is sorted, what it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The circle whose members may see the row.
    pub scope: Scope,
    /// Rows of a scope are listed in this order; a common beginning selects a part of them, such as a folder.
    pub sort: String,
    /// Folded text that searching looks through; empty when the view is not searched.
    pub text: String,
}

/// A table of rows that follows from events.
pub trait View: 'static {
    /// One row.
    type Row: Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug + Send + Sync;

    /// The plural of what it lists: `people`, `rooms`, `files`.
    const NAME: &'static str;
    /// The module it belongs to.
    const MODULE: &'static str;
    /// Raised whenever the same events give other rows; the edge then folds anew.
    const VERSION: u32;

    /// The rows this event touches; empty when it says nothing to this view.
    fn keys(event: &Recorded) -> Vec<Key>;

    /// Changes the touched rows.
    fn apply(event: &Recorded, rows: &mut Touched<Self::Row>);

    /// Where a row belongs.
    fn place(row: &Self::Row) -> Place;
}

/// The rows an event touches, as far as they exist. A plain list: an event touches a few rows, and a map for every view
/// would be a fiftieth of the browser's module.
#[derive(Clone, Debug, PartialEq)]
pub struct Touched<R>(Vec<(Key, R)>);

impl<R> Default for Touched<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<R> Touched<R> {
    /// The rows found under the touched keys.
    pub fn new(rows: impl IntoIterator<Item = (Key, R)>) -> Self {
        Self(rows.into_iter().collect())
    }

    /// A row to look at.
    pub fn get(&self, key: &str) -> Option<&R> {
        let found = self.0.iter().find(|(held, _)| held == key);
        found.map(|(_, row)| row)
    }

    /// A row to change in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut R> {
        let found = self.0.iter_mut().find(|(held, _)| held == key);
        found.map(|(_, row)| row)
    }

    /// Adds or replaces a row.
    pub fn put(&mut self, key: Key, row: R) {
        match self.get_mut(&key) {
            Some(held) => *held = row,
            None => self.0.push((key, row)),
        }
    }

    /// Removes a row.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(held, _)| held != key);
    }

    /// Takes a row out, if it is there.
    pub fn take(&mut self, key: &str) -> Option<R> {
        let at = self.0.iter().position(|(held, _)| held == key)?;
        Some(self.0.swap_remove(at).1)
    }

    /// What is there now, in no particular order.
    pub fn into_rows(self) -> Vec<(Key, R)> {
        self.0
    }
}

/// A view held in memory: the host of replays, of tests, and of what a browser holds.
pub struct Folded<V: View> {
    position: Position,
    rows: BTreeMap<Key, V::Row>,
}

impl<V: View> Default for Folded<V> {
    fn default() -> Self {
        Self::new(0, BTreeMap::new())
    }
}

impl<V: View> Folded<V> {
    /// Goes on from rows that hold at a position.
    #[must_use]
    pub fn new(position: Position, rows: BTreeMap<Key, V::Row>) -> Self {
        Self { position, rows }
    }

    /// Folds one event; a position already passed changes nothing. Gives the keys whose rows may have changed.
    pub fn fold(&mut self, event: &Recorded) -> Vec<Key> {
        if event.position <= self.position {
            return Vec::new();
        }
        self.position = event.position;
        let keys = V::keys(event);
        if keys.is_empty() {
            return keys;
        }
        let mut touched = Touched::new(keys.iter().filter_map(|key| self.rows.remove_entry(key)));
        V::apply(event, &mut touched);
        self.rows.extend(touched.into_rows());
        keys
    }

    /// Up to where events are folded.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The rows by key.
    #[must_use]
    pub fn rows(&self) -> &BTreeMap<Key, V::Row> {
        &self.rows
    }
}
