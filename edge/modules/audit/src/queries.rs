//! What auditors may read: pages of entries, proofs, and views as they were.

mod compare;
mod covered;
mod entries;
mod inspections;

use crate::Audit;
use crate::decide::Asked;
use crate::error::AuditError;
use crate::policy::content_of;
use edge_kernel::Kernel;
use edge_kernel::ledger::Proof;
use events::{Millis, Position};
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) use compare::{Comparison, Counted, Difference, Side};
pub(crate) use covered::covers;

/// The moment a view is folded up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// As things are now.
    Now,
    /// Up to a position.
    Position(Position),
    /// Up to a time in milliseconds since 1970, UTC.
    Time(Millis),
}

/// A view as it was.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Up to which position it was folded.
    pub until: Position,
    /// The time that was asked for, or that of the last event folded.
    pub at: Millis,
    /// The rows by key.
    pub rows: BTreeMap<String, Value>,
}

/// Folds a view from the log up to a moment. `progress` is told the position reached, and the last one.
pub async fn replay(
    kernel: &Kernel,
    view: &str,
    moment: Moment,
    progress: impl Fn(Position, Position) + Send + Sync,
) -> Result<Replay, AuditError> {
    let mut folded = events::views::named(view).ok_or(AuditError::NoSuchView)?;
    let until = position_of(kernel, moment).await?;
    let mut at = 0;
    let fold = |event: &events::Recorded| {
        folded.fold(event);
        at = event.at;
        if event.position.is_multiple_of(4096) {
            progress(event.position, until);
        }
    };
    kernel.ledger.fold_all(0, until, fold).await?;
    Ok(Replay {
        until,
        at: match moment {
            Moment::Time(time) => time,
            Moment::Now | Moment::Position(_) => at,
        },
        rows: folded.to_json(),
    })
}

async fn position_of(kernel: &Kernel, moment: Moment) -> Result<Position, AuditError> {
    match moment {
        Moment::Now => Ok(kernel.ledger.size()),
        Moment::Position(position) if position > kernel.ledger.size() => {
            Err(AuditError::NoSuchPosition(kernel.ledger.size()))
        }
        Moment::Position(position) => Ok(position),
        Moment::Time(time) => Ok(kernel.ledger.position_at(time).await?),
    }
}

/// Leaves out what is somebody's content.
fn withhold(view: &str, row: &mut Value) {
    for field in content_of(view) {
        if let Some(content) = row.get_mut(*field) {
            *content = Value::Null;
        }
    }
}

impl Replay {
    /// The same rows without what is somebody's content.
    #[must_use]
    fn without_content(mut self, view: &str) -> Self {
        self.rows.values_mut().for_each(|row| withhold(view, row));
        self
    }

    /// What a consent covers alone, and that whole.
    #[must_use]
    fn covered_by(mut self, asked: &Asked, view: &str) -> Self {
        let at = self.at;
        self.rows.retain(|_, row| covers(asked, view, row, at));
        self
    }
}

/// What is asked of the list of entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct EntryQuery {
    pub(crate) search: String,
    pub(crate) from: Option<Millis>,
    pub(crate) until: Option<Millis>,
    pub(crate) after: Option<String>,
    pub(crate) newest_first: bool,
    /// Whether auditors' own looks are left out: the log holds them, and a list of nothing else says little.
    pub(crate) without_looks: bool,
    pub(crate) limit: u32,
}

impl Audit {
    pub(crate) async fn proof(&self, position: Position) -> Result<Proof, AuditError> {
        let size = self.kernel.ledger.size();
        let proof = self.kernel.ledger.prove(position).await?;
        proof.ok_or(match (1..=size).contains(&position) {
            true => AuditError::Gone(position),
            false => AuditError::NoSuchPosition(size),
        })
    }

    /// A view as it was, as a page shows it: without content, or what a consent covers. Waits for its turn.
    pub(crate) async fn replay_for_page(
        &self,
        view: &str,
        moment: Moment,
        consent: Option<&Asked>,
    ) -> Result<Replay, AuditError> {
        let _turn = self.replays.acquire().await;
        let replay = replay(&self.kernel, view, moment, |_, _| {}).await?;
        Ok(match consent {
            Some(asked) => replay.covered_by(asked, view),
            None => replay.without_content(view),
        })
    }
}
