//! `members`: who belongs to which group, now.

use crate::accounts::{AccountsEvent as E, Date, MemberRole};
use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{GroupId, PersonId};
use crate::recorded::Recorded;
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// One membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberRow {
    /// The group.
    pub group: GroupId,
    /// The person.
    pub person: PersonId,
    /// As what.
    pub role: MemberRole,
    /// First day.
    pub from: Date,
}

/// The view of all memberships.
pub struct Members;

impl Members {
    /// The key of a person's membership in a group.
    #[must_use]
    pub fn key(group: GroupId, person: PersonId) -> Key {
        format!("{group}/{person}")
    }
}

impl View for Members {
    type Row = MemberRow;
    const NAME: &'static str = "members";
    const MODULE: &'static str = "accounts";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Accounts(
                E::MemberAdded { group, person, .. } | E::MemberRemoved { group, person, .. },
            ) => {
                vec![Self::key(*group, *person)]
            }
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<MemberRow>) {
        match &event.event {
            AnyEvent::Accounts(E::MemberAdded {
                group,
                person,
                role,
                from,
            }) => {
                let row = MemberRow {
                    group: *group,
                    person: *person,
                    role: *role,
                    from: from.clone(),
                };
                rows.put(Self::key(*group, *person), row);
            }
            AnyEvent::Accounts(E::MemberRemoved { group, person, .. }) => {
                rows.remove(&Self::key(*group, *person))
            }
            _ => {}
        }
    }

    fn place(row: &MemberRow) -> Place {
        let rank = match row.role {
            MemberRole::Leader => '0',
            MemberRole::Member => '1',
        };
        Place {
            scope: Scope::Roll(row.group),
            sort: format!("{rank}{}", row.person),
            text: String::new(),
        }
    }
}
