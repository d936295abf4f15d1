//! `sessions`: where a person is signed in, for that person to see and to end.

use crate::accounts::{AccountsEvent as E, Way};
use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{PersonId, SessionId};
use crate::personal::Personal;
use crate::recorded::{Millis, Recorded};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// One sign-in that has not ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionRow {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub person: PersonId,
    /// The device as the browser describes it.
    pub device: Personal<String>,
    /// From where.
    pub way: Way,
    /// Since when, to a quarter of an hour.
    pub since: Millis,
}

/// The view of open sessions.
pub struct Sessions;

impl View for Sessions {
    type Row = SessionRow;
    const NAME: &'static str = "sessions";
    const MODULE: &'static str = "accounts";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Accounts(E::SignedIn { session, .. } | E::SessionEnded { session, .. }) => {
                vec![session.to_string()]
            }
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<SessionRow>) {
        match &event.event {
            AnyEvent::Accounts(E::SignedIn {
                person,
                session,
                device,
                way,
            }) => {
                let row = SessionRow {
                    session: *session,
                    person: *person,
                    device: device.clone(),
                    way: *way,
                    since: event.at,
                };
                rows.put(session.to_string(), row);
            }
            AnyEvent::Accounts(E::SessionEnded { session, .. }) => {
                rows.remove(&session.to_string())
            }
            _ => {}
        }
    }

    fn place(row: &SessionRow) -> Place {
        let newest_first = u64::MAX - row.since;
        Place {
            scope: Scope::Person(row.person),
            sort: format!("{newest_first:020}"),
            text: String::new(),
        }
    }
}
