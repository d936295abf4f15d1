//! `members`: who belongs to which group, and who did until when. What acts is the event, not its date.

use crate::accounts::{AccountsEvent as E, Date, MemberRole};
use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{GroupId, PersonId};
use crate::recorded::Recorded;
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// One membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberRow {
    /// The group.
    pub group: GroupId,
    /// The person.
    pub person: PersonId,
    /// As what.
    pub role: MemberRole,
    /// First day.
    pub from: Date,
    /// Last day, once the membership has ended.
    pub until: Option<Date>,
}

/// The view of all memberships.
pub struct Members;

impl Members {
    /// With this begins the place of every membership that goes on; they come first.
    pub const CURRENT: &'static str = "0";
    /// With this begins the place of every membership that has ended.
    pub const ENDED: &'static str = "1";

    /// The key of a person's present membership in a group.
    #[must_use]
    pub fn key(group: GroupId, person: PersonId) -> Key {
        format!("{group}/{person}")
    }

    /// The key of a membership that an event ended: a person may come and go several times.
    fn ended_key(group: GroupId, person: PersonId, by: &Recorded) -> Key {
        format!("{group}/{person}/{:020}", by.position)
    }
}

impl View for Members {
    type Row = MemberRow;
    const NAME: &'static str = "members";
    const MODULE: &'static str = "accounts";
    const VERSION: u32 = 2;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Accounts(E::MemberAdded { group, person, .. }) => {
                vec![Self::key(*group, *person)]
            }
            AnyEvent::Accounts(E::MemberRemoved { group, person, .. }) => {
                vec![
                    Self::key(*group, *person),
                    Self::ended_key(*group, *person, event),
                ]
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
                    until: None,
                };
                rows.put(Self::key(*group, *person), row);
            }
            AnyEvent::Accounts(E::MemberRemoved {
                group,
                person,
                until,
            }) => {
                let key = Self::key(*group, *person);
                let Some(row) = rows.get(&key).cloned() else {
                    return;
                };
                rows.remove(&key);
                let ended = MemberRow {
                    until: Some(until.clone()),
                    ..row
                };
                rows.put(Self::ended_key(*group, *person, event), ended);
            }
            _ => {}
        }
    }

    fn place(row: &MemberRow) -> Place {
        let rank = match row.role {
            MemberRole::Leader => '0',
            MemberRole::Member => '1',
        };
        let sort = match &row.until {
            None => format!("{}{rank}{}", Self::CURRENT, row.person),
            Some(until) => format!("{}{until}{}", Self::ENDED, row.person),
        };
        Place {
            scope: Scope::Roll(row.group),
            sort,
            text: String::new(),
        }
    }
}
