//! Small numbers for ids that come again and again: streams, pseudonyms, keys. The table of names only grows, and a name is
//! written in the commit of the first event that uses its number. An id may have several numbers; each number has one id.

use super::block::Id;
use crate::database::{Connection, Row, query};
use std::collections::HashMap;

/// Ids that the writer remembers having seen, twice over: those of a school's busy day.
const REMEMBERED: usize = 32_768;
/// An id gets a number when it is met so often: most streams have an event or two and are done with.
const OFTEN: u8 = 3;

#[derive(Clone, Copy)]
enum Seen {
    Times(u8),
    As(Id),
}

/// Names that were given and are not written yet: consecutive numbers from the first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) first: u32,
    pub(crate) ids: Vec<[u8; 16]>,
}

/// Gives numbers; the writer's own.
pub(crate) struct Naming {
    seen: HashMap<[u8; 16], Seen>,
    /// What was seen before there were so many; what is met again comes back from here, the rest is forgotten.
    older: HashMap<[u8; 16], Seen>,
    given: Given,
    is_closed: bool,
}

impl Naming {
    /// Goes on with the newest names of the table.
    pub(crate) async fn load(db: &mut Connection) -> sqlx::Result<Self> {
        let sql = "SELECT number, id FROM kernel_name ORDER BY number DESC LIMIT ?";
        let newest = i64::try_from(REMEMBERED / 2).unwrap_or_default();
        let found = query(sql).bind(newest).fetch_all(db).await?;
        let mut naming = Self::after(0);
        for row in found.iter().rev() {
            let (number, id) = read(row)?;
            naming.given.first = naming.given.first.max(number.saturating_add(1));
            if let Some(id) = id {
                naming.seen.insert(id, Seen::As(Id::Number(number)));
            }
        }
        Ok(naming)
    }

    fn after(number: u32) -> Self {
        Self {
            seen: HashMap::new(),
            older: HashMap::new(),
            given: Given {
                first: number + 1,
                ids: Vec::new(),
            },
            is_closed: false,
        }
    }

    /// How an id is written from now on.
    pub(crate) fn name(&mut self, id: [u8; 16]) -> Id {
        if self.is_closed {
            return Id::Itself(id);
        }
        let times = match self.seen.get(&id) {
            Some(Seen::As(name)) => return *name,
            Some(Seen::Times(times)) => *times,
            None => match self.older.remove(&id) {
                Some(Seen::As(name)) => return self.remember(id, Seen::As(name), name),
                Some(Seen::Times(times)) => times,
                None => 0,
            },
        };
        let ahead = u32::try_from(self.given.ids.len()).ok();
        let next = ahead.and_then(|ahead| self.given.first.checked_add(ahead));
        match next {
            Some(number) if times + 1 >= OFTEN => {
                self.given.ids.push(id);
                let name = Id::Number(number);
                self.remember(id, Seen::As(name), name)
            }
            Some(_) | None => {
                let times = OFTEN.min(times + 1);
                self.remember(id, Seen::Times(times), Id::Itself(id))
            }
        }
    }

