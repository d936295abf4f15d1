//! What rules need to know of people, folded from the log: since when they are here, when they last signed in, when they left.

use super::kinds::ageing;
use super::planner::{day, is_within};
use events::accounts::{AccountsEvent, Date as LastDay};
use events::ids::{BatchId, PersonId};
use events::privacy::{Aged, PrivacyEvent};
use events::{AnyEvent, Millis, Recorded};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    /// When they were last seen: added, or signed in.
    pub(crate) seen: Millis,
    /// Their last day, once they have left.
    pub(crate) left: Option<LastDay>,
}

/// Everybody, and the single events that grow old.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Everybody.
    pub(crate) people: BTreeMap<PersonId, Known>,
    /// How many single events of a kind still have their personal part, by the day on which they were.
    pub(crate) days: BTreeMap<(&'static str, Date), u64>,
    /// Proposals about single events: how they end is said without what they are about.
    proposed: BTreeMap<BatchId, Aged>,
}

impl Facts {
    /// Takes one event in.
    pub(crate) fn apply(&mut self, recorded: &Recorded) {
        if let Some(kind) = ageing(&recorded.event)
            && let Some(day) = day(recorded.at)
        {
            *self.days.entry((kind, day)).or_default() += 1;
        }
        match &recorded.event {
            AnyEvent::Accounts(event) => self.apply_person(event, recorded.at),
            AnyEvent::Privacy(event) => self.apply_batch(event),
            _ => {}
        }
    }

    fn apply_person(&mut self, event: &AccountsEvent, at: Millis) {
        use AccountsEvent as E;
        match event {
            E::PersonAdded { person, .. } | E::SignedIn { person, .. } => {
                self.people.entry(*person).or_default().seen = at;
            }
            E::AccountClosed { person, on } => {
                if let Some(known) = self.people.get_mut(person) {
                    known.left = Some(on.clone());
                }
            }
            E::AccountReopened { person } => {
                if let Some(known) = self.people.get_mut(person) {
                    known.left = None;
                    known.seen = at;
                }
            }
            _ => {}
        }
    }

    fn apply_batch(&mut self, event: &PrivacyEvent) {
        use PrivacyEvent as E;
        match event {
            E::AgeingPlanned { batch, aged, .. } => {
                self.proposed.insert(*batch, aged.clone());
            }
            E::ErasureExecuted { batch, .. } => {
                if let Some(aged) = self.proposed.remove(batch) {
                    self.days
                        .retain(|(kind, day), _| *kind != aged.kind || !is_within(*day, &aged));
                }
            }
            _ => {}
        }
    }
}
