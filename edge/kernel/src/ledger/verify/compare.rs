//! What is stored beside the entries — tiles, head, stream heads — compared with what follows from them.

use super::Check;
use crate::database::{Connection, query};
use crate::ledger::error::Problem;
use crate::ledger::rows::{self, HeadRow};
use crate::ledger::tiles::{self, Tile, WIDTH};
use events::Position;
use events::any::COARSE_MILLIS;
use events::ids::StreamId;
use events_proof::tree::{Frontier, to_hex};

pub(super) async fn compare_tile(db: &mut Connection, check: &mut Check<'_>, tile: &Tile) {
    let (level, index) = (tile.level, tile.index);
    let stored = rows::tile(db, level, index).await.ok().flatten();
    let stored = stored.unwrap_or_default();
    let found = tiles::parse(&tile.hashes).unwrap_or_default();
    if stored.len() != found.len() {
        let what = format!("tile {level}/{index} is not whole");
        return check.note(check.size(), what);
    }
    // A hash of a tile stands for so many entries: that tells between which positions something was changed.
    let span = (WIDTH as u64).pow(level);
    let firsts = (index * WIDTH as u64..).map(|number| number * span + 1);
    for (first, (stored, found)) in firsts.zip(stored.iter().zip(&found)) {
        let last = first + span - 1;
        let is_named = |problem: &Problem| (first..=last).contains(&problem.position);
        if stored != found && !check.problems.iter().any(is_named) {
            check.note(
                first,
                format!("one of the entries {first} to {last} is not what was written, or tile {level}/{index} is not what follows from them"),
            );
        }
    }
}

pub(super) fn compare_head(check: &mut Check<'_>, head: Option<Result<HeadRow, Problem>>) {
    match head {
        None if check.size() == 0 => {}
        None => check.note(0, "the head row is missing"),
        Some(Err(problem)) => check.note(problem.position, problem.what),
        Some(Ok(head)) => {
            if head.frontier != *check.tiles.frontier()
                || head.root != check.tiles.frontier().root()
            {
                compare_peaks(check, &head.frontier);
                let (stored, found) = (head.frontier.size(), check.size());
                check.note(
                    stored.min(found),
                    format!(
                        "the head says {stored} events with root {}, the entries give {found} with root {}",
                        to_hex(&head.root),
                        to_hex(&check.tiles.frontier().root())
                    ),
                );
            }
            let told = check.last.map(|(at, coarse)| {
                let rounding = if coarse { head.at % COARSE_MILLIS } else { 0 };
                head.at - rounding == at
            });
            if told == Some(false) {
                check.note(
                    check.size(),
                    "the head's time is not that of the last event",
                );
            }
        }
    }
}

/// The newest entries are in no complete tile yet; the head's peaks tell at least between which positions one was changed.
fn compare_peaks(check: &mut Check<'_>, stored: &Frontier) {
    let found = check.tiles.frontier().clone();
    if stored.size() != found.size() {
        return;
    }
    let mut before = 0;
    let subtrees = (0..u64::BITS).rev().map(|bit| 1 << bit);
    let subtrees = subtrees.filter(|leaves| found.size() & leaves != 0);
    for (leaves, (stored, found)) in subtrees.zip(stored.peaks().iter().zip(found.peaks())) {
        let (first, last) = (before + 1, before + leaves);
        before = last;
        let is_named = |problem: &Problem| (first..=last).contains(&problem.position);
        if stored == found || check.problems.iter().any(is_named) {
            continue;
        }
        let what = match leaves {
            1 => "the entry is not what was written".to_owned(),
            _ => format!("one of the entries {first} to {last} is not what was written"),
        };
        check.note(first, what);
    }
}

/// A saved head is exact for a stream that has not moved since `streams_at`; those that have are read from the entries.
pub(super) async fn compare_streams(
    db: &mut Connection,
    check: &mut Check<'_>,
    streams_at: Position,
) {
    let sql = "SELECT stream, head, version FROM kernel_stream";
    let saved = match query(sql).fetch_all(db).await {
        Ok(saved) => saved,
        Err(error) => return check.note(0, format!("the stream heads cannot be read: {error}")),
    };
    let mut unsaved = check.streams.clone();
    unsaved.retain(|_, head| head.position <= streams_at);
    for row in saved {
        let stream = row
            .try_get::<&[u8]>(0)
            .ok()
            .and_then(|bytes| uuid::Uuid::from_slice(bytes).ok())
            .map(StreamId);
        let (Ok(head), Ok(version)) = (rows::number(&row, 1), rows::number(&row, 2)) else {
            check.note(0, "a stream head cannot be read");
            continue;
        };
        let actual = stream
            .and_then(|stream| check.streams.get(&stream).copied())
            .unwrap_or_default();
        let is_exact = actual.position == head && u64::from(actual.version) == version;
        let has_moved = actual.position > streams_at
            && head <= streams_at
            && u64::from(actual.version) > version;
        let was_dropped = check.erased.has_header(head);
        if !is_exact && !has_moved && !was_dropped || head > streams_at {
            check.note(head, "a saved stream head does not follow from the entries");
        }
        if let Some(stream) = stream {
            unsaved.remove(&stream);
        }
    }
    for head in unsaved.into_values() {
        check.note(head.position, "the stream that ends here has no saved head");
    }
}
