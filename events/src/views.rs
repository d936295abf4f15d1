//! Every view by name, for hosts that choose one at run time: replay on the command line and in the auditor's browser.

mod erased;

pub use erased::{AnyRow, AnyView, Apply};

use crate::accounts::view::{Groups, Members, People, Records, Sessions};
use crate::audit::view::{Entries, Inspections, Looks};
use crate::files::view::{Files, Spaces};
use crate::fold::{Key, View};
use crate::messenger::view::{Messages, Reads, Rooms};
use crate::privacy::view::Erasures;
use crate::recorded::{Position, Recorded};
use serde_json::Value;
use std::collections::BTreeMap;

/// The names of all views, in the order in which they are listed.
pub const NAMES: [&str; 14] = [
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
    Inspections::NAME,
    Looks::NAME,
];

/// A view chosen by name, held in memory. Copies share their rows.
#[derive(Clone)]
pub struct AnyFolded {
    view: &'static AnyView,
    position: Position,
    rows: BTreeMap<Key, AnyRow>,
}

impl AnyFolded {
    /// Folds one event; a position already passed changes nothing.
    pub fn fold(&mut self, event: &Recorded) {
        if event.position <= self.position {
            return;
        }
        self.position = event.position;
        let keys = (self.view.keys)(event);
        if keys.is_empty() {
            return;
        }
        let held = keys.iter().filter_map(|key| self.rows.remove_entry(key));
        let after = (self.view.apply)(event, held.collect());
        self.rows.extend(after.into_rows());
    }

    /// Up to where events are folded.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The keys of the rows, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.rows.keys()
    }

    /// A row as JSON with its keys in order.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<Value> {
        self.rows.get(key).map(|row| (self.view.write)(row))
    }

    /// Whether a row is there in both states, and the same.
    #[must_use]
    pub fn has_same(&self, other: &Self, key: &str) -> bool {
        let both = (self.rows.get(key), other.rows.get(key));
        matches!(both, (Some(one), Some(another)) if (self.view.equal)(one, another))
    }

    /// The rows as JSON by key, in the order of their keys: equal state gives equal bytes.
    #[must_use]
    pub fn to_json(&self) -> BTreeMap<String, Value> {
        let rows = self.rows.iter();
        rows.map(|(key, row)| (key.clone(), (self.view.write)(row)))
            .collect()
    }
}

/// An empty view by name.
#[must_use]
pub fn named(name: &str) -> Option<AnyFolded> {
    let view = match name {
        People::NAME => AnyView::of::<People>(),
        Groups::NAME => AnyView::of::<Groups>(),
        Members::NAME => AnyView::of::<Members>(),
        Sessions::NAME => AnyView::of::<Sessions>(),
        Records::NAME => AnyView::of::<Records>(),
        Spaces::NAME => AnyView::of::<Spaces>(),
        Files::NAME => AnyView::of::<Files>(),
        Rooms::NAME => AnyView::of::<Rooms>(),
        Messages::NAME => AnyView::of::<Messages>(),
        Reads::NAME => AnyView::of::<Reads>(),
        Entries::NAME => AnyView::of::<Entries>(),
        Erasures::NAME => AnyView::of::<Erasures>(),
        Inspections::NAME => AnyView::of::<Inspections>(),
        Looks::NAME => AnyView::of::<Looks>(),
        _ => return None,
    };
    Some(AnyFolded {
        view,
        position: 0,
        rows: BTreeMap::new(),
    })
}
