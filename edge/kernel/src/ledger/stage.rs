//! Takes one append into a batch, or refuses it and leaves the batch as it was.

use super::append::{Append, Appended, Claim, Kept, Value};
use super::batch::Batch;
use super::entry::Entry;
use super::error::AppendError;
use super::heads::{Head, Heads};
use super::names::Naming;
use super::rows;
use super::writer::from_sqlx;
use events::any::COARSE_MILLIS;
use events::ids::StreamId;
use events::{Codec, Position, Recorded};
use sqlx::SqliteConnection;
use std::collections::{HashMap, hash_map};

pub(crate) struct Staging<'a> {
    /// For looking up what memory does not hold; it sees what is durable.
    pub(crate) lookup: &'a mut SqliteConnection,
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
                let found = self.heads.find(stream, self.lookup).await;
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

/// Takes an append; `begun` is the connection, in a transaction, when it touches what lies beside the log.
pub(crate) async fn stage(
    staging: &mut Staging<'_>,
    append: Append,
    begun: Option<&mut SqliteConnection>,
) -> Result<Appended, AppendError> {
    if let Some(key) = &append.once
        && let Some(appended) = done_before(staging, key).await?
    {
        return Ok(appended);
    }
    let mut ends = staging.ends(&append).await?;
    let first = staging.batch.size() + 1;
    // What was taken before goes first; then its place is known.
    if append.seals.is_some_and(|at| at != first)
        && let Some(sealed) = append.sealed.first()
    {
        let stream = sealed.stream;
        return Err(AppendError::Conflict { stream });
    }
    if let Some(db) = begun {
        keep(db, &append, first).await?;
    }
    let Staging { batch, naming, .. } = staging;
    for (sealed, typed) in append.sealed.into_iter().zip(append.typed) {
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
            parts: sealed.parts,
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
    }
    let moved = ends.into_iter().filter(|(_, end)| end.position >= first);
    batch.heads.extend(moved);
    let appended = Appended {
        first,
        last: batch.size(),
        repeated: false,
    };
    if let Some(key) = append.once {
        batch.once.insert(key, appended);
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
        None => rows::once(staging.lookup, key).await.map_err(from_sqlx),
    }
}

/// Claims values and keeps rows, behind a savepoint: a refusal takes back what the same append had done before it.
async fn keep(
    db: &mut SqliteConnection,
    append: &Append,
    position: Position,
) -> Result<(), AppendError> {
    execute(db, "SAVEPOINT append").await?;
    match claim_and_keep(db, append, position).await {
        Ok(()) => execute(db, "RELEASE append").await,
        Err(refusal) => {
            execute(db, "ROLLBACK TO append").await?;
            execute(db, "RELEASE append").await?;
            Err(refusal)
        }
    }
}

async fn execute(db: &mut SqliteConnection, sql: &'static str) -> Result<(), AppendError> {
    sqlx::query(sql)
        .execute(db)
        .await
        .map(|_| ())
        .map_err(from_sqlx)
}

async fn claim_and_keep(
    db: &mut SqliteConnection,
    append: &Append,
    position: Position,
) -> Result<(), AppendError> {
    let position = rows::signed(position);
    for claim in &append.claims {
        match claim {
            Claim::Take { scope, value } => {
                let sql =
                    "INSERT OR IGNORE INTO kernel_claim (scope, value, position) VALUES (?, ?, ?)";
                let query = sqlx::query(sql)
                    .bind(*scope)
                    .bind(value.as_slice())
                    .bind(position);
                let taken = query
                    .execute(&mut *db)
                    .await
                    .map_err(from_sqlx)?
                    .rows_affected()
                    == 0;
                if taken {
                    return Err(AppendError::Taken { scope });
                }
            }
            Claim::Release { scope, value } => {
                sqlx::query("DELETE FROM kernel_claim WHERE scope = ? AND value = ?")
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

async fn run(db: &mut SqliteConnection, kept: &Kept) -> Result<(), AppendError> {
    let mut query = sqlx::query(kept.sql);
    for argument in &kept.arguments {
        query = match argument {
            Value::Int(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.as_str()),
            Value::Blob(bytes) => query.bind(bytes.as_slice()),
            Value::Null => query.bind(None::<i64>),
        };
    }
    let outcome = query.execute(db).await;
    let refused = |error: &sqlx::Error| {
        error
            .as_database_error()
            .is_some_and(|error| error.kind() != sqlx::error::ErrorKind::Other)
    };
    // A constraint that refuses the row is this request's own affair, not the batch's.
    if outcome.as_ref().is_err_and(refused) {
        return Err(AppendError::KeptChanged);
    }
    let changed = outcome.map_err(from_sqlx)?.rows_affected();
    match kept.rows {
        Some(expected) if expected != changed => Err(AppendError::KeptChanged),
        _ => Ok(()),
    }
}
