//! What can be asked of forgetting. Plain data; who may ask is the module's policy.

use super::values::{Aged, Approval, Counts, Depth, Span};
use crate::ids::{BatchId, PersonId};
use serde::{Deserialize, Serialize};

/// A command to one batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "fields mirror those of the events of the same names, which document them"
)]
pub enum PrivacyCommand {
    /// Propose to forget people.
    PlanErasure {
        batch: BatchId,
        people: Vec<PersonId>,
        rule: String,
        basis: String,
        depth: Depth,
        by: Option<PersonId>,
        counts: Counts,
    },
    /// Propose that single events lose their personal part.
    PlanAgeing {
        batch: BatchId,
        rule: String,
        basis: String,
        aged: Aged,
        counts: Counts,
    },
    /// Take a proposal back.
    WithdrawErasure {
        batch: BatchId,
        by: Option<PersonId>,
    },
    /// Forget: a second person agrees, or none when the rule itself is enough.
    ExecuteErasure {
        batch: BatchId,
        confirmed_by: Option<PersonId>,
        keys: Vec<String>,
        ciphertexts: Vec<Span>,
        headers: Vec<Span>,
        counts: Counts,
        approvals: Vec<Approval>,
    },
    /// Record that everything is gone.
    CompleteErasure {
        batch: BatchId,
        destroyed: Counts,
        epoch: u32,
    },
}
