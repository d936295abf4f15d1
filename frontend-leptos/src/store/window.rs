//! A window: a query's rows, page by page, and the feed folded into them. A touched row that is not held but may belong is
//! fetched, never invented.

use super::core::{Core, caught_up};
use super::row::{Kind, Row};
use super::{Fed, Store};
use crate::ask::{Page, Query, Trouble};
use events::views::AnyRow;
use events::{Key, Recorded, Scope, View};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::ops::Deref;

/// How far a window is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// Nothing is there yet.
    Loading,
    /// The rows are there.
    Ready,
    /// They could not be fetched.
    Failed(Trouble),
    /// The reader no longer sees this circle.
    Gone,
}

/// A handle on a window of whatever view; copies are the same window.
#[derive(Clone, Copy)]
pub(crate) struct AnyWindow {
    /// The keys in the view's order.
    pub(crate) keys: RwSignal<Vec<Key>>,
    pub(crate) state: RwSignal<State>,
    /// Whether there are further pages.
    pub(crate) more: RwSignal<bool>,
    core: StoredValue<Core, LocalStorage>,
}

/// A handle on a window of one view; copies are the same window.
pub(crate) struct Window<V: View>(AnyWindow, PhantomData<fn() -> V>);

impl<V: View> Clone for Window<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: View> Copy for Window<V> {}

impl<V: View> Deref for Window<V> {
    type Target = AnyWindow;

    fn deref(&self) -> &AnyWindow {
        &self.0
    }
}

impl<V: View> From<Window<V>> for AnyWindow {
    fn from(window: Window<V>) -> Self {
        window.0
    }
}

impl<V: View> Window<V> {
    pub(super) fn new(window: AnyWindow) -> Self {
        Self(window, PhantomData)
    }

    /// A row that is held.
    pub(crate) fn row(self, key: &str) -> Option<Row<V::Row>> {
        let held = self.core.try_with_value(|core| {
            let placed = core.rows.get(key)?;
            Some(placed.row.clone())
        });
        held.flatten().map(Row::new)
    }
}

impl AnyWindow {
    pub(super) fn new(kind: Kind, store: Store) -> Self {
        Self {
            keys: RwSignal::new(Vec::new()),
            state: RwSignal::new(State::Loading),
            more: RwSignal::new(false),
            core: StoredValue::new_local(Core::new(kind, store)),
        }
    }

    /// Turns to another query. Rows of another circle or folder go at once; while a search narrows, the old ones stay
    /// until the new ones are there.
    pub(super) fn look(self, query: Option<Query>) {
        let elsewhere = self.core.try_update_value(|core| {
            let place = |query: &Option<Query>| query.as_ref().map(|q| (q.scope, q.prefix.clone()));
            let elsewhere = place(&core.query) != place(&query);
            core.query = query;
            if elsewhere {
                core.rows.clear();
            }
            elsewhere
        });
        if elsewhere == Some(true) {
            self.state.set(State::Loading);
            self.keys.set(Vec::new());
            self.more.set(false);
        }
        self.load();
    }

    /// Fetches the first page anew.
    pub(crate) fn load(self) {
        let asked = self.core.try_update_value(|core| {
            core.round += 1;
            core.busy = true;
            Some((core.kind, core.query.clone()?, core.round, core.store))
        });
        let Some((kind, query, round, store)) = asked.flatten() else {
            return;
        };
        spawn_local(async move {
            let answer = store.ask().page(kind, &query, None, store.head()).await;
            if self.ends(round) {
                match answer {
                    Ok(page) => self.begin(page),
                    Err(trouble) => {
                        self.state.try_set(State::Failed(trouble));
                    }
                }
            }
        });
    }

    /// Fetches the next page, if there is one and none is on its way.
    pub(crate) fn load_more(self) {
        let asked = self.core.try_update_value(|core| {
            if core.busy {
                return None;
            }
            let cursor = core.cursor.clone()?;
            core.busy = true;
            let query = core.query.clone()?;
            Some((core.kind, query, cursor, core.round, core.store))
        });
        let Some((kind, query, cursor, round, store)) = asked.flatten() else {
            return;
        };
        spawn_local(async move {
            let answer = store
                .ask()
                .page(kind, &query, Some(&cursor), store.head())
                .await;
            if self.ends(round)
                && let Ok(page) = answer
            {
                self.extend(page);
            }
        });
    }

    /// Whether the answer to this round is still wanted.
    fn ends(self, round: u32) -> bool {
        let ends = self.core.try_update_value(|core| {
            let current = core.round == round;
            core.busy &= !current;
            current
        });
        ends == Some(true)
    }

