//! Takes one append into a batch, or refuses it and leaves the batch as it was.

use super::append::{Append, Appended, Claim, Kept, Value};
use super::entry::Entry;
use super::error::AppendError;
use super::heads::{Head, Heads};
use super::rows::{self, Stored};
use super::writer::{Batch, from_sqlx};
use events::any::COARSE_MILLIS;
use events::ids::StreamId;
use events::{Codec, Recorded};
use events_proof::tree::leaf_hash;
use sqlx::SqliteConnection;

pub(crate) struct Staging<'a> {
    pub(crate) db: &'a mut SqliteConnection,
    pub(crate) heads: &'a Heads,
    pub(crate) batch: &'a mut Batch,
}

impl Staging<'_> {
    async fn head(&mut self, stream: StreamId) -> Result<Head, AppendError> {
        match self.batch.heads.get(&stream) {
            Some(head) => Ok(*head),
            None => self.heads.find(stream, self.db).await.map_err(from_sqlx),
        }
    }

    fn size(&self) -> u64 {
        self.batch.tiles.frontier().size()
    }
}

pub(crate) async fn stage(
    staging: &mut Staging<'_>,
    append: Append,
) -> Result<Appended, AppendError> {
    if let Some(key) = &append.once
        && let Some(appended) = done_before(staging, key).await?
    {
        return Ok(appended);
    }
    for (stream, version) in &append.expected {
        if staging.head(*stream).await?.version != *version {
            return Err(AppendError::Conflict { stream: *stream });
        }
    }
    keep(staging, &append).await?;
    let first = staging.size() + 1;
    for (sealed, typed) in append.sealed.into_iter().zip(append.typed) {
        let head = staging.head(sealed.stream).await?;
        let now = Head {
            position: staging.size() + 1,
            version: head.version + 1,
        };
        let at = staging.batch.at;
        let at = if sealed.coarse {
            at - at % COARSE_MILLIS
        } else {
            at
        };
        let entry = Entry {
            coarse: sealed.coarse,
            codec: Codec::TODAY.number(),
            position: now.position,
            at,
            event: sealed.event,
            stream: sealed.stream,
            version: now.version,
            kind: sealed.kind,
            schema: sealed.schema,
            actor: sealed.actor,
            cause: append.cause,
            parts: sealed.parts,
        };
        let bytes = entry.encode();
        let batch = &mut *staging.batch;
        let leaf = leaf_hash(&bytes);
        batch.tiles.push(leaf, &mut batch.done);
        batch.rows.push(Stored {
            position: now.position,
            before: head.position,
            sum: rows::sum(&leaf),
            entry: Some(bytes),
            body: Some(sealed.body),
            left: None,
        });
        batch.heads.insert(entry.stream, now);
        batch.published.push(Recorded {
            position: now.position,
            at,
            stream: entry.stream,
            version: now.version,
            actor: entry.actor,
            event: typed,
        });
    }
    let appended = Appended {
        first,
        last: staging.size(),
        repeated: false,
    };
    if let Some(key) = append.once {
        staging.batch.once.push((key, appended));
    }
    Ok(appended)
}

async fn done_before(
    staging: &mut Staging<'_>,
    key: &[u8],
) -> Result<Option<Appended>, AppendError> {
    if let Some((_, appended)) = staging.batch.once.iter().find(|(done, _)| done == key) {
        return Ok(Some(Appended {
            repeated: true,
            ..*appended
        }));
    }
    rows::once(staging.db, key).await.map_err(from_sqlx)
}

/// Claims values and keeps rows, behind a savepoint: a refusal takes back what the same append had done before it.
async fn keep(staging: &mut Staging<'_>, append: &Append) -> Result<(), AppendError> {
    if append.claims.is_empty() && append.kept.is_empty() {
        return Ok(());
    }
    execute(staging.db, "SAVEPOINT append").await?;
    match claim_and_keep(staging, append).await {
        Ok(()) => execute(staging.db, "RELEASE append").await,
        Err(refusal) => {
            execute(staging.db, "ROLLBACK TO append").await?;
            execute(staging.db, "RELEASE append").await?;
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

async fn claim_and_keep(staging: &mut Staging<'_>, append: &Append) -> Result<(), AppendError> {
    let position = rows::signed(staging.size() + 1);
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
                    .execute(&mut *staging.db)
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
                    .execute(&mut *staging.db)
                    .await
                    .map_err(from_sqlx)?;
            }
        }
    }
    for kept in &append.kept {
        run(staging.db, kept).await?;
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
