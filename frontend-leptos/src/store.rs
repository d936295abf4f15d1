//! What the tab holds of the school: windows on views and single rows, each kept up to date by folding the feed with the
//! views' own code. The store only hands events round; fetching is `ask`'s, listening is `sync`'s.

mod core;
mod directory;
mod lookup;
mod row;
mod window;

pub(crate) use directory::{Directory, directory, other};
pub(crate) use lookup::Lookup;
pub(crate) use row::{Found, Kind, Row};
pub(crate) use window::{AnyWindow, State, Window};

use crate::ask::{Ask, Query};
use events::accounts::AccountsEvent;
use events::ids::PersonId;
use events::{AnyEvent, Position, Recorded, Scope, View};
use leptos::prelude::*;
use lookup::AnyLookup;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// How many events are remembered for pages that are still on their way: an import of a large school fits.
const REMEMBERED: usize = 20_000;

/// Something that is kept up to date by events.
trait Fed {
    /// Folds one event.
    fn fold(&self, event: &Recorded);
    /// Shows what the last events changed.
    fn settle(&self);
    /// Forgets everything of a circle that the reader no longer sees.
    fn lose(&self, scope: Scope);
    /// The reader sees more than before, or events were missed: fetch anew.
    fn refresh(&self, widened_only: bool);
    /// The line is back: fetch what could not be fetched.
    fn recover(&self);
}

struct Inner {
    ask: Ask,
    me: PersonId,
    /// Up to where this tab has heard the feed.
    head: Position,
    /// From where on `recent` is complete.
    floor: Position,
    recent: VecDeque<Rc<Recorded>>,
    held: BTreeMap<u64, Rc<dyn Fed>>,
    next: u64,
}

/// A handle on the tab's store; copies are the same store.
#[derive(Clone, Copy)]
pub(crate) struct Store(StoredValue<Inner, LocalStorage>);

impl Store {
    /// An empty store for a reader, at the head of the log as they signed in.
    pub(crate) fn new(ask: Ask, me: PersonId, head: Position) -> Self {
        Self(StoredValue::new_local(Inner {
            ask,
            me,
            head,
            floor: head,
            recent: VecDeque::new(),
            held: BTreeMap::new(),
            next: 0,
        }))
    }

    /// A window on a view that lives as long as the component that opens it. The query may change; none means nothing.
    pub(crate) fn window<V: View>(self, query: impl Fn() -> Option<Query> + 'static) -> Window<V> {
        Window::new(self.open(Kind::of::<V>(), Box::new(query)))
    }

    fn open(self, kind: Kind, query: Box<dyn Fn() -> Option<Query>>) -> AnyWindow {
        let window = AnyWindow::new(kind, self);
        self.hold(Rc::new(window));
        Effect::new(move |_| window.look(query()));
        window
    }

    /// Single rows of a view, fetched as they are asked for; lives as long as the component that opens it.
    pub(crate) fn lookup<V: View>(self, scope: Option<Scope>) -> Lookup<V> {
        let lookup = AnyLookup::new(Kind::of::<V>(), self, scope);
        self.hold(Rc::new(lookup));
        Lookup::new(lookup)
    }

    fn hold(self, held: Rc<dyn Fed>) {
        let id = self.0.try_update_value(|inner| {
            inner.next += 1;
            inner.held.insert(inner.next, held);
            inner.next
        });
        on_cleanup(move || {
            self.0
                .try_update_value(|inner| id.and_then(|id| inner.held.remove(&id)));
        });
    }

    fn all(self) -> Vec<Rc<dyn Fed>> {
        self.0
            .try_with_value(|inner| inner.held.values().cloned().collect())
            .unwrap_or_default()
    }

    fn ask(self) -> Ask {
        self.0.with_value(|inner| inner.ask)
    }

    fn head(self) -> Position {
        self.0.try_with_value(|inner| inner.head).unwrap_or(0)
    }

    /// The events after a position; `None` when they are no longer remembered.
    fn since(self, position: Position) -> Option<Vec<Rc<Recorded>>> {
        self.0.try_with_value(|inner| {
            (position >= inner.floor).then(|| {
                let later = inner
                    .recent
                    .iter()
                    .filter(|event| event.position > position);
                later.cloned().collect()
            })
        })?
    }

    /// Folds an event of the feed into everything held.
    pub(crate) fn fold(self, event: Recorded) {
        let event = Rc::new(event);
        let widened = self.0.try_update_value(|inner| {
            inner.head = event.position;
            inner.recent.push_back(event.clone());
            if inner.recent.len() > REMEMBERED
                && let Some(dropped) = inner.recent.pop_front()
            {
                inner.floor = dropped.position;
            }
            widens(&event, inner.me)
        });
        for held in self.all() {
            held.fold(&event);
            if widened == Some(true) {
                held.refresh(true);
            }
        }
    }

    /// Nothing for the reader happened up to here.
    pub(crate) fn pass(self, position: Position) {
        self.0
            .update_value(|inner| inner.head = inner.head.max(position));
    }

    /// Shows what the events folded since the last call have changed.
    pub(crate) fn settle(self) {
        self.all().iter().for_each(|held| held.settle());
    }

    /// Forgets what the reader no longer sees.
    pub(crate) fn lose(self, scope: Scope) {
        self.all().iter().for_each(|held| held.lose(scope));
    }

    /// Events up to `head` were missed: everything on the screen is fetched anew.
    pub(crate) fn restart(self, head: Position) {
        self.0.update_value(|inner| {
            inner.head = head;
            inner.floor = head;
            inner.recent.clear();
        });
        self.all().iter().for_each(|held| held.refresh(false));
    }

    /// The line is back.
    pub(crate) fn recover(self) {
        self.all().iter().for_each(|held| held.recover());
    }
}

/// Whether the reader sees more circles after this event than before.
fn widens(event: &Recorded, me: PersonId) -> bool {
    match &event.event {
        AnyEvent::Accounts(
            AccountsEvent::MemberAdded { person, .. } | AccountsEvent::RoleGiven { person, .. },
        ) => *person == me,
        _ => false,
    }
}

/// The store, for a component that is being drawn.
pub(crate) fn store() -> Store {
    expect_context::<Store>()
}
