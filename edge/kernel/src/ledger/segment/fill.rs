//! Segments out of the log: rows are read a block at a time while the block before is written. A segment has its name, and so
//! is there for others, only when it is complete and synced.

use super::{BLOCK, Finished, Head, Piece, SEGMENT, SegmentError, SegmentName, SegmentWriter};
use crate::database::Connection;
use crate::ledger::rows::{self, Stored};
use crate::ledger::{Ledger, LedgerError, error::database};
use events::Position;
use events_proof::tree::Hash;
use std::fs::File;
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A segment that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its name.
    pub name: SegmentName,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Segments were not written.
#[derive(Debug, thiserror::Error)]
pub enum SegmentsError {
    /// The log cannot be read.
    #[error("cannot read the log")]
    Ledger(#[from] LedgerError),
    /// A file failed.
    #[error("cannot write {path}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: SegmentError,
    },
    /// An event is not there.
    #[error("position {position}: {what}; run `schulhof audit verify` for the whole list")]
    Missing {
        /// Where.
        position: Position,
        /// What is missing.
        what: &'static str,
    },
}

/// Which events: those after one position, up to and with another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) after: Position,
    pub(crate) until: Position,
}

impl Ledger {
    /// Writes the events after a position, up to and with another, into segments in a directory that exists. `after` is where
    /// a segment ends: 0, 65,536 and so on. What is written last may be shorter than a segment; when the log has grown,
    /// it is written anew under another name.
    pub async fn write_segments(
        &self,
        into: &Path,
        after: Position,
        until: Position,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Vec<Written>, SegmentsError> {
        let mut db = self.kept().acquire().await.map_err(database("read"))?;
        let span = Span {
            after,
            until: until.min(self.size()),
        };
        write_segments(&mut db, into, span, &mut |_| {}, progress).await
    }
}

/// The same on a connection; `leaf` is told every leaf hash in order.
pub(crate) async fn write_segments(
    db: &mut Connection,
    into: &Path,
    span: Span,
    leaf: &mut (dyn FnMut(&Hash) + Send),
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<Written>, SegmentsError> {
    if !span.after.is_multiple_of(SEGMENT) {
        return Err(SegmentsError::Missing {
            position: span.after + 1,
            what: "no segment begins here; begin after a multiple of 65,536",
        });
    }
    let mut written = Vec::new();
    let mut at = span.after;
    while at < span.until {
        let end = span.until.min(at + SEGMENT);
        let one = Span {
            after: at,
            until: end,
        };
        let told = |done| progress(done - span.after, span.until - span.after);
        written.push(write_one(db, into, one, leaf, &told).await?);
        at = end;
    }
    Ok(written)
}

type Writer = SegmentWriter<BufWriter<File>>;

/// Writes one segment, which may begin anywhere.
pub(crate) async fn write_one(
    db: &mut Connection,
    into: &Path,
    span: Span,
    leaf: &mut (dyn FnMut(&Hash) + Send),
    progress: &(dyn Fn(Position) + Sync),
) -> Result<Written, SegmentsError> {
    let unfinished = into.join("unfinished");
    let failed = |source: SegmentError| SegmentsError::File {
        path: unfinished.clone(),
        source,
    };
    let mut writer = Some(begin(&unfinished, span).map_err(failed)?);
    let mut rows = page(db, span.after, span.until).await?;
    let mut at = span.after;
    while at < span.until {
        at += rows.len() as u64;
        let (Some(packing), full) = (writer.take(), std::mem::take(&mut rows)) else {
            break;
        };
        let packed = tokio::task::spawn_blocking(move || pack(packing, &full));
        if at < span.until {
            rows = page(db, at, span.until).await?;
        }
        let (next, leaves) = packed
            .await
            .map_err(std::io::Error::other)
            .map_err(|error| failed(error.into()))?
            .map_err(failed)?;
        writer = Some(next);
        leaves.iter().for_each(&mut *leaf);
        progress(at);
    }
    let into = into.to_owned();
    let path = unfinished.clone();
    let ended = tokio::task::spawn_blocking(move || end(writer, &path, &into)).await;
    let finished = ended
        .map_err(std::io::Error::other)
        .map_err(|error| failed(error.into()))?
        .map_err(failed)?;
    Ok(Written {
        name: finished.name,
        bytes: finished.bytes,
    })
}

async fn page(
    db: &mut Connection,
    after: Position,
    until: Position,
) -> Result<Vec<Stored>, SegmentsError> {
    let limit = (until - after).min(BLOCK as u64);
    let rows = rows::after(db, after, u32::try_from(limit).unwrap_or(u32::MAX))
        .await
        .map_err(database("read"))?;
    for (position, row) in (after + 1..).zip(&rows) {
        if row.position != position {
            return Err(missing(position));
        }
        if row.entry.is_none() && !row.is_dropped() {
            let what = "neither the entry nor its leaf hash is there";
            return Err(SegmentsError::Missing { position, what });
        }
    }
    match rows.len() as u64 == limit {
        true => Ok(rows),
        false => Err(missing(after + rows.len() as u64 + 1)),
    }
}

fn missing(position: Position) -> SegmentsError {
    let what = "the event is missing";
    SegmentsError::Missing { position, what }
}

fn begin(path: &Path, span: Span) -> Result<Writer, SegmentError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    let count = u32::try_from(span.until - span.after).unwrap_or(u32::MAX);
    SegmentWriter::begin(
        BufWriter::with_capacity(1 << 20, file),
        span.after + 1,
        count,
    )
}

fn pack(mut writer: Writer, rows: &[Stored]) -> Result<(Writer, Vec<Hash>), SegmentError> {
    let mut leaves = Vec::with_capacity(rows.len());
    for row in rows {
        let piece = Piece {
            position: row.position,
            head: match &row.entry {
                Some(entry) => Head::Entry(entry),
                None => Head::Erased(row.leaf()),
            },
            body: row.body.as_deref(),
        };
        leaves.push(writer.push(&piece)?);
    }
    Ok((writer, leaves))
}

fn end(writer: Option<Writer>, from: &Path, into: &Path) -> Result<Finished, SegmentError> {
    let Some(writer) = writer else {
        return Err(std::io::Error::other("the segment was not begun").into());
    };
    let (file, finished) = writer.finish()?;
    let file = file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    std::fs::rename(from, into.join(finished.name.to_string()))?;
    File::open(into)?.sync_all()?;
    Ok(finished)
}
