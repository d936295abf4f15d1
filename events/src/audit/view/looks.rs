//! `looks`: who has looked at whose data by a special right. A row belongs to the circle whose data they were, a person, a room or a
//! space, and names its position: whoever belonged to the circle *up to then* was concerned, and nobody has to be listed for it.

use crate::accounts::{AccountsEvent, Role};
use crate::any::AnyEvent;
use crate::audit::{About, AuditEvent as E, Looked, Purpose};
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{InspectionId, PersonId};
use crate::personal::Personal;
use crate::privacy::PrivacyEvent;
use crate::recorded::{Millis, Position, Recorded};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// One look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LookRow {
    /// Where it is in the log.
    pub position: Position,
    /// When.
    pub at: Millis,
    /// Who looked; none is whoever looks after the machine.
    pub by: Option<PersonId>,
    /// As what.
    pub role: Option<Role>,
    /// What was looked at: a view's name, `entry` for a single event, `file` for what is in a file, or `package`.
    pub what: String,
    /// Whose it was; none is everybody's.
    pub about: Option<About>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// Who had agreed.
    pub agreed_by: Option<PersonId>,
    /// Under which consent.
    pub inspection: Option<InspectionId>,
    /// Who added the file that was read, in the row of a circle, which does not name it: they have a row of their own.
    pub author: Option<PersonId>,
    /// What the file was called, in the row of whoever added it.
    pub name: Personal<String>,
}

/// The view of all looks.
pub struct Looks;

impl Looks {
    /// The key of the look at a position: its digits, padded so that text order is the log's order.
    #[must_use]
    pub fn key(position: Position) -> Key {
        format!("{position:020}")
    }
}

fn look(recorded: &Recorded) -> Option<LookRow> {
    let at_console = |what: &str, about| LookRow {
        position: recorded.position,
        at: recorded.at,
        by: None,
        role: None,
        what: what.to_owned(),
        about,
        purpose: None,
        agreed_by: None,
        inspection: None,
        author: None,
        name: Personal::forgotten(),
    };
    match &recorded.event {
        AnyEvent::Audit(event) => {
            event.read_of()?;
            match event {
                E::ContentRead {
                    inspection,
                    by,
                    role,
                    purpose,
                    agreed_by,
                    about,
                    view,
                    ..
                } => Some(LookRow {
                    by: Some(*by),
                    role: Some(*role),
                    purpose: Some(*purpose),
                    agreed_by: Some(*agreed_by),
                    inspection: Some(*inspection),
                    ..at_console(view, Some(*about))
                }),
                E::FileRead {
                    inspection,
                    by,
                    role,
                    purpose,
                    agreed_by,
                    about,
                    author,
                    ..
                // What is one person's alone, its author is told by name.
                } if about.concerned() != [*author] => Some(LookRow {
                    by: Some(*by),
                    role: Some(*role),
                    purpose: Some(*purpose),
                    agreed_by: Some(*agreed_by),
                    inspection: Some(*inspection),
                    author: Some(*author),
                    ..at_console("file", Some(*about))
                }),
                E::FileNamed {
                    inspection,
                    by,
                    role,
                    purpose,
                    agreed_by,
                    author,
                    name,
                    ..
                } => Some(LookRow {
                    by: Some(*by),
                    role: Some(*role),
                    purpose: Some(*purpose),
                    agreed_by: Some(*agreed_by),
                    inspection: Some(*inspection),
                    name: name.clone(),
                    ..at_console("file", Some(About::Person(*author)))
                }),
                E::ConsoleRead { about, .. } => Some(at_console("entry", Some(*about))),
                E::ConsoleViewed {
                    looked: Looked::AtView { view, .. },
                } => Some(at_console(view, None)),
                _ => None,
            }
        }
        AnyEvent::Accounts(AccountsEvent::RecordRead { by, role, person }) => Some(LookRow {
            by: Some(*by),
            role: Some(*role),
            purpose: Some(Purpose::Accounts),
            ..at_console("records", person.map(About::Person))
        }),
        // One's own package is no look of somebody else's.
        AnyEvent::Privacy(PrivacyEvent::DataExported { person, by }) if *by != Some(*person) => {
            Some(LookRow {
                by: *by,
                ..at_console("package", Some(About::Person(*person)))
            })
        }
        _ => None,
    }
}

impl View for Looks {
    type Row = LookRow;
    const NAME: &'static str = "looks";
    const MODULE: &'static str = "audit";
    const VERSION: u32 = 2;

    fn keys(event: &Recorded) -> Vec<Key> {
        look(event)
            .map(|row| Self::key(row.position))
            .into_iter()
            .collect()
    }

    fn apply(event: &Recorded, rows: &mut Touched<LookRow>) {
        if let Some(row) = look(event) {
            rows.put(Self::key(row.position), row);
        }
    }

    fn place(row: &LookRow) -> Place {
        Place {
            scope: row.about.map_or(Scope::School, |about| about.scope()),
            // The newest first.
            sort: Self::key(Position::MAX - row.position),
            text: String::new(),
        }
    }
}
