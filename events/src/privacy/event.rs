//! What has happened on the way to forgetting somebody.

use super::values::{Aged, Approval, Counts, Depth, Span};
use crate::any::{Described, Kind, Owner, Term};
use crate::ids::{BatchId, PersonId};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// An event about privacy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PrivacyEvent {
    /// Somebody, or a rule, proposes to forget people. Nothing is gone yet.
    ErasurePlanned {
        /// The proposal.
        batch: BatchId,
        /// Whom it would forget.
        people: Vec<PersonId>,
        /// The retention rule, by name.
        rule: String,
        /// The legal basis, in words.
        basis: String,
        /// How much of their events goes.
        depth: Depth,
        /// Who proposes; none is the machine: its operator, or the nightly planner.
        by: Option<PersonId>,
        /// How much it would destroy.
        counts: Counts,
    },
    /// A proposal was taken back.
    ErasureWithdrawn {
        /// Which.
        batch: BatchId,
        /// By whom; none is the operator.
        by: Option<PersonId>,
    },
    /// From here on these keys, and what they sealed, may be missing. It is written before anything is destroyed, and it is
    /// not sealed: whoever verifies the log, without any key, must be able to tell an erasure from damage. It names nobody.
    ErasureExecuted {
        /// The proposal that was confirmed.
        batch: BatchId,
        /// The retention rule, by name.
        rule: String,
        /// The legal basis, in words.
        basis: String,
        /// How much goes.
        depth: Depth,
        /// The keys that are destroyed, by id, in hexadecimal digits.
        keys: Vec<String>,
        /// Where something was sealed under them; from [`Depth::Ciphertext`] on that ciphertext may be missing.
        ciphertexts: Vec<Span>,
        /// Where the whole entry may be missing: only at [`Depth::Header`].
        headers: Vec<Span>,
        /// SHA-256 over both lists as [`PrivacyEvent::hash_input`] writes them, in hexadecimal digits.
        hash: String,
        /// How much is destroyed.
        counts: Counts,
        /// Who approved.
        approvals: Vec<Approval>,
    },
    /// Everything that was to go is gone.
    ErasureCompleted {
        /// Which.
        batch: BatchId,
        /// What was destroyed.
        destroyed: Counts,
        /// How often the keyring has been written anew: copies of an earlier one still hold what was destroyed, and must go.
        epoch: u32,
    },
    /// Everything about a person was put together for them, or for somebody at the console.
    DataExported {
        /// About whom.
        person: PersonId,
        /// For whom; none is the operator.
        by: Option<PersonId>,
    },
    /// A retention rule proposes that single events lose their personal part. Nobody is forgotten, and no key goes.
    AgeingPlanned {
        /// The proposal.
        batch: BatchId,
        /// The retention rule, by name.
        rule: String,
        /// The legal basis, in words.
        basis: String,
        /// Which events.
        aged: Aged,
        /// How much it would destroy.
        counts: Counts,
    },
}

impl PrivacyEvent {
    /// The batch this is about, when it is about one.
    #[must_use]
    pub fn batch(&self) -> Option<BatchId> {
        match self {
            Self::ErasurePlanned { batch, .. }
            | Self::AgeingPlanned { batch, .. }
            | Self::ErasureWithdrawn { batch, .. }
            | Self::ErasureExecuted { batch, .. }
            | Self::ErasureCompleted { batch, .. } => Some(*batch),
            Self::DataExported { .. } => None,
        }
    }

    /// The text over which the hash of an erasure's positions goes: `first-last` a line, a blank line between the lists.
    #[must_use]
    pub fn hash_input(ciphertexts: &[Span], headers: &[Span]) -> String {
        let lines = |spans: &[Span]| {
            let lines = spans.iter().map(|span| format!("{}-{}\n", span.0, span.1));
            lines.collect::<String>()
        };
        format!("{}\n{}", lines(ciphertexts), lines(headers))
    }
}

impl Described for PrivacyEvent {
    const MODULE: &'static str = "privacy";

    fn kind(&self) -> (Kind, &'static str) {
        let (number, name) = match self {
            Self::ErasurePlanned { .. } => (500, "ErasurePlanned"),
            Self::ErasureWithdrawn { .. } => (501, "ErasureWithdrawn"),
            Self::ErasureExecuted { .. } => (502, "ErasureExecuted"),
            Self::ErasureCompleted { .. } => (503, "ErasureCompleted"),
            Self::DataExported { .. } => (504, "DataExported"),
            Self::AgeingPlanned { .. } => (505, "AgeingPlanned"),
        };
        (Kind(number), name)
    }

    fn owner(&self) -> (Owner, Term) {
        (Owner::School, Term::Standing)
    }

    fn scopes(&self) -> Vec<Scope> {
        let about = match self {
            Self::DataExported { person, .. } => Some(Scope::Person(*person)),
            _ => None,
        };
        [Scope::Oversight].into_iter().chain(about).collect()
    }

    fn is_public(&self) -> bool {
        matches!(self, Self::ErasureExecuted { .. })
    }
}

#[cfg(feature = "cqrs")]
impl cqrs_es::DomainEvent for PrivacyEvent {
    fn event_type(&self) -> String {
        Described::kind(self).1.to_owned()
    }

    fn event_version(&self) -> String {
        Described::schema(self).to_string()
    }
}