    fn remember(&mut self, id: [u8; 16], seen: Seen, name: Id) -> Id {
        if self.seen.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.seen);
        }
        self.seen.insert(id, seen);
        name
    }

    /// Takes back names that were given and will not be written, and all that were given after them.
    pub(crate) fn take_back(&mut self, unwritten: Given) {
        let later = std::mem::take(&mut self.given.ids);
        for id in unwritten.ids.iter().chain(&later) {
            self.seen.remove(id);
            self.older.remove(id);
        }
        self.given.first = unwritten.first;
    }

    /// Takes back the names that were given since they were last taken.
    pub(crate) fn take_back_given(&mut self) {
        let unwritten = self.take();
        self.take_back(unwritten);
    }

    /// Goes on with the names that others have given meanwhile. None of one's own may be waiting to be written: theirs are the
    /// numbers now.
    pub(crate) async fn catch_up(&mut self, db: &mut Connection) -> sqlx::Result<()> {
        debug_assert!(self.given.ids.is_empty(), "they are taken back first");
        let sql = "SELECT number, id FROM kernel_name WHERE number >= ? ORDER BY number";
        let found = query(sql).bind(self.given.first).fetch_all(db).await?;
        for row in &found {
            let (number, id) = read(row)?;
            self.given.first = number.saturating_add(1);
            if let Some(id) = id {
                let name = Id::Number(number);
                self.remember(id, Seen::As(name), name);
            }
        }
        Ok(())
    }

    /// Whether it gives no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Writes every id by itself from now on.
    pub(crate) fn give_no_more(&mut self) {
        self.seen.clear();
        self.older.clear();
        self.given.ids.clear();
        self.is_closed = true;
    }

    /// The names that were given since the last call.
    pub(crate) fn take(&mut self) -> Given {
        let count = u32::try_from(self.given.ids.len()).unwrap_or(u32::MAX);
        let later = Given {
            first: self.given.first.saturating_add(count),
            ids: Vec::new(),
        };
        std::mem::replace(&mut self.given, later)
    }
}

fn read(row: &Row) -> sqlx::Result<(u32, Option<[u8; 16]>)> {
    // What does not fit was changed; such a name is not found, and the events that use it cannot be read.
    let number = u32::try_from(row.try_get::<i64>(0)?).unwrap_or_default();
    let id = row.try_get::<&[u8]>(1).ok();
    Ok((number, id.and_then(|id| id.try_into().ok())))
}

/// The ids of some numbers, as far as there are such.
pub(crate) async fn find(
    db: &mut Connection,
    numbers: impl Iterator<Item = u32>,
) -> sqlx::Result<HashMap<u32, [u8; 16]>> {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let list: Vec<String> = numbers.iter().map(u32::to_string).collect();
    // One text for any number of them, so that the statement is prepared once.
    let sql = match db {
        Connection::Sqlite(_) => {
            "SELECT number, id FROM kernel_name WHERE number IN (SELECT value FROM json_each('[' || ? || ']'))"
        }
        Connection::Postgres(_) => {
            "SELECT number, id FROM kernel_name WHERE number = ANY(string_to_array(?, ',')::bigint[])"
        }
    };
    let rows = query(sql).bind(list.join(",")).fetch_all(db).await?;
    let mut names = HashMap::with_capacity(rows.len());
    for row in &rows {
        if let (number, Some(id)) = read(row)? {
            names.insert(number, id);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_not_written_are_given_again() {
        let mut naming = Naming::after(7);
        let met = |naming: &mut Naming, id| (0..3).map(|_| naming.name([id; 16])).last();
        assert_eq!(met(&mut naming, 1), Some(Id::Number(8)));
        naming.take();
        assert_eq!(met(&mut naming, 2), Some(Id::Number(9)));
        let unwritten = naming.take();
        assert_eq!(met(&mut naming, 3), Some(Id::Number(10)));
        naming.take_back(unwritten);
        assert_eq!(naming.name([1; 16]), Id::Number(8), "it is written");
        assert_eq!(naming.name([2; 16]), Id::Itself([2; 16]));
        assert_eq!(met(&mut naming, 3), Some(Id::Number(9)));
    }

    #[test]
    fn an_id_that_comes_again_and_again_gets_a_number_that_is_written_once() {
        let mut naming = Naming::after(7);
        let id = [1; 16];
        assert_eq!(naming.name(id), Id::Itself(id));
        assert_eq!(naming.name(id), Id::Itself(id));
        assert_eq!(naming.name(id), Id::Number(8));
        let given = Given {
            first: 8,
            ids: vec![id],
        };
        assert_eq!(naming.take(), given);
        assert_eq!(naming.name(id), Id::Number(8));
        assert_eq!(naming.take().ids, Vec::<[u8; 16]>::new());
        (0..2).for_each(|_| assert_eq!(naming.name([2; 16]), Id::Itself([2; 16])));
        assert_eq!(naming.name([2; 16]), Id::Number(9));
    }
}
