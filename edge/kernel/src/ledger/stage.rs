//! Takes one append into a batch, or refuses it and leaves the batch as it was.

use super::append::{Append, Appended, Claim, Kept};
use super::batch::Batch;
use super::entry::Entry;
use super::error::AppendError;
use super::heads::{Head, Heads};
use super::names::Naming;
use super::rows;
use super::writer::from_sqlx;
use crate::database::{Connection, query};
use events::any::COARSE_MILLIS;
use events::ids::StreamId;
use events::{Codec, Position, Recorded};
use std::collections::{HashMap, hash_map};

pub(crate) struct Staging<'a> {
    /// For looking up what memory does not hold; in the batch's transaction for what touches what lies beside the log.
    pub(crate) db: &'a mut Connection,
    pub(crate) heads: &'a Heads,
    /// The batch that is on its way to the disk.
    pub(crate) leaving: Option<&'a Batch>,
    pub(crate) batch: &'a mut Batch,
    pub(crate) naming: &'a mut Naming,
}

impl Staging<'_> {
    async fn head(&mut self, stream: StreamId) -> Result<Head, AppendError> {
        let leaving = self.leaving.and_then(|batch| batch.heads.get(&stream));
        match self.batch.heads.get(&stream).or(leaving) {
            Some(head) => Ok(*head),
            None => {
                let known = self.batch.found.as_ref();
                let known = known.map(|found| found.heads.get(&stream).copied());
                if let (Some(known), None) = (known, self.heads.unsaved(stream)) {
                    return Ok(known.unwrap_or_default());
                }
                let found = self.heads.find(stream, self.db).await;
                found.map_err(from_sqlx)
            }
        }
    }

    /// The ends of all streams that an append speaks of, unless one has moved on since it was read.
    async fn ends(&mut self, append: &Append) -> Result<HashMap<StreamId, Head>, AppendError> {
        let mut ends = HashMap::with_capacity(append.expected.len());
        for (stream, version) in &append.expected {
            let head = self.head(*stream).await?;
            if head.version != *version {
                return Err(AppendError::Conflict { stream: *stream });
            }
            ends.insert(*stream, head);
        }
        for sealed in &append.sealed {
            if let hash_map::Entry::Vacant(end) = ends.entry(sealed.stream) {
                end.insert(self.head(sealed.stream).await?);
            }
        }
        Ok(ends)
    }
}

/// Takes an append. What the batch holds of it then is no longer in it; a refused one is as it was.
pub(crate) async fn stage(
    staging: &mut Staging<'_>,
    append: &mut Append,
) -> Result<Appended, AppendError> {
    if let Some(key) = &append.once
        && let Some(appended) = done_before(staging, key).await?
    {
        return Ok(appended);
    }
    let mut ends = staging.ends(append).await?;
    let first = staging.batch.size() + 1;
    // What was taken before goes first; then its place is known.
    if append.seals.is_some_and(|at| at != first)
        && let Some(sealed) = append.sealed.first()
    {
        let stream = sealed.stream;
        return Err(AppendError::Conflict { stream });
    }
    if append.touches_beside() {
        keep(staging.db, append, first).await?;
    }
    let Staging { batch, naming, .. } = staging;
    for (sealed, typed) in append.sealed.iter_mut().zip(append.typed.drain(..)) {
        let end = ends.entry(sealed.stream).or_default();
        let before = end.position;
        *end = Head {
            position: batch.size() + 1,
            version: end.version + 1,
        };
        let rounding = if sealed.coarse {
            batch.at % COARSE_MILLIS
        } else {
            0
        };
        let entry = Entry {
            coarse: sealed.coarse,
            codec: Codec::TODAY.number(),
            position: end.position,
            at: batch.at - rounding,
            event: sealed.event,
            stream: sealed.stream,
            version: end.version,
            kind: sealed.kind,
            schema: sealed.schema,
            actor: sealed.actor,
            cause: append.cause,
            parts: std::mem::take(&mut sealed.parts),
        };
        batch.add(&entry, before, &sealed.body, |id| naming.name(id));
        batch.published.push(Recorded {
            position: entry.position,
            at: entry.at,
            stream: entry.stream,
            version: entry.version,
            actor: entry.actor,
            event: typed,
        });
        sealed.parts = entry.parts;
    }
    let moved = ends.into_iter().filter(|(_, end)| end.position >= first);
    batch.heads.extend(moved);
    let appended = Appended {
        first,
        last: batch.size(),
        repeated: false,
    };
    if let Some(key) = &append.once {
        batch.once.insert(key.clone(), appended);
    }
    Ok(appended)
}

async fn done_before(
    staging: &mut Staging<'_>,
    key: &[u8],
) -> Result<Option<Appended>, AppendError> {
    let leaving = staging.leaving.and_then(|batch| batch.once.get(key));
    match staging.batch.once.get(key).or(leaving) {
        Some(appended) => Ok(Some(Appended {
            repeated: true,
            ..*appended
        })),
        None => match &staging.batch.found {
            Some(found) => Ok(found.once.get(key).copied()),
            None => rows::once(staging.db, key).await.map_err(from_sqlx),
        },
    }
}

/// Claims values and keeps rows, behind a savepoint: a refusal takes back what the same append had done before it.
async fn keep(db: &mut Connection, append: &Append, position: Position) -> Result<(), AppendError> {
    db.run("SAVEPOINT append").await.map_err(from_sqlx)?;
    match claim_and_keep(db, append, position).await {
        Ok(()) => db.run("RELEASE append").await.map_err(from_sqlx),
        Err(refusal) => {
            db.run("ROLLBACK TO append").await.map_err(from_sqlx)?;
            db.run("RELEASE append").await.map_err(from_sqlx)?;
            Err(refusal)
        }
    }
}

async fn claim_and_keep(
    db: &mut Connection,
    append: &Append,
    position: Position,
) -> Result<(), AppendError> {
    let position = rows::signed(position);
    for claim in &append.claims {
        match claim {
            Claim::Take { scope, value } => {
                let sql = "INSERT INTO kernel_claim (scope, value, position) VALUES (?, ?, ?)
                    ON CONFLICT DO NOTHING";
                let query = query(sql)
                    .bind(*scope)
                    .bind(value.as_slice())
                    .bind(position);
                let taken = query.execute(&mut *db).await.map_err(from_sqlx)? == 0;
                if taken {
                    return Err(AppendError::Taken { scope });
                }
            }
            Claim::Release { scope, value } => {
                query("DELETE FROM kernel_claim WHERE scope = ? AND value = ?")
                    .bind(*scope)
                    .bind(value.as_slice())
                    .execute(&mut *db)
                    .await
                    .map_err(from_sqlx)?;
            }
        }
    }
    for kept in &append.kept {
        run(db, kept).await?;
    }
    Ok(())
}

async fn run(db: &mut Connection, kept: &Kept) -> Result<(), AppendError> {
    let outcome = query(kept.sql)
        .bind_all(kept.arguments.iter().cloned())
        .execute(db)
        .await;
    let refused = |error: &sqlx::Error| {
        error
            .as_database_error()
            .is_some_and(|error| error.kind() != sqlx::error::ErrorKind::Other)
    };
    // A constraint that refuses the row is this request's own affair, not the batch's.
    if outcome.as_ref().is_err_and(refused) {
        return Err(AppendError::KeptChanged);
    }
    let changed = outcome.map_err(from_sqlx)?;
    match kept.rows {
        Some(expected) if expected != changed => Err(AppendError::KeptChanged),
        _ => Ok(()),
    }
}
