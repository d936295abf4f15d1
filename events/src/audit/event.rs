//! What auditors did: looking at the log is itself logged, and so is every step on the way to reading other people's content. And
//! what became of the log as evidence: the machine that keeps it, and the key that signs it, may change.

use super::values::{About, CONTENT_VIEWS, Purpose};
use crate::accounts::Role;
use crate::any::{Described, Kind, Owner, Term};
use crate::ids::{InspectionId, NodeId, PersonId, SpaceId};
use crate::personal::Personal;
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
    /// Somebody asks to read other people's content. Nothing is shown yet.
    InspectionRequested {
        /// The request.
        inspection: InspectionId,
        /// Who asks.
        by: PersonId,
        /// As what.
        role: Role,
        /// What for.
        purpose: Purpose,
        /// The same in their own words.
        reason: Personal<String>,
        /// What they ask to read.
        about: About,
        /// From when on it was written; none from the beginning.
        from: Option<Millis>,
        /// Until when it was written; none up to the present.
        until: Option<Millis>,
    },
    /// A second person agrees: until a moment it may be read.
    InspectionAgreed {
        /// To which request.
        inspection: InspectionId,
        /// Who had asked.
        asker: PersonId,
        /// Who agrees.
        by: PersonId,
        /// When the consent ends by itself.
        expires: Millis,
    },
    /// A second person refuses.
    InspectionRefused {
        /// Which request.
        inspection: InspectionId,
        /// Who had asked.
        asker: PersonId,
        /// Who refuses.
        by: PersonId,
    },
    /// A request was taken back, or a consent ended before its time.
    InspectionEnded {
        /// Which.
        inspection: InspectionId,
        /// Who had asked.
        asker: PersonId,
        /// Who ends it.
        by: PersonId,
    },
    /// A page of content was read under a consent. It is written before the page is given out.
    ContentRead {
        /// Under which consent.
        inspection: InspectionId,
        /// Who read.
        by: PersonId,
        /// As what.
        role: Role,
        /// What for.
        purpose: Purpose,
        /// Who had agreed.
        agreed_by: PersonId,
        /// Whose.
        about: About,
        /// The view that was read.
        view: String,
        /// Up to which position it was folded.
        until: Position,
        /// After which row the page began; none on the first page.
        after: Option<String>,
    },
    /// Somebody at the machine's own console read the content of one event.
    ConsoleRead {
        /// Which event.
        position: Position,
        /// Whose.
        about: About,
    },
    /// A file was handed out under a consent. It is written before its first byte is given out. It does not say the file's name:
    /// that is for its owner alone, see [`AuditEvent::FileNamed`].
    FileRead {
        /// Under which consent.
        inspection: InspectionId,
        /// Who read.
        by: PersonId,
        /// As what.
        role: Role,
        /// What for.
        purpose: Purpose,
        /// Who had agreed.
        agreed_by: PersonId,
        /// Whose.
        about: About,
        /// Where the file is.
        space: SpaceId,
        /// Which file.
        node: NodeId,
        /// Who added it.
        author: PersonId,
        /// As of which position it was found.
        until: Position,
    },
    /// The same for whoever added the file, by its name.
    FileNamed {
        /// Under which consent.
        inspection: InspectionId,
        /// Who read.
        by: PersonId,
        /// As what.
        role: Role,
        /// What for.
        purpose: Purpose,
        /// Who had agreed.
        agreed_by: PersonId,
        /// Who added the file.
        author: PersonId,
        /// Which file.
        node: NodeId,
        /// What it was called.
        name: Personal<String>,
    },
}

impl AuditEvent {
    /// The inspection this is about, when it is about one.
    #[must_use]
    pub fn inspection(&self) -> Option<InspectionId> {
        match self {
            Self::InspectionRequested { inspection, .. }
            | Self::InspectionAgreed { inspection, .. }
            | Self::InspectionRefused { inspection, .. }
            | Self::InspectionEnded { inspection, .. }
            | Self::ContentRead { inspection, .. }
            | Self::FileRead { inspection, .. } => Some(*inspection),
            Self::FileNamed { .. }
            | Self::Viewed { .. }
            | Self::ConsoleViewed { .. }
            | Self::ConsoleRead { .. }
            | Self::LogSealed { .. }
            | Self::LogResumed { .. } => None,
        }
    }

    /// Who asked to read, when this is about that.
    #[must_use]
    pub fn asker(&self) -> Option<PersonId> {
        match self {
            Self::InspectionRequested { by: asker, .. }
            | Self::ContentRead { by: asker, .. }
            | Self::FileRead { by: asker, .. }
            | Self::InspectionAgreed { asker, .. }
            | Self::InspectionRefused { asker, .. }
            | Self::InspectionEnded { asker, .. } => Some(*asker),
            Self::FileNamed { .. }
            | Self::Viewed { .. }
            | Self::ConsoleViewed { .. }
            | Self::ConsoleRead { .. }
            | Self::LogSealed { .. }
            | Self::LogResumed { .. } => None,
        }
    }

    /// The circle whose content was read, when some was: everybody's, where a whole view of content was shown at the console.
    #[must_use]
    pub fn read_of(&self) -> Option<Scope> {
        match self {
            Self::ContentRead { about, .. }
            | Self::ConsoleRead { about, .. }
            | Self::FileRead { about, .. } => Some(about.scope()),
            Self::FileNamed { author, .. } => Some(Scope::Person(*author)),
            Self::ConsoleViewed {
                looked: Looked::AtView { view, .. },
            } if CONTENT_VIEWS.contains(&view.as_str()) => Some(Scope::School),
            _ => None,
        }
    }
}

impl Described for AuditEvent {
    const MODULE: &'static str = "audit";

    fn kind(&self) -> (Kind, &'static str) {
        let (number, name) = match self {
            Self::Viewed { .. } => (400, "Viewed"),
            Self::ConsoleViewed { .. } => (401, "ConsoleViewed"),
            Self::LogSealed { .. } => (402, "LogSealed"),
            Self::LogResumed { .. } => (403, "LogResumed"),
            Self::InspectionRequested { .. } => (404, "InspectionRequested"),
            Self::InspectionAgreed { .. } => (405, "InspectionAgreed"),
            Self::InspectionRefused { .. } => (406, "InspectionRefused"),
            Self::InspectionEnded { .. } => (407, "InspectionEnded"),
            Self::ContentRead { .. } => (408, "ContentRead"),
            Self::ConsoleRead { .. } => (409, "ConsoleRead"),
            Self::FileRead { .. } => (410, "FileRead"),
            Self::FileNamed { .. } => (411, "FileNamed"),
        };
        (Kind(number), name)
    }

    fn owner(&self) -> (Owner, Term) {
        let owner = match self {
            Self::InspectionRequested { by, .. } => Owner::Person(*by),
            Self::FileNamed { author, .. } => Owner::Person(*author),
            _ => Owner::School,
        };
        (owner, Term::Yearly)
    }

    fn scopes(&self) -> Vec<Scope> {
        let own = match (self, self.asker()) {
            // A file's name is content: nobody but its owner is told it.
            (Self::FileNamed { .. }, _) => Vec::new(),
            (_, None) => vec![Scope::Auditors],
            (_, Some(asker)) => vec![Scope::Oversight, Scope::Person(asker)],
        };
        own.into_iter().chain(self.read_of()).collect()
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
