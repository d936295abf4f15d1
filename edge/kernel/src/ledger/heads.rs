//! Where each stream ends. Saved heads lie in the database as of a position; later ones are held here until there are
//! enough to be worth writing, so that an append does not touch a random page for every stream.

use crate::database::{Connection, Row, query};
use events::Position;
use events::ids::StreamId;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use uuid::Uuid;

/// Heads held in memory before they are saved.
pub(crate) const UNSAVED: usize = 4096;

/// The end of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) position: Position,
    pub(crate) version: u32,
}

#[derive(Default)]
pub(crate) struct Heads(RwLock<HashMap<StreamId, Head>>);

impl Heads {
    pub(crate) fn unsaved(&self, stream: StreamId) -> Option<Head> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&stream)
            .copied()
    }

    pub(crate) fn put_all(&self, heads: impl IntoIterator<Item = (StreamId, Head)>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(heads);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn all(&self) -> Vec<(StreamId, Head)> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|(s, h)| (*s, *h))
            .collect()
    }

    /// Forgets what has been saved, unless it moved on meanwhile.
    pub(crate) fn saved(&self, heads: &[(StreamId, Head)]) {
        let mut unsaved = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (stream, head) in heads {
            if unsaved.get(stream) == Some(head) {
                unsaved.remove(stream);
            }
        }
    }

    /// The end of a stream, from memory or from the database; the default when it has no events.
    pub(crate) async fn find(&self, stream: StreamId, db: &mut Connection) -> sqlx::Result<Head> {
        match self.unsaved(stream) {
            Some(head) => Ok(head),
            None => Ok(load(stream, db).await?.unwrap_or_default()),
        }
    }
}

/// All ends that are in the database.
pub(super) async fn saved(db: &mut Connection) -> sqlx::Result<HashMap<StreamId, Head>> {
    let rows = query("SELECT head, version, stream FROM kernel_stream")
        .fetch_all(db)
        .await?;
    let read = |row: &Row| {
        let stream = Uuid::from_slice(row.try_get(2)?);
        let stream = stream.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok((StreamId(stream), head(row)?))
    };
    rows.iter().map(read).collect()
}

async fn load(stream: StreamId, db: &mut Connection) -> sqlx::Result<Option<Head>> {
    let row = query("SELECT head, version FROM kernel_stream WHERE stream = ?")
        .bind(stream.0.as_bytes().as_slice())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(head).transpose()
}

fn head(row: &Row) -> sqlx::Result<Head> {
    let position = u64::try_from(row.try_get::<i64>(0)?).unwrap_or_default();
    let version = u32::try_from(row.try_get::<i64>(1)?).unwrap_or_default();
    Ok(Head { position, version })
}
