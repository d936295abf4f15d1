//! What appends ask the database before they are staged, in one question for all of them at once: on a server every question costs
//! a way there and back.

use crate::database::Connection;
use crate::database::Row;
use crate::ledger::append::{Append, Appended};
use crate::ledger::heads::Head;
use crate::ledger::rows::number;
use events::ids::StreamId;
use sqlx::postgres::PgRow;
use std::collections::{HashMap, HashSet};

const ASK: &str = "SELECT stream, head, version, true FROM kernel_stream WHERE stream = ANY($1)
    UNION ALL SELECT key, first, last, false FROM kernel_once WHERE key = ANY($2)";

/// The answers; what is not here is not in the database.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) heads: HashMap<StreamId, Head>,
    pub(crate) once: HashMap<Vec<u8>, Appended>,
}

/// What has to be asked.
pub(super) struct Question<'a> {
    streams: HashSet<StreamId>,
    keys: Vec<&'a [u8]>,
}

impl<'a> Question<'a> {
    /// What memory does not know of some appends.
    pub(super) fn of(
        appends: impl Iterator<Item = &'a Append> + Clone,
        is_known: impl Fn(StreamId) -> bool,
    ) -> Self {
        let named = |append: &'a Append| {
            let expected = append.expected.iter().map(|(stream, _)| *stream);
            expected.chain(append.sealed.iter().map(|sealed| sealed.stream))
        };
        Self {
            streams: appends
                .clone()
                .flat_map(named)
                .filter(|stream| !is_known(*stream))
                .collect(),
            keys: appends
                .filter_map(|append| append.once.as_deref())
                .collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.keys.is_empty()
    }

    pub(super) async fn ask(self, db: &mut Connection) -> sqlx::Result<Found> {
        let mut found = Found::default();
        if self.is_empty() {
            return Ok(found);
        }
        let streams: Vec<&[u8]> = self
            .streams
            .iter()
            .map(|id| id.0.as_bytes().as_slice())
            .collect();
        let asked = sqlx::query(ASK).bind(streams).bind(self.keys);
        let rows: Vec<PgRow> = asked.fetch_all(db.server()?).await?;
        for row in rows.into_iter().map(Row::Postgres) {
            let (first, last) = (number(&row, 1)?, number(&row, 2)?);
            let is_stream: bool = row.try_get(3)?;
            if is_stream {
                let id = uuid::Uuid::from_slice(row.try_get(0)?).unwrap_or_default();
                let head = Head {
                    position: first,
                    version: u32::try_from(last).unwrap_or_default(),
                };
                found.heads.insert(StreamId(id), head);
            } else {
                let appended = Appended {
                    first,
                    last,
                    repeated: true,
                };
                found.once.insert(row.try_get(0)?, appended);
            }
        }
        Ok(found)
    }
}
