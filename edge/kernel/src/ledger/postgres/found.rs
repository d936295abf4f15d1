//! What a batch asks the database before it is staged, in two questions for all of its appends: on a server every question costs
//! a way there and back.

use crate::database::Connection;
use crate::database::Row;
use crate::ledger::append::{Append, Appended};
use crate::ledger::heads::{Head, Heads};
use crate::ledger::rows::number;
use events::ids::StreamId;
use sqlx::postgres::PgRow;
use std::collections::{HashMap, HashSet};

/// The answers; what is not here is not in the database.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) heads: HashMap<StreamId, Head>,
    pub(crate) once: HashMap<Vec<u8>, Appended>,
}

impl Found {
    pub(super) async fn look_up<'a>(
        db: &mut Connection,
        heads: &Heads,
        appends: impl Iterator<Item = &'a Append> + Clone,
    ) -> sqlx::Result<Self> {
        let named = |append: &'a Append| {
            let expected = append.expected.iter().map(|(stream, _)| *stream);
            expected.chain(append.sealed.iter().map(|sealed| sealed.stream))
        };
        let streams: HashSet<StreamId> = appends
            .clone()
            .flat_map(named)
            .filter(|stream| heads.unsaved(*stream).is_none())
            .collect();
        let keys: Vec<&[u8]> = appends
            .filter_map(|append| append.once.as_deref())
            .collect();
        let mut found = Self::default();
        if !streams.is_empty() {
            found.look_up_heads(db, streams).await?;
        }
        if !keys.is_empty() {
            found.look_up_once(db, keys).await?;
        }
        Ok(found)
    }

    async fn look_up_heads(
        &mut self,
        db: &mut Connection,
        streams: HashSet<StreamId>,
    ) -> sqlx::Result<()> {
        let ids: Vec<&[u8]> = streams
            .iter()
            .map(|id| id.0.as_bytes().as_slice())
            .collect();
        let sql = "SELECT stream, head, version FROM kernel_stream WHERE stream = ANY($1)";
        for row in ask(db, sql, ids).await? {
            let id = uuid::Uuid::from_slice(row.try_get(0)?).unwrap_or_default();
            let version = u32::try_from(number(&row, 2)?).unwrap_or_default();
            let position = number(&row, 1)?;
            self.heads.insert(StreamId(id), Head { position, version });
        }
        Ok(())
    }

    async fn look_up_once(&mut self, db: &mut Connection, keys: Vec<&[u8]>) -> sqlx::Result<()> {
        let sql = "SELECT key, first, last FROM kernel_once WHERE key = ANY($1)";
        for row in ask(db, sql, keys).await? {
            let appended = Appended {
                first: number(&row, 1)?,
                last: number(&row, 2)?,
                repeated: true,
            };
            self.once.insert(row.try_get(0)?, appended);
        }
        Ok(())
    }
}

async fn ask(db: &mut Connection, sql: &'static str, among: Vec<&[u8]>) -> sqlx::Result<Vec<Row>> {
    let rows: Vec<PgRow> = sqlx::query(sql).bind(among).fetch_all(db.server()?).await?;
    Ok(rows.into_iter().map(Row::Postgres).collect())
}
