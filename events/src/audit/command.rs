//! What can be asked of auditing.

use super::event::Looked;
use crate::ids::PersonId;
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
