//! The requests that wait for the reader's decision, for as long as the page is open: the badge, the start page and the list look at
//! the same.

use crate::ask::Query;
use crate::erased;
use crate::parts::{live, notice};
use crate::session::me;
use crate::store::{Store, Window};
use crate::words::{counted, words};
use events::Scope;
use events::audit::view::{InspectionRow, InspectionStage, Inspections};
use events::ids::PersonId;
use leptos::prelude::*;

/// What others have asked for; copies are the same. Empty for whoever may not agree.
#[derive(Clone, Copy)]
pub(crate) struct Waiting {
    pub(super) window: Window<Inspections>,
    me: PersonId,
}

impl Waiting {
    /// Opens it; it lives as long as the component that does.
    pub(crate) fn new(store: Store) -> Self {
        let me = me();
        let decides = me.oversees();
        let window = store.window(move || {
            decides.then(|| Query {
                scope: Some(Scope::Oversight),
                limit: 100,
                ..Query::default()
            })
        });
        Self {
            window,
            me: me.person,
        }
    }

    /// The requests of others that are as told, by key. Tracks every row.
    pub(super) fn keys(self, is_wanted: fn(&InspectionRow) -> bool) -> Vec<String> {
        let mut keys = self.window.keys.get();
        keys.retain(|key| {
            let row = self.window.row(key);
            row.is_some_and(|row| row.with(|row| row.by != self.me && is_wanted(row)))
        });
        keys
    }

    /// How many wait.
    pub(crate) fn count(self) -> Memo<u64> {
        erased::memo(move || self.keys(is_waiting).len() as u64)
    }
}

pub(super) fn is_waiting(row: &InspectionRow) -> bool {
    row.stage == InspectionStage::Waiting
}

/// The notice on the start page; nothing while nothing waits.
pub(crate) fn consent_notice() -> AnyView {
    let words = words();
    let count = expect_context::<Waiting>().count();
    live(move || {
        let count = usize::try_from(count.get()).unwrap_or(usize::MAX);
        let words = &words.inspection;
        match count {
            0 => ().into_any(),
            _ => {
                let said = counted(count, words.notice_one, words.notice_many);
                notice(said, "/app/inspections", words.to_requests)
            }
        }
    })
}
