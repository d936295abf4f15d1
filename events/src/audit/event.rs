//! What auditors did, for looking at the log is itself logged; and what became of the log as evidence: the machine that keeps it,
//! and the key that signs it, may change.

use crate::any::{Described, Kind, Owner, Term};
use crate::ids::PersonId;
use crate::recorded::{Millis, Position};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// What an auditor looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Looked {
    /// A page of the list of events: metadata only.
    AtEntries {
        /// First position shown; 0 when nothing was found.
        from: Position,
        /// Last position shown; 0 when nothing was found.
        to: Position,
    },
    /// One entry with its proof.
    AtEntry {
        /// Which.
        position: Position,
    },
    /// A view as it was.
    AtView {
        /// The view's name.
        view: String,
        /// Up to which position it was folded.
        until: Position,
        /// The time that was asked for, when a time was.
        time: Option<Millis>,
    },
}

/// An event about auditing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AuditEvent {
    /// An auditor looked.
    Viewed {
        /// Who.
        auditor: PersonId,
        /// At what.
        looked: Looked,
    },
    /// Somebody at the machine's own console looked.
    ConsoleViewed {
        /// At what.
        looked: Looked,
    },
    /// The school moves: this is the last event that its machine appends, and the key that signs the log from here on is the
    /// successor's. It is not sealed, for whoever verifies the log, without any key, must be able to follow from one signing
    /// key to the next. It names nobody.
    LogSealed {
        /// Which of the school's machines goes on; the founding one is 1.
        epoch: u32,
        /// The verifier key under which the log was signed up to here, as text.
        key: String,
        /// The verifier key under which it is signed from here on, as text.
        successor: String,
    },
    /// The successor has the whole sealed log, and goes on.
    LogResumed {
        /// Which of the school's machines this is.
        epoch: u32,
        /// Its verifier key, as text.
        key: String,
    },
}

impl Described for AuditEvent {
    const MODULE: &'static str = "audit";

    fn kind(&self) -> (Kind, &'static str) {
        let (number, name) = match self {
            Self::Viewed { .. } => (400, "Viewed"),
            Self::ConsoleViewed { .. } => (401, "ConsoleViewed"),
            Self::LogSealed { .. } => (402, "LogSealed"),
            Self::LogResumed { .. } => (403, "LogResumed"),
        };
        (Kind(number), name)
    }

    fn owner(&self) -> (Owner, Term) {
        (Owner::School, Term::Yearly)
    }

    fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Auditors]
    }

    fn is_public(&self) -> bool {
        matches!(self, Self::LogSealed { .. })
    }
}

#[cfg(feature = "cqrs")]
impl cqrs_es::DomainEvent for AuditEvent {
    fn event_type(&self) -> String {
        Described::kind(self).1.to_owned()
    }

    fn event_version(&self) -> String {
        Described::schema(self).to_string()
    }
}
