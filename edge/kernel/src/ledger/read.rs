//! Reading the log: in order, by stream, by time.

use super::error::database;
use super::opener::{OpenError, Opener};
use super::rows::{self, Stored};
use super::{Appended, Ledger, LedgerError};
use events::ids::StreamId;
use events::{Millis, Position, Recorded};

/// Rows read at once.
const PAGE: u32 = 2048;

impl Ledger {
    /// Opens entries, many in a row. It keeps the keys it has met: drop it within the time in which a destroyed key must be
    /// gone from memory.
    #[must_use]
    pub fn opener(&self) -> Opener {
        Opener::new(&self.keyring)
    }

    /// Opens a stored row.
    pub fn open_row(&self, row: &Stored) -> Result<Recorded, OpenError> {
        self.opener().open_row(row)
    }

    /// Up to `limit` events after a position, in order. What is committed but not published yet is left for the next
    /// reading: access has not come to it, so nobody could tell who may see it. Entries that an erasure dropped are passed over.
    pub async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, LedgerError> {
        let published = self.size();
        let mut at = after;
        let mut opener = self.opener();
        loop {
            let rows = self.stored(at, limit).await?;
            let Some(last) = rows.last().map(|row| row.position) else {
                return Ok(Vec::new());
            };
            let events = rows
                .iter()
                .take_while(|row| row.position <= published)
                .filter(|row| !row.is_dropped())
                .map(|row| opener.open_row(row))
                .collect::<Result<Vec<_>, _>>()?;
            // A page of dropped entries only is not the end: an erasure is said behind everything that it dropped.
            if !events.is_empty() || last >= published {
                return Ok(events);
            }
            at = last;
        }
    }

    /// Up to `limit` rows after a position, as they are stored.
    pub async fn stored(&self, after: Position, limit: u32) -> Result<Vec<Stored>, LedgerError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        rows::after(&mut db, after, limit)
            .await
            .map_err(database("read"))
    }

    /// Where the request of an idempotency key ended up, if it was carried out.
    pub async fn done_before(&self, key: &[u8]) -> Result<Option<Appended>, LedgerError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        rows::once(&mut db, key).await.map_err(database("read"))
    }

    /// Folds every event after a position, up to and with another, in order.
    pub async fn fold_all(
        &self,
        after: Position,
        until: Position,
        mut fold: impl FnMut(&Recorded) + Send,
    ) -> Result<(), LedgerError> {
        let mut at = after;
        while at < until {
            let events = self.read(at, PAGE).await?;
            let Some(last) = events.last() else { break };
            at = last.position;
            events
                .iter()
                .take_while(|event| event.position <= until)
                .for_each(&mut fold);
        }
        Ok(())
    }

    /// A stream's events in order; empty when there is none.
    pub async fn stream(&self, stream: StreamId) -> Result<Vec<Recorded>, LedgerError> {
        let mut db = self.pool.acquire().await.map_err(database("read"))?;
        let head = self
            .heads
            .find(stream, &mut db)
            .await
            .map_err(database("read"))?;
        let rows = rows::stream(&mut db, head.position)
            .await
            .map_err(database("read"))?;
        drop(db);
        let mut opener = self.opener();
        Ok(rows
            .iter()
            .filter(|row| !row.is_dropped())
            .map(|row| opener.open_row(row))
            .collect::<Result<_, _>>()?)
    }

    /// The last position whose event happened at or before a moment. Rounded times are passed over: they say less than
    /// their neighbours.
    pub async fn position_at(&self, time: Millis) -> Result<Position, LedgerError> {
        let (mut low, mut high) = (0, self.size());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.exact_time(middle, high).await? {
                Some((position, at)) if at <= time => low = position,
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }

    /// The first event after a position, up to another, whose time is exact.
    async fn exact_time(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Option<(Position, Millis)>, LedgerError> {
        let mut at = after;
        while at < until {
            let found = self.stored(at, 64).await?;
            let Some(last) = found.last() else { break };
            at = last.position;
            let exact = found
                .iter()
                .filter(|row| row.position <= until)
                .filter_map(rows::entry)
                .find(|e| !e.coarse);
            if let Some(entry) = exact {
                return Ok(Some((entry.position, entry.at)));
            }
        }
        Ok(None)
    }
}
