//! The rows behind a window: which belong, in which order, and how an event changes them. Knows no network.

use super::Store;
use super::row::{Found, Held, Kind};
use crate::ask::Query;
use events::text::folded;
use events::views::{AnyRow, AnyView};
use events::{Key, Place, Position, Recorded};
use std::collections::{BTreeMap, BTreeSet};

/// A row with its place in the order.
pub(super) struct Placed {
    sort: String,
    pub(super) row: Held,
}

/// What a window holds, and of what.
pub(super) struct Core {
    pub(super) kind: Kind,
    pub(super) store: Store,
    pub(super) query: Option<Query>,
    pub(super) rows: BTreeMap<Key, Placed>,
    pub(super) position: Position,
    /// Where the next page begins; none when all rows are held.
    pub(super) cursor: Option<String>,
    /// Counts queries, so that a late answer to an earlier one is dropped.
    pub(super) round: u32,
    pub(super) busy: bool,
    pub(super) dirty: bool,
    /// Whether something that changed could not be fetched.
    pub(super) stale: bool,
    pub(super) wanted: BTreeSet<Key>,
}

impl Core {
    /// Holds nothing and asks for nothing.
    pub(super) fn new(kind: Kind, store: Store) -> Self {
        Self {
            kind,
            store,
            query: None,
            rows: BTreeMap::new(),
            position: 0,
            cursor: None,
            round: 0,
            busy: false,
            dirty: false,
            stale: false,
            wanted: BTreeSet::new(),
        }
    }

    /// Holds a row that the machine says belongs here.
    pub(super) fn hold(&mut self, key: Key, row: AnyRow) {
        let sort = (self.kind.view.place)(&row).sort;
        self.dirty = true;
        match self.rows.get_mut(&key) {
            Some(held) => {
                held.sort = sort;
                held.row.set(self.kind.view, Found::There(row));
            }
            None => {
                let row = Held::new(Found::There(row));
                self.rows.insert(key, Placed { sort, row });
            }
        }
    }

    /// Holds a row if it belongs here, and drops it if it no longer does.
    pub(super) fn put(&mut self, key: Key, row: AnyRow) {
        let place = (self.kind.view.place)(&row);
        if self.selects(&place) && self.is_within(&key, &place.sort) {
            self.hold(key, row);
        } else {
            self.drop_row(&key);
        }
    }

    pub(super) fn drop_row(&mut self, key: &str) {
        self.dirty |= self.rows.remove(key).is_some();
    }

    fn selects(&self, place: &Place) -> bool {
        let Some(query) = &self.query else {
            return false;
        };
        let found = |word: &str| place.text.contains(word);
        query.scope.is_none_or(|scope| scope == place.scope)
            && place.sort.starts_with(&query.prefix)
            && folded(&query.search).split_whitespace().all(found)
    }

    /// Whether a place lies among the pages that are held.
    fn is_within(&self, key: &str, sort: &str) -> bool {
        if self.cursor.is_none() || self.rows.contains_key(key) {
            return true;
        }
        let backwards = self.query.as_ref().is_some_and(|query| query.backwards);
        self.rows.iter().any(|(held, row)| {
            let order = (sort, key).cmp(&(row.sort.as_str(), held.as_str()));
            if backwards {
                order.is_gt()
            } else {
                order.is_lt()
            }
        })
    }

    pub(super) fn arranged(&self) -> Vec<Key> {
        let mut places: Vec<(&str, &Key)> = self
            .rows
            .iter()
            .map(|(key, held)| (held.sort.as_str(), key))
            .collect();
        places.sort_unstable();
        if self.query.as_ref().is_some_and(|query| query.backwards) {
            places.reverse();
        }
        places.into_iter().map(|(_, key)| key.clone()).collect()
    }

    /// Folds one event; gives the touched keys that must be fetched.
    pub(super) fn fold(&mut self, event: &Recorded) -> Vec<Key> {
        if event.position <= self.position || self.query.is_none() {
            return Vec::new();
        }
        self.position = event.position;
        let scope = self.query.as_ref().and_then(|query| query.scope);
        if scope.is_some_and(|scope| !event.event.scopes().contains(&scope)) {
            return Vec::new();
        }
        let keys = (self.kind.view.keys)(event);
        let held = keys.iter().filter_map(|key| {
            let row = self.rows.get(key)?.row.get_untracked().row()?;
            Some((key.clone(), row))
        });
        let mut rows = (self.kind.view.apply)(event, held.collect());
        let mut missing = Vec::new();
        for key in keys {
            match rows.take(&key) {
                Some(row) => self.put(key, row),
                None if self.rows.contains_key(&key) => self.drop_row(&key),
                None => missing.push(key),
            }
        }
        missing
    }
}

/// A fetched row with the events folded in that came after it was made; none when they removed it.
pub(super) fn caught_up(
    view: &AnyView,
    key: &str,
    row: AnyRow,
    position: Position,
    later: &[std::rc::Rc<Recorded>],
) -> Option<AnyRow> {
    let mut row = Some(row);
    for event in later.iter().filter(|event| event.position > position) {
        if (view.keys)(event).iter().any(|touched| touched == key) {
            let held = row.map(|row| (key.to_owned(), row));
            row = (view.apply)(event, held.into_iter().collect()).take(key);
        }
    }
    row
}
