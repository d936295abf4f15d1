//! `erasures`: what is proposed, confirmed and gone.

use crate::any::AnyEvent;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::{BatchId, PersonId};
use crate::privacy::{Aged, Approval, Counts, Depth, PrivacyEvent as E};
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
    /// Which single events lose their personal part, when it forgets nobody.
    #[serde(default)]
    pub aged: Option<Aged>,
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
    const VERSION: u32 = 3;

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
        if let Some(row) = proposed(event, recorded.at) {
            rows.put(key, row);
            return;
        }
        let Some(row) = rows.get_mut(&key) else {
            return;
        };
        match event {
            E::ErasurePlanned { .. } | E::AgeingPlanned { .. } | E::DataExported { .. } => {}
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
            scope: Scope::Oversight,
            // The newest first.
            sort: format!("{:020}", u64::MAX - row.planned),
            text: row.rule.to_lowercase(),
        }
    }
}

/// The row with which a batch begins; none when the event does not begin one.
fn proposed(event: &E, planned: Millis) -> Option<ErasureRow> {
    let row = |batch: &BatchId, rule: &str, basis: &str, counts: &Counts| ErasureRow {
        batch: *batch,
        stage: Stage::Planned,
        people: Vec::new(),
        aged: None,
        rule: rule.to_owned(),
        basis: basis.to_owned(),
        depth: Depth::Ciphertext,
        planned_by: None,
        planned,
        counts: *counts,
        executed: None,
        approvals: Vec::new(),
        destroyed: None,
    };
    match event {
        E::ErasurePlanned {
            batch,
            people,
            rule,
            basis,
            depth,
            by,
            counts,
        } => Some(ErasureRow {
            people: people.clone(),
            depth: *depth,
            planned_by: *by,
            ..row(batch, rule, basis, counts)
        }),
        E::AgeingPlanned {
            batch,
            rule,
            basis,
            aged,
            counts,
        } => Some(ErasureRow {
            aged: Some(aged.clone()),
            ..row(batch, rule, basis, counts)
        }),
        _ => None,
    }
}
