//! `inspections`: who asked to read other people's content, and what became of it. Each has two rows, one for those who may agree and
//! one for whoever asked: a row belongs to one circle.

use crate::accounts::Role;
use crate::any::AnyEvent;
use crate::audit::{About, AuditEvent as E, Purpose};
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{InspectionId, PersonId};
use crate::personal::Personal;
use crate::recorded::{Millis, Recorded};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// How far a request has come. That a consent's time is over is no event; see [`InspectionRow::expires`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InspectionStage {
    /// A second person must agree.
    Waiting,
    /// A second person refused.
    Refused,
    /// A second person agreed.
    Agreed,
    /// Taken back, or ended before its time.
    Ended,
}

/// One request, as one circle sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectionRow {
    /// Which.
    pub inspection: InspectionId,
    /// Whether this is the row of whoever asked.
    pub own: bool,
    /// How far it has come.
    pub stage: InspectionStage,
    /// Who asked.
    pub by: PersonId,
    /// As what.
    pub role: Role,
    /// What for.
    pub purpose: Purpose,
    /// The same in their own words.
    pub reason: Personal<String>,
    /// What they asked to read.
    pub about: About,
    /// From when on it was written; none from the beginning.
    pub from: Option<Millis>,
    /// Until when it was written; none up to the present.
    pub until: Option<Millis>,
    /// When they asked.
    pub requested: Millis,
    /// Who agreed or refused.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided: Option<Millis>,
    /// When the consent ends by itself.
    pub expires: Option<Millis>,
    /// When it was ended by hand.
    pub ended: Option<Millis>,
    /// How many pages and files were read.
    pub readings: u32,
}

/// The view of all requests.
pub struct Inspections;

fn keys(inspection: InspectionId) -> [(Key, bool); 2] {
    [
        (inspection.to_string(), false),
        (format!("{inspection}/own"), true),
    ]
}

impl View for Inspections {
    type Row = InspectionRow;
    const NAME: &'static str = "inspections";
    const MODULE: &'static str = "audit";
    const VERSION: u32 = 2;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Audit(event) => event
                .inspection()
                .map(|inspection| keys(inspection).map(|(key, _)| key).into())
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn apply(recorded: &Recorded, rows: &mut Touched<InspectionRow>) {
        let AnyEvent::Audit(event) = &recorded.event else {
            return;
        };
        let Some(inspection) = event.inspection() else {
            return;
        };
        for (key, own) in keys(inspection) {
            if let E::InspectionRequested {
                inspection,
                by,
                role,
                purpose,
                reason,
                about,
                from,
                until,
            } = event
            {
                let row = InspectionRow {
                    inspection: *inspection,
                    own,
                    stage: InspectionStage::Waiting,
                    by: *by,
                    role: *role,
                    purpose: *purpose,
                    reason: reason.clone(),
                    about: *about,
                    from: *from,
                    until: *until,
                    requested: recorded.at,
                    decided_by: None,
                    decided: None,
                    expires: None,
                    ended: None,
                    readings: 0,
                };
                rows.put(key, row);
            } else if let Some(row) = rows.get_mut(&key)
                && event.asker() == Some(row.by)
            {
                follow(row, event, recorded.at);
            }
        }
    }

    fn place(row: &InspectionRow) -> Place {
        Place {
            scope: match row.own {
                true => Scope::Person(row.by),
                false => Scope::Oversight,
            },
            // What waits comes first, then the newest.
            sort: format!(
                "{}{:020}",
                u8::from(row.stage != InspectionStage::Waiting),
                u64::MAX - row.requested
            ),
            text: String::new(),
        }
    }
}

fn follow(row: &mut InspectionRow, event: &E, at: Millis) {
    match event {
        E::InspectionAgreed { by, expires, .. } => {
            row.stage = InspectionStage::Agreed;
            row.decided_by = Some(*by);
            row.decided = Some(at);
            row.expires = Some(*expires);
        }
        E::InspectionRefused { by, .. } => {
            row.stage = InspectionStage::Refused;
            row.decided_by = Some(*by);
            row.decided = Some(at);
        }
        E::InspectionEnded { .. } => {
            row.stage = InspectionStage::Ended;
            row.ended = Some(at);
        }
        E::ContentRead { .. } | E::FileRead { .. } => row.readings = row.readings.saturating_add(1),
        E::InspectionRequested { .. }
        | E::Viewed { .. }
        | E::ConsoleViewed { .. }
        | E::ConsoleRead { .. }
        | E::FileNamed { .. }
        | E::LogSealed { .. }
        | E::LogResumed { .. } => {}
    }
}
