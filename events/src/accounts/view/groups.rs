//! `groups`: the classes, courses, clubs and staff groups of the school.

use crate::accounts::{AccountsEvent as E, GroupKind};
use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::GroupId;
use crate::recorded::Recorded;
use crate::scope::Scope;
use crate::text::{folded, natural};
use serde::{Deserialize, Serialize};

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupRow {
    /// Which.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: GroupKind,
    /// The calendar year in which its school year began.
    pub year: u16,
    /// Whether it goes on.
    pub open: bool,
}

/// The view of all groups.
pub struct Groups;

impl View for Groups {
    type Row = GroupRow;
    const NAME: &'static str = "groups";
    const MODULE: &'static str = "accounts";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Accounts(
                E::GroupAdded { group, .. }
                | E::GroupRenamed { group, .. }
                | E::GroupClosed { group }
                | E::GroupReopened { group },
            ) => vec![group.to_string()],
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<GroupRow>) {
        let AnyEvent::Accounts(event) = &event.event else {
            return;
        };
        match event {
            E::GroupAdded {
                group,
                name,
                kind,
                year,
            } => {
                let row = GroupRow {
                    group: *group,
                    name: name.clone(),
                    kind: *kind,
                    year: *year,
                    open: true,
                };
                rows.put(group.to_string(), row);
            }
            E::GroupRenamed { group, name } => {
                if let Some(row) = rows.get_mut(&group.to_string()) {
                    row.name = name.clone();
                }
            }
            E::GroupClosed { group } | E::GroupReopened { group } => {
                if let Some(row) = rows.get_mut(&group.to_string()) {
                    row.open = matches!(event, E::GroupReopened { .. });
                }
            }
            _ => {}
        }
    }

    fn place(row: &GroupRow) -> Place {
        Place {
            scope: Scope::School,
            sort: format!("{}{}", if row.open { '0' } else { '1' }, natural(&row.name)),
            text: folded(&row.name),
        }
    }
}
