//! The way of single events: which of them a proposal means, proposing it, and a rule that is enough by itself.

use crate::Privacy;
use crate::ask::Planned;
use crate::error::PrivacyError;
use crate::retention::ageing;
use edge_kernel::ledger::erase::Survey;
use edge_kernel::{Actor, Order};
use events::Position;
use events::ids::{BatchId, StreamId};
use events::privacy::{Aged, Counts, PrivacyCommand, spans_of};
use uuid::Uuid;

/// How far a time may lie from its place in the log: some kinds have theirs rounded, and clocks are set back.
const MARGIN: u64 = 60 * 60 * 1000;

impl Privacy {
    /// Proposes that single events lose their personal part.
    pub(crate) async fn plan_aged(
        &self,
        rule: String,
        basis: String,
        aged: Aged,
    ) -> Result<Planned, PrivacyError> {
        let counts = aged_counts(&self.survey_aged(&aged).await?);
        let batch = BatchId(Uuid::new_v4());
        let command = PrivacyCommand::PlanAgeing {
            batch,
            rule,
            basis,
            aged,
            counts,
        };
        let order = Order::by(Actor::Machine);
        let done = self
            .kernel
            .execute::<crate::Batch>(StreamId(batch.0), command, order)
            .await?;
        Ok(Planned {
            batch,
            counts,
            position: done.position,
        })
    }

    /// The rule is enough: the log says what may be missing from now on.
    pub(crate) async fn agree_by_rule(&self, batch: BatchId) -> Result<Position, PrivacyError> {
        self.agree_as(None, batch).await
    }

    /// Where such events are whose personal part has not gone yet.
    pub(crate) async fn survey_aged(&self, aged: &Aged) -> Result<Survey, PrivacyError> {
        let ledger = &self.kernel.ledger;
        let after = ledger.position_at(aged.from.saturating_sub(MARGIN)).await?;
        let until = ledger
            .position_at(aged.before.saturating_add(MARGIN))
            .await?;
        let mut found = Vec::new();
        ledger
            .fold_all(after, until, |event| {
                let is_meant = ageing(&event.event) == Some(aged.kind.as_str());
                if is_meant && event.at >= aged.from && event.at < aged.before {
                    found.push(event.position);
                }
            })
            .await?;
        Ok(Survey {
            events: found.len() as u64,
            ciphertexts: spans_of(found),
            ..Survey::default()
        })
    }
}

/// What goes with single events: they alone.
pub(crate) fn aged_counts(survey: &Survey) -> Counts {
    Counts {
        events: survey.events,
        ..Counts::default()
    }
}
