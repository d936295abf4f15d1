//! Single rows by key: names beside ids, the folders above a folder. Asked for together, fetched once, kept up to date.

use super::core::caught_up;
use super::row::{Found, Held, Kind, Sought};
use super::{Fed, Store};
use crate::browser;
use events::views::AnyRow;
use events::{Key, Recorded, Scope, Touched, View};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// Keys in one request: an address has to stay short.
const AT_ONCE: usize = 80;

struct Core {
    kind: Kind,
    store: Store,
    scope: Option<Scope>,
    rows: BTreeMap<Key, Held>,
    wanted: Vec<Key>,
}

/// A handle on a lookup in whatever view; copies are the same lookup.
#[derive(Clone, Copy)]
pub(super) struct AnyLookup(StoredValue<Core, LocalStorage>);

/// A handle on a lookup in one view; copies are the same lookup.
pub(crate) struct Lookup<V: View>(AnyLookup, PhantomData<fn() -> V>);

impl<V: View> Clone for Lookup<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: View> Copy for Lookup<V> {}

impl<V: View> Lookup<V> {
    pub(super) fn new(lookup: AnyLookup) -> Self {
        Self(lookup, PhantomData)
    }

    /// What is known of a row; it is fetched if it is asked for the first time.
    pub(crate) fn find(self, key: Key) -> Sought<V::Row> {
        Sought::new(self.0.find(key))
    }
}

impl AnyLookup {
    pub(super) fn new(kind: Kind, store: Store, scope: Option<Scope>) -> Self {
        Self(StoredValue::new_local(Core {
            kind,
            store,
            scope,
            rows: BTreeMap::new(),
            wanted: Vec::new(),
        }))
    }

    fn find(self, key: Key) -> Held {
        let asked = self.0.try_update_value(|core| {
            if let Some(held) = core.rows.get(&key) {
                return (held.clone(), false);
            }
            let held = Held::new(Found::Asking);
            core.rows.insert(key.clone(), held.clone());
            core.wanted.push(key);
            (held, core.wanted.len() == 1)
        });
        let Some((held, first)) = asked else {
            return Held::new(Found::Missing);
        };
        if first {
            self.fetch();
        }
        held
    }

    fn fetch(self) {
        spawn_local(async move {
            browser::wait(0).await;
            loop {
                let asked = self.0.try_update_value(|core| {
                    let many = core.wanted.len().min(AT_ONCE);
                    let keys: Vec<Key> = core.wanted.drain(..many).collect();
                    (keys, core.kind, core.scope, core.store)
                });
                let Some((keys, kind, scope, store)) = asked.filter(|asked| !asked.0.is_empty())
                else {
                    return;
                };
                self.fetch_some(keys, kind, scope, store).await;
            }
        });
    }

    async fn fetch_some(self, keys: Vec<Key>, kind: Kind, scope: Option<Scope>, store: Store) {
        let Ok(page) = store.ask().rows(kind, scope, &keys, store.head()).await else {
            // Forgotten, so that whoever asks again, asks the machine again.
            self.0
                .try_update_value(|core| core.rows.retain(|key, _| !keys.contains(key)));
            return;
        };
        let later = store.since(page.position).unwrap_or_default();
        let mut found = Touched::default();
        for keyed in page.rows {
            if let Some(row) = caught_up(kind.view, &keyed.key, keyed.row, page.position, &later) {
                found.put(keyed.key, row);
            }
        }
        for key in keys {
            let known = found.take(&key).map_or(Found::Missing, Found::There);
            self.set(&key, known);
        }
    }

    fn set(self, key: &str, found: Found<AnyRow>) {
        let held = self.0.try_with_value(|core| {
            let held = core.rows.get(key)?;
            Some((held.clone(), core.kind.view))
        });
        if let Some((held, view)) = held.flatten() {
            held.set(view, found);
        }
    }
}

impl Fed for AnyLookup {
    fn fold(&self, event: &Recorded) {
        let rows = self.0.try_with_value(|core| {
            let held = |key: Key| {
                let held = core.rows.get(&key)?.get_untracked();
                Some((key, held.row()))
            };
            let rows: Vec<_> = (core.kind.view.keys)(event)
                .into_iter()
                .filter_map(held)
                .collect();
            (rows, core.kind.view)
        });
        let Some((rows, view)) = rows.filter(|(rows, _)| !rows.is_empty()) else {
            return;
        };
        let there = rows.iter().cloned();
        let there = there.filter_map(|(key, row)| Some((key, row?)));
        let mut after = (view.apply)(event, there.collect());
        for (key, before) in rows {
            match after.take(&key) {
                Some(now) => self.set(&key, Found::There(now)),
                None if before.is_some() => self.set(&key, Found::Missing),
                None => {}
            }
        }
    }

    fn settle(&self) {}

    fn lose(&self, scope: Scope) {
        let held = self.0.try_with_value(|core| {
            let held: Vec<Held> = core.rows.values().cloned().collect();
            (held, core.kind.view)
        });
        let Some((held, view)) = held else { return };
        for held in held {
            let row = held.get_untracked().row();
            if row.is_some_and(|row| (view.place)(&row).scope == scope) {
                held.set(view, Found::Missing);
            }
        }
    }

    fn refresh(&self, widened_only: bool) {
        let first = self.0.try_update_value(|core| {
            let known = core.rows.iter().filter(|(_, held)| {
                !widened_only || matches!(held.get_untracked(), Found::Missing)
            });
            let keys: Vec<Key> = known.map(|(key, _)| key.clone()).collect();
            let first = core.wanted.is_empty() && !keys.is_empty();
            core.wanted.extend(keys);
            first
        });
        if first == Some(true) {
            self.fetch();
        }
    }

    fn recover(&self) {}
}
