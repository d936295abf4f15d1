//! `erasures`: what is proposed, confirmed and gone.

use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{BatchId, PersonId};
use crate::privacy::{Approval, Counts, Depth, PrivacyEvent as E};
use crate::recorded::{Millis, Position, Recorded};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// How far a batch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Proposed; a second person must agree.
    Planned,
    /// Taken back.
    Withdrawn,
    /// Confirmed and in the log; being carried out.
    Executed,
    /// Everything is gone.
    Completed,
}

/// One batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasureRow {
    /// Which.
    pub batch: BatchId,
    /// How far it has come.
    pub stage: Stage,
    /// Whom it forgets, by ids that say nothing once they are forgotten.
    pub people: Vec<PersonId>,
    /// The retention rule, by name.
    pub rule: String,
    /// The legal basis, in words.
    pub basis: String,
    /// How much goes.
    pub depth: Depth,
    /// Who proposed it; none is the machine.
    pub planned_by: Option<PersonId>,
    /// When.
    pub planned: Millis,
    /// How much it would destroy.
    pub counts: Counts,
    /// Where its execution is in the log, and when that was.
    pub executed: Option<(Position, Millis)>,
    /// Who approved.
    pub approvals: Vec<Approval>,
    /// What was destroyed, once everything is.
    pub destroyed: Option<Counts>,
}

/// The view of all erasures.
pub struct Erasures;

impl View for Erasures {
    type Row = ErasureRow;
    const NAME: &'static str = "erasures";
    const MODULE: &'static str = "privacy";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Privacy(event) => event.batch().iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    fn apply(recorded: &Recorded, rows: &mut Touched<ErasureRow>) {
        let AnyEvent::Privacy(event) = &recorded.event else {
            return;
        };
        let Some(key) = event.batch().map(|batch| batch.to_string()) else {
            return;
        };
        if let E::ErasurePlanned {
            batch,
            people,
            rule,
            basis,
            depth,
            by,
            counts,
        } = event
        {
            let row = ErasureRow {
                batch: *batch,
                stage: Stage::Planned,
                people: people.clone(),
                rule: rule.clone(),
                basis: basis.clone(),
                depth: *depth,
                planned_by: *by,
                planned: recorded.at,
                counts: *counts,
                executed: None,
                approvals: Vec::new(),
                destroyed: None,
            };
            rows.put(key, row);
            return;
        }
        let Some(row) = rows.get_mut(&key) else {
            return;
        };
        match event {
            E::ErasurePlanned { .. } | E::DataExported { .. } => {}
            E::ErasureWithdrawn { .. } => row.stage = Stage::Withdrawn,
            E::ErasureExecuted { approvals, .. } => {
                row.stage = Stage::Executed;
                row.executed = Some((recorded.position, recorded.at));
                row.approvals.clone_from(approvals);
            }
            E::ErasureCompleted { destroyed, .. } => {
                row.stage = Stage::Completed;
                row.destroyed = Some(*destroyed);
            }
        }
    }

    fn place(row: &ErasureRow) -> Place {
        Place {
            scope: Scope::Administration,
            // The newest first.
            sort: format!("{:020}", u64::MAX - row.planned),
            text: row.rule.to_lowercase(),
        }
    }
}
