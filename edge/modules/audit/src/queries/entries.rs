//! The list of entries, read from the log itself: it is in order of position already, so a table of them beside it would only
//! be the log a second time. What a row says is what the view `entries` folds from an event.

use super::EntryQuery;
use crate::Audit;
use crate::error::AuditError;
use edge_kernel::views::{Found, Page};
use events::audit::AuditEvent;
use events::audit::view::{Entries, EntryRow};
use events::text::folded;
use events::{AnyEvent, Position, Recorded, Touched, View};
use std::ops::RangeInclusive;

/// Entries on a page at the most, and when nothing is said.
const MOST: u32 = 500;
const USUAL: u32 = 50;
/// Words of a search; more are passed over.
const WORDS: usize = 8;
/// Events read at once.
const READ: Position = 2048;
/// Events looked through for one page: a search for what is rare goes on with the next.
const LOOKED_THROUGH: Position = 128 * READ;

impl Audit {
    /// A page of the list. A page may hold fewer entries than were asked for, or none, and still not be the last.
    pub(crate) async fn entries(&self, asked: EntryQuery) -> Result<Page<EntryRow>, AuditError> {
        let position = self.kernel.ledger.size();
        let mut left = self.wanted(&asked, position).await?;
        let words = folded(&asked.search);
        let words: Vec<&str> = words.split_whitespace().take(WORDS).collect();
        let limit = match asked.limit {
            0 => USUAL,
            limit => limit.min(MOST),
        };
        let mut page = Page {
            rows: Vec::new(),
            next: None,
            position,
        };
        let list_end = end(&left, asked.newest_first);
        let mut looked_through = 0;
        while !left.is_empty() {
            let (chunk, rest) = split(left, asked.newest_first);
            left = rest;
            let events = self.kernel.ledger.read(chunk.start() - 1, READ as u32);
            let mut events: Vec<Recorded> = events.await?;
            events.retain(|event| chunk.contains(&event.position));
            if asked.newest_first {
                events.reverse();
            }
            events.retain(|event| !(asked.without_looks && is_look(event)));
            for event in &events {
                page.rows.extend(row(event, &words));
                if page.rows.len() >= limit as usize {
                    page.next = (event.position != list_end).then(|| event.position.to_string());
                    return Ok(page);
                }
            }
            looked_through += READ;
            if looked_through >= LOOKED_THROUGH && !left.is_empty() {
                page.next = Some(end(&chunk, asked.newest_first).to_string());
                break;
            }
        }
        Ok(page)
    }

    /// The positions that the list is about, without those that earlier pages had.
    async fn wanted(
        &self,
        asked: &EntryQuery,
        size: Position,
    ) -> Result<RangeInclusive<Position>, AuditError> {
        let ledger = &self.kernel.ledger;
        let first = match asked.from {
            Some(time) => ledger.position_at(time.saturating_sub(1)).await? + 1,
            None => 1,
        };
        let last = match asked.until {
            Some(time) => ledger.position_at(time).await?,
            None => size,
        };
        let whole = first..=last.min(size);
        match &asked.after {
            Some(cursor) => {
                let after = cursor
                    .parse()
                    .map_err(|_| AuditError::NoSuchPosition(size))?;
                Ok(behind(whole, after, asked.newest_first))
            }
            None => Ok(whole),
        }
    }
}

/// Takes as many positions as are read at once off the end at which the list begins.
fn split(
    range: RangeInclusive<Position>,
    newest_first: bool,
) -> (RangeInclusive<Position>, RangeInclusive<Position>) {
    let (first, last) = range.into_inner();
    if newest_first {
        let from = first.max(last.saturating_sub(READ - 1));
        (from..=last, first..=from - 1)
    } else {
        let to = last.min(first + READ - 1);
        (first..=to, to + 1..=last)
    }
}

/// What is left of a stretch once the list has come to a position.
fn behind(
    range: RangeInclusive<Position>,
    position: Position,
    newest_first: bool,
) -> RangeInclusive<Position> {
    let (first, last) = range.into_inner();
    match newest_first {
        true => first..=last.min(position.saturating_sub(1)),
        false => first.max(position.saturating_add(1))..=last,
    }
}

/// The position of a stretch that the list comes to last.
fn end(range: &RangeInclusive<Position>, newest_first: bool) -> Position {
    match newest_first {
        true => *range.start(),
        false => *range.end(),
    }
}

/// Whether an event is nothing but that an auditor has looked at the log's metadata.
fn is_look(event: &Recorded) -> bool {
    matches!(event.event, AnyEvent::Audit(AuditEvent::Viewed { .. }))
}

/// The row of an event, if each word occurs in its search text.
fn row(event: &Recorded, words: &[&str]) -> Option<Found<EntryRow>> {
    let mut touched = Touched::new([]);
    Entries::apply(event, &mut touched);
    let (key, row) = touched.into_rows().into_iter().next()?;
    let text = Entries::place(&row).text;
    let is_found = words.iter().all(|word| text.contains(word));
    is_found.then_some(Found { key, row })
}

#[cfg(test)]
mod tests {
    use super::{READ, behind, end, split};

    #[test]
    fn a_list_is_cut_at_the_end_where_it_begins() {
        let size = 3 * READ;
        assert_eq!(split(1..=size, false), (1..=READ, READ + 1..=size));
        assert_eq!(split(1..=size, true), (2 * READ + 1..=size, 1..=2 * READ));
        let (chunk, rest) = split(5..=9, true);
        assert_eq!(chunk, 5..=9);
        assert!(rest.is_empty());
        let (chunk, rest) = split(1..=1, false);
        assert_eq!(chunk, 1..=1);
        assert!(rest.is_empty());
    }

    #[test]
    fn what_was_not_looked_at_is_left_whichever_way_the_list_runs() {
        let whole = || 1..=3 * READ;
        assert_eq!(behind(whole(), 3 * READ - 9, true), 1..=3 * READ - 10);
        assert_eq!(behind(whole(), 10, false), 11..=3 * READ);
        // The last of a stretch leaves the next one whole.
        let (chunk, rest) = split(whole(), false);
        let left = behind(whole(), end(&chunk, false), false);
        assert_eq!((&left, left.clone()), (&rest, READ + 1..=3 * READ));
        let (chunk, rest) = split(whole(), true);
        assert_eq!(behind(whole(), end(&chunk, true), true), rest);
        // A cursor beyond the list leaves nothing of it.
        assert!(behind(5..=9, 9, false).is_empty());
        assert!(behind(5..=9, 5, true).is_empty());
    }
}
