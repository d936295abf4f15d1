//! `people`: who belongs to the school. Names and roles only; what the office knows is not here.

use crate::accounts::{AccountsEvent as E, PersonName, Role};
use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::PersonId;
use crate::personal::Personal;
use crate::recorded::Recorded;
use crate::scope::Scope;
use crate::text::folded;
use serde::{Deserialize, Serialize};

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRow {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: Personal<PersonName>,
    /// What they are, in a fixed order.
    pub roles: Vec<Role>,
    /// Whether they may sign in.
    pub open: bool,
}

/// The view of all people.
pub struct People;

impl View for People {
    type Row = PersonRow;
    const NAME: &'static str = "people";
    const MODULE: &'static str = "accounts";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Accounts(
                E::PersonAdded { person, .. }
                | E::PersonRenamed { person, .. }
                | E::RoleGiven { person, .. }
                | E::RoleTaken { person, .. }
                | E::AccountClosed { person, .. }
                | E::AccountReopened { person },
            ) => vec![person.to_string()],
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<PersonRow>) {
        let AnyEvent::Accounts(event) = &event.event else {
            return;
        };
        let Some(person) = event.person() else { return };
        let key = person.to_string();
        if let E::PersonAdded { name, roles, .. } = event {
            let given = roles;
            let mut roles = Vec::with_capacity(given.len());
            for role in given {
                give(&mut roles, *role);
            }
            rows.put(
                key,
                PersonRow {
                    person,
                    name: name.clone(),
                    roles,
                    open: true,
                },
            );
            return;
        }
        let Some(row) = rows.get_mut(&key) else {
            return;
        };
        match event {
            E::PersonRenamed { name, .. } => row.name = name.clone(),
            E::RoleGiven { role, .. } => give(&mut row.roles, *role),
            E::RoleTaken { role, .. } => row.roles.retain(|held| held != role),
            E::AccountClosed { .. } => row.open = false,
            E::AccountReopened { .. } => row.open = true,
            _ => {}
        }
    }

    fn place(row: &PersonRow) -> Place {
        let (sort, text) = match row.name.get() {
            Some(name) => (
                format!("{}\u{1}{}", folded(&name.family), folded(&name.given)),
                folded(&format!("{} {} {}", name.given, name.family, name.given)),
            ),
            None => ("\u{10ffff}".to_owned(), String::new()),
        };
        Place {
            scope: Scope::School,
            sort,
            text,
        }
    }
}

/// Adds a role in its place. A sort would be compiled for this alone.
fn give(roles: &mut Vec<Role>, role: Role) {
    if let Err(place) = roles.binary_search(&role) {
        roles.insert(place, role);
    }
}
