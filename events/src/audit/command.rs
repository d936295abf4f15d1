//! What can be asked of auditing.

use super::event::Looked;
use super::values::{About, Purpose};
use crate::accounts::Role;
use crate::ids::{InspectionId, NodeId, PersonId, SpaceId};
use crate::personal::Personal;
use crate::recorded::{Millis, Position};
use serde::{Deserialize, Serialize};

/// A command to one auditor's own record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AuditCommand {
    /// Record what an auditor looked at, before it is shown.
    RecordLook {
        /// Who looked.
        auditor: PersonId,
        /// At what.
        looked: Looked,
    },
}

/// A command to one inspection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "fields mirror those of the events of the same names, which document them"
)]
pub enum InspectionCommand {
    /// Ask to read other people's content.
    RequestInspection {
        inspection: InspectionId,
        by: PersonId,
        role: Role,
        purpose: Purpose,
        reason: Personal<String>,
        about: About,
        from: Option<Millis>,
        until: Option<Millis>,
    },
    /// Agree, as a second person.
    AgreeToInspection { by: PersonId, expires: Millis },
    /// Refuse.
    RefuseInspection { by: PersonId },
    /// End it before its time.
    EndInspection { by: PersonId },
    /// Record a reading, before it is given out.
    RecordReading {
        reader: PersonId,
        view: String,
        until: Position,
        after: Option<String>,
        now: Millis,
    },
    /// Record that a file is read, before it is given out.
    RecordFile {
        reader: PersonId,
        space: SpaceId,
        node: NodeId,
        author: PersonId,
        name: Personal<String>,
        until: Position,
        now: Millis,
    },
}