    fn begin(self, page: Page<AnyRow>) {
        let position = page.position;
        let later = self.core.try_update_value(|core| {
            let later = core.store.since(position)?;
            let mut fresh = BTreeSet::new();
            // One by one: collecting would compile a sort for every view.
            for keyed in &page.rows {
                fresh.insert(keyed.key.clone());
            }
            core.rows.retain(|key, _| fresh.contains(key));
            core.position = position;
            core.cursor = page.next;
            for keyed in page.rows {
                core.hold(keyed.key, keyed.row);
            }
            Some(later)
        });
        match later {
            Some(Some(later)) => {
                later.iter().for_each(|event| Fed::fold(&self, event));
                self.state.try_set(State::Ready);
                self.show();
            }
            // What happened since is no longer remembered; a newer page is.
            Some(None) => self.load(),
            None => {}
        }
    }

    fn extend(self, page: Page<AnyRow>) {
        let missed = self.core.try_update_value(|core| {
            let later = core.store.since(page.position)?;
            core.cursor = page.next;
            for keyed in page.rows {
                let row = caught_up(core.kind.view, &keyed.key, keyed.row, page.position, &later);
                if let Some(row) = row {
                    core.hold(keyed.key, row);
                }
            }
            // Rows that came after the page was made were beyond what was held, and may belong now.
            let touched = later.iter().flat_map(|event| (core.kind.view.keys)(event));
            Some(touched.filter(|key| !core.rows.contains_key(key)).collect())
        });
        match missed.flatten() {
            Some(keys) => self.want(keys),
            None => self.load(),
        }
        self.show();
    }

    /// Shows the rows as they are held.
    fn show(self) {
        let shown = self.core.try_update_value(|core| {
            core.dirty = false;
            (core.arranged(), core.cursor.is_some())
        });
        let Some((keys, more)) = shown else { return };
        self.keys.try_set(keys);
        if self.more.get_untracked() != more {
            self.more.try_set(more);
        }
    }

    /// Fetches single rows that may belong here.
    fn want(self, keys: Vec<Key>) {
        let first = self.core.try_update_value(|core| {
            let first = core.wanted.is_empty();
            core.wanted.extend(keys);
            (first && !core.wanted.is_empty()).then_some((core.kind, core.store, core.round))
        });
        let Some((kind, store, round)) = first.flatten() else {
            return;
        };
        spawn_local(async move {
            crate::browser::wait(0).await;
            let asked = self.core.try_update_value(|core| {
                let scope = core.query.as_ref().and_then(|query| query.scope);
                (scope, std::mem::take(&mut core.wanted), core.round)
            });
            let Some((scope, keys, now)) = asked else {
                return;
            };
            if now != round || keys.len() > 100 {
                // So much has changed that one page is cheaper than many rows.
                return self.load();
            }
            let keys: Vec<Key> = keys.into_iter().collect();
            match store.ask().rows(kind, scope, &keys, store.head()).await {
                Ok(page) => self.settle_wanted(page),
                Err(_) => drop(self.core.try_update_value(|core| core.stale = true)),
            }
        });
    }

    fn settle_wanted(self, page: Page<AnyRow>) {
        let kept = self.core.try_update_value(|core| {
            let later = core.store.since(page.position)?;
            for keyed in page.rows {
                if let Some(row) =
                    caught_up(core.kind.view, &keyed.key, keyed.row, page.position, &later)
                {
                    core.put(keyed.key, row);
                }
            }
            Some(())
        });
        match kept.flatten() {
            Some(()) => self.show(),
            None => self.load(),
        }
    }
}

impl Fed for AnyWindow {
    fn fold(&self, event: &Recorded) {
        let missing = self.core.try_update_value(|core| core.fold(event));
        if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
            self.want(missing);
        }
    }

    fn settle(&self) {
        if self.core.try_with_value(|core| core.dirty) == Some(true) {
            self.show();
        }
    }

    fn lose(&self, scope: Scope) {
        let gone = self.core.try_update_value(|core| {
            let before = core.rows.len();
            let place = core.kind.view.place;
            core.rows.retain(|_, held| {
                let row = held.row.get_untracked().row();
                row.is_some_and(|row| place(&row).scope != scope)
            });
            core.dirty |= core.rows.len() != before;
            core.query.as_ref().and_then(|query| query.scope) == Some(scope)
        });
        if gone == Some(true) {
            self.state.set(State::Gone);
        }
        self.settle();
    }

    fn refresh(&self, widened_only: bool) {
        let scoped = self
            .core
            .try_with_value(|core| core.query.as_ref().is_some_and(|q| q.scope.is_some()));
        if !widened_only || scoped == Some(false) {
            self.load();
        }
    }

    fn recover(&self) {
        let stale = self
            .core
            .try_update_value(|core| std::mem::take(&mut core.stale));
        if stale == Some(true) || matches!(self.state.get_untracked(), State::Failed(_)) {
            self.load();
        }
    }
}
