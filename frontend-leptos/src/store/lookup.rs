//! Single rows by key: names beside ids, the folders above a folder. Asked for together, fetched once, kept up to date.

use super::core::{HeldRow, caught_up, touched};
use super::{Held, Store};
use crate::browser;
use events::{Key, Recorded, Scope, Touched, View};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// Keys in one request: an address has to stay short.
const AT_ONCE: usize = 80;

/// What is known of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found<R> {
    /// It is being fetched.
    Asking,
    /// It is there.
    There(R),
    /// There is no such row, or it is not the reader's to see.
    Missing,
}

impl<R> Found<R> {
    /// The row, if it is there.
    pub(crate) fn row(&self) -> Option<&R> {
        match self {
            Self::There(row) => Some(row),
            Self::Asking | Self::Missing => None,
        }
    }
}

struct Core<V: View> {
    store: Store,
    scope: Option<Scope>,
    /// In no order; what is held of each is a [`Found`].
    rows: BTreeMap<Key, HeldRow>,
    wanted: Vec<Key>,
    view: PhantomData<fn() -> V>,
}

/// A handle on a lookup; copies are the same lookup.
pub(crate) struct Lookup<V: View>(StoredValue<Core<V>, LocalStorage>);

impl<V: View> Clone for Lookup<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: View> Copy for Lookup<V> {}

impl<V: View> Lookup<V> {
    pub(super) fn new(store: Store, scope: Option<Scope>) -> Self {
        Self(StoredValue::new_local(Core {
            store,
            scope,
            rows: BTreeMap::new(),
            wanted: Vec::new(),
            view: PhantomData,
        }))
    }

    /// What is known of a row; it is fetched if it is asked for the first time.
    pub(crate) fn find(self, key: Key) -> ArcRwSignal<Found<V::Row>> {
        let asked = self.0.try_update_value(|core| {
            if let Some(held) = core.rows.get(&key) {
                return (held.row().clone(), false);
            }
            let held = HeldRow::new(String::new(), Found::<V::Row>::Asking);
            let row: ArcRwSignal<Found<V::Row>> = held.row().clone();
            core.rows.insert(key.clone(), held);
            core.wanted.push(key);
            (row, core.wanted.len() == 1)
        });
        let Some((row, first)) = asked else {
            return ArcRwSignal::new(Found::Missing);
        };
        if first {
            self.fetch();
        }
        row
    }

    fn fetch(self) {
        spawn_local(async move {
            browser::wait(0).await;
            loop {
                let asked = self.0.try_update_value(|core| {
                    let many = core.wanted.len().min(AT_ONCE);
                    let keys: Vec<Key> = core.wanted.drain(..many).collect();
                    (keys, core.scope, core.store)
                });
                let Some((keys, scope, store)) = asked.filter(|(keys, ..)| !keys.is_empty()) else {
                    return;
                };
                self.fetch_some(keys, scope, store).await;
            }
        });
    }

    async fn fetch_some(self, keys: Vec<Key>, scope: Option<Scope>, store: Store) {
        let Ok(page) = store.ask().rows::<V>(scope, &keys, store.head()).await else {
            // Forgotten, so that whoever asks again, asks the machine again.
            self.0
                .try_update_value(|core| core.rows.retain(|key, _| !keys.contains(key)));
            return;
        };
        let later = store.since(page.position).unwrap_or_default();
        let mut found = Touched::new(std::iter::empty());
        for keyed in page.rows {
            if let Some(row) = caught_up::<V>(&keyed.key, keyed.row, page.position, &later) {
                found.put(keyed.key, row);
            }
        }
        for key in keys {
            let known = found.take(&key).map_or(Found::Missing, Found::There);
            self.set(&key, known);
        }
    }

    fn set(self, key: &str, found: Found<V::Row>) {
        let row = self.0.try_with_value(|core| {
            let held = core.rows.get(key)?;
            Some(held.row::<Found<V::Row>>().clone())
        });
        if let Some(Some(row)) = row
            && row.with_untracked(|before| *before != found)
        {
            row.set(found);
        }
    }
}

impl<V: View> Held for Lookup<V> {
    fn fold(&self, event: &Recorded) {
        let keys = V::keys(event);
        let rows = self.0.try_with_value(|core| {
            let held = |key: &Key| {
                let held = core.rows.get(key)?;
                Some((key.clone(), held.row::<Found<V::Row>>().clone()))
            };
            keys.iter().filter_map(held).collect::<Vec<_>>()
        });
        let Some(rows) = rows.filter(|rows| !rows.is_empty()) else {
            return;
        };
        let there = rows.iter().filter_map(|(key, row)| {
            let row = row.get_untracked();
            row.row().cloned().map(|row| (key.clone(), row))
        });
        let mut after = touched::<V>(event, there.collect());
        for (key, row) in rows {
            match after.take(&key) {
                Some(now) => self.set(&key, Found::There(now)),
                None if row.with_untracked(|row| row.row().is_some()) => {
                    self.set(&key, Found::Missing);
                }
                None => {}
            }
        }
    }

    fn settle(&self) {}

    fn lose(&self, scope: Scope) {
        let rows: Option<Vec<ArcRwSignal<Found<V::Row>>>> = self.0.try_with_value(|core| {
            let rows = core.rows.values().map(|held| held.row().clone());
            rows.collect()
        });
        for row in rows.unwrap_or_default() {
            let lost =
                row.with_untracked(|row| row.row().is_some_and(|row| V::place(row).scope == scope));
            if lost {
                row.set(Found::Missing);
            }
        }
    }

    fn refresh(&self, widened_only: bool) {
        let first = self.0.try_update_value(|core| {
            let known = core.rows.iter().filter(|(_, held)| {
                let row = held.row::<Found<V::Row>>();
                !widened_only || row.with_untracked(|row| *row == Found::Missing)
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
