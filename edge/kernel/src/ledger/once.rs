//! Forgetting idempotency keys: a client that has had no answer for a week does not ask again, and what nobody asks for
//! must not grow for ever. A few keys are looked at each time, in the order of their hashes, round and round. The newest stay
//! whatever the clock says: one that jumps ahead must not make done what was done just now.

use super::rows;
use crate::database::{Connection, Row, query};
use events::{Millis, Position};

/// How long a key is remembered: a week, in milliseconds.
pub(crate) const REMEMBERED: Millis = 7 * 24 * 3600 * 1000;
/// Keys looked at in one run, so that appends hardly wait for it.
const LOOKED_AT: i64 = 1024;

/// Events at the log's end whose keys stay, however old the clock makes them.
const NEWEST: Position = 1024;

/// How far around the keys have been looked at.
#[derive(Default)]
pub(crate) struct Round(Vec<u8>);

impl Round {
    /// Looks at the next keys and forgets those that are older than a week at a moment and not of the newest in a log of
    /// this size.
    pub(crate) async fn go_on(
        &mut self,
        db: &mut Connection,
        now: Millis,
        size: Position,
    ) -> sqlx::Result<()> {
        let sql = "SELECT key, at FROM kernel_once WHERE key > ? ORDER BY key LIMIT ?";
        let found = query(sql)
            .bind(self.0.as_slice())
            .bind(LOOKED_AT)
            .fetch_all(&mut *db)
            .await?;
        let Some(last) = found.last() else {
            self.0.clear();
            return Ok(());
        };
        let last: Vec<u8> = last.try_get(0)?;
        let until = rows::signed(now.saturating_sub(REMEMBERED));
        let settled = rows::signed(size.saturating_sub(NEWEST));
        let is_old = |row: &Row| row.try_get::<i64>(1).is_ok_and(|at| at < until);
        if found.iter().any(is_old) {
            let sql = "DELETE FROM kernel_once WHERE key > ? AND key <= ? AND at < ? AND last <= ?";
            query(sql)
                .bind(self.0.as_slice())
                .bind(last.as_slice())
                .bind(until)
                .bind(settled)
                .execute(db)
                .await?;
        }
        self.0 = last;
        Ok(())
    }
}
