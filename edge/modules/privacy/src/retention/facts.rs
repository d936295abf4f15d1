//! What rules need to know of people, folded from the log: since when they are here, when they last signed in, when they left.

use events::accounts::{AccountsEvent, Date};
use events::ids::PersonId;
use events::{AnyEvent, Millis, Recorded};
use std::collections::BTreeMap;

/// One person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    /// When they were last seen: added, or signed in.
    pub(crate) seen: Millis,
    /// Their last day, once they have left.
    pub(crate) left: Option<Date>,
}

/// Everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(pub(crate) BTreeMap<PersonId, Known>);

impl Facts {
    /// Takes one event in.
    pub(crate) fn apply(&mut self, recorded: &Recorded) {
        use AccountsEvent as E;
        let AnyEvent::Accounts(event) = &recorded.event else {
            return;
        };
        match event {
            E::PersonAdded { person, .. } | E::SignedIn { person, .. } => {
                self.0.entry(*person).or_default().seen = recorded.at;
            }
            E::AccountClosed { person, on } => {
                if let Some(known) = self.0.get_mut(person) {
                    known.left = Some(on.clone());
                }
            }
            E::AccountReopened { person } => {
                if let Some(known) = self.0.get_mut(person) {
                    known.left = None;
                    known.seen = recorded.at;
                }
            }
            _ => {}
        }
    }
}
