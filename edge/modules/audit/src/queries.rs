//! What auditors may read: pages of entries, proofs, and views as they were.

mod entries;

use crate::Audit;
use crate::error::AuditError;
use crate::policy::content_of;
use edge_kernel::Kernel;
use edge_kernel::ledger::Proof;
use events::{Millis, Position};
use serde_json::Value;
use std::collections::BTreeMap;

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
    let until = match moment {
        Moment::Now => kernel.ledger.size(),
        Moment::Position(position) if position > kernel.ledger.size() => {
            return Err(AuditError::NoSuchPosition);
        }
        Moment::Position(position) => position,
        Moment::Time(time) => kernel.ledger.position_at(time).await?,
    };
    let fold = |event: &events::Recorded| {
        folded.fold(event);
        if event.position.is_multiple_of(4096) {
            progress(event.position, until);
        }
    };
    kernel.ledger.fold_all(0, until, fold).await?;
    Ok(Replay {
        until,
        rows: folded.to_json(),
    })
}

impl Replay {
    /// The same rows without what is somebody's content.
    #[must_use]
    pub(crate) fn without_content(mut self, view: &str) -> Self {
        for field in content_of(view) {
            for row in self.rows.values_mut() {
                if let Some(content) = row.get_mut(*field) {
                    *content = Value::Null;
                }
            }
        }
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
    pub(crate) limit: u32,
}

impl Audit {
    pub(crate) async fn proof(&self, position: Position) -> Result<Proof, AuditError> {
        self.kernel
            .ledger
            .prove(position)
            .await?
            .ok_or(AuditError::NoSuchPosition)
    }

    /// A view as it was, as an auditor's page shows it: without content. Waits for its turn.
    pub(crate) async fn replay_for_page(
        &self,
        view: &str,
        moment: Moment,
    ) -> Result<Replay, AuditError> {
        let _turn = self.replays.acquire().await;
        Ok(replay(&self.kernel, view, moment, |_, _| {})
            .await?
            .without_content(view))
    }
}
