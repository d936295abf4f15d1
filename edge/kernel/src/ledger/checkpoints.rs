//! The signed checkpoints that are kept, and the cosignatures that witnesses add to them.

use super::append::{Append, Kept};
use super::error::{AppendError, LedgerError, database};
use super::{Ledger, rows};
use crate::database::query;

impl Ledger {
    /// The notes of the newest checkpoints, newest first.
    pub async fn checkpoints(&self, limit: u32) -> Result<Vec<String>, LedgerError> {
        let rows = query("SELECT note FROM kernel_checkpoint ORDER BY size DESC LIMIT ?")
            .bind(limit)
            .fetch_all(self.kept())
            .await
            .map_err(database("read"))?;
        rows.iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()
            .map_err(database("read"))
    }

    /// Puts a note with more cosignatures in the place of the one that is kept for a size, `before`; refused as
    /// [`AppendError::KeptChanged`] when somebody else has replaced that meanwhile.
    pub async fn replace_checkpoint(
        &self,
        size: u64,
        before: String,
        now: String,
    ) -> Result<(), AppendError> {
        let kept = Kept {
            sql: "UPDATE kernel_checkpoint SET note = ? WHERE size = ? AND note = ?",
            arguments: vec![now.into(), rows::signed(size).into(), before.into()],
            rows: Some(1),
        };
        let append = Append {
            kept: vec![kept],
            ..Append::default()
        };
        self.append(append).await.map(|_| ())
    }
}
