//! `records`: what the office knows about each person, for those who keep the accounts.

use crate::accounts::{AccountsEvent as E, Date, PersonName};
use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::PersonId;
use crate::personal::Personal;
use crate::recorded::{Millis, Recorded};
use crate::scope::Scope;
use crate::text::folded;
use serde::{Deserialize, Serialize};

/// A guardian as a pupil's record names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuardianOf {
    /// The guardian.
    pub guardian: PersonId,
    /// The guardian's name.
    pub name: Personal<PersonName>,
    /// Whether they have custody.
    pub custody: bool,
}

/// One person's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordRow {
    /// Whose.
    pub person: PersonId,
    /// The name they sign in under; forgotten until one is given.
    pub login: Personal<String>,
    /// The stable id in the school's administration program.
    pub source_id: Personal<Option<String>>,
    /// Birth date.
    pub birth_date: Personal<Option<Date>>,
    /// The abbreviation in the timetable, of teachers.
    pub abbreviation: Personal<Option<String>>,
    /// A pupil's guardians, by id.
    pub guardians: Vec<GuardianOf>,
    /// The last day at the school, while the account is closed.
    pub left: Option<Date>,
    /// When the last one-time code was made.
    pub code_minted: Option<Millis>,
}

/// The view of all records.
pub struct Records;

impl View for Records {
    type Row = RecordRow;
    const NAME: &'static str = "records";
    const MODULE: &'static str = "accounts";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Accounts(
                E::PersonAdded { person, .. }
                | E::PersonDescribed { person, .. }
                | E::GuardianNamed { pupil: person, .. }
                | E::GuardianRemoved { pupil: person, .. }
                | E::LoginNameGiven { person, .. }
                | E::CodeMinted { person }
                | E::AccountClosed { person, .. }
                | E::AccountReopened { person },
            ) => vec![person.to_string()],
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<RecordRow>) {
        let at = event.at;
        let AnyEvent::Accounts(event) = &event.event else {
            return;
        };
        let Some(person) = event.person() else { return };
        let key = person.to_string();
        if let E::PersonAdded { .. } = event {
            rows.put(key, empty(person));
            return;
        }
        let Some(row) = rows.get_mut(&key) else {
            return;
        };
        match event {
            E::PersonDescribed {
                source_id,
                birth_date,
                abbreviation,
                ..
            } => {
                row.source_id = source_id.clone();
                row.birth_date = birth_date.clone();
                row.abbreviation = abbreviation.clone();
            }
            E::GuardianNamed {
                guardian,
                name,
                custody,
                ..
            } => {
                row.guardians.retain(|known| known.guardian != *guardian);
                let named = GuardianOf {
                    guardian: *guardian,
                    name: name.clone(),
                    custody: *custody,
                };
                let before = |known: &GuardianOf| known.guardian < *guardian;
                let place = row.guardians.partition_point(before);
                row.guardians.insert(place, named);
            }
            E::GuardianRemoved { guardian, .. } => {
                row.guardians.retain(|known| known.guardian != *guardian);
            }
            E::LoginNameGiven { login, .. } => row.login = login.clone(),
            E::CodeMinted { .. } => row.code_minted = Some(at),
            E::AccountClosed { on, .. } => row.left = Some(on.clone()),
            E::AccountReopened { .. } => row.left = None,
            _ => {}
        }
    }

    fn place(row: &RecordRow) -> Place {
        let login = row.login.get().map(|login| folded(login));
        Place {
            scope: Scope::Administration,
            sort: login
                .clone()
                .unwrap_or_else(|| format!("\u{10ffff}{}", row.person)),
            text: login.unwrap_or_default(),
        }
    }
}

fn empty(person: PersonId) -> RecordRow {
    RecordRow {
        person,
        login: Personal::forgotten(),
        source_id: Personal::new(None),
        birth_date: Personal::new(None),
        abbreviation: Personal::new(None),
        guardians: Vec::new(),
        left: None,
        code_minted: None,
    }
}
