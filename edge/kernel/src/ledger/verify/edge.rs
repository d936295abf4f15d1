//! Large logs at start: only what is newer than the saved stream heads is read; it must follow from the stored tiles and lead
//! to the stored head. The rest is verified in the background.

use super::{Keys, LISTED, PAGE};
use crate::database::Connection;
use crate::ledger::LedgerError;
use crate::ledger::entry::PUBLIC;
use crate::ledger::erased::Erased;
use crate::ledger::error::{Problem, database};
use crate::ledger::proof::node;
use crate::ledger::rows::{self, HeadRow, Stored};
use crate::ledger::tiles::WIDTH;
use events::Position;
use events_proof::tree::Frontier;

/// Everything since the saved stream heads is read and must lead to the stored head.
pub(crate) async fn verify_edge(
    db: &mut Connection,
    head: &HeadRow,
    keys: Keys<'_>,
) -> Result<Vec<Problem>, LedgerError> {
    let size = head.frontier.size();
    let width = WIDTH as u64;
    let mut at = head.streams_at.min(size) / width * width;
    let mut frontier = frontier_at(db, at, size).await.map_err(database("read"))?;
    let mut problems = Vec::new();
    let erased = super::erased(db).await;
    while at < size && problems.len() < LISTED {
        let found = rows::after(db, at, PAGE).await.map_err(database("read"))?;
        if found.is_empty() {
            problems.push(problem(at + 1, "missing"));
            break;
        }
        for row in &found {
            at += 1;
            if let Some(what) = wrong(row, at, keys, &erased) {
                problems.push(problem(at, what));
            }
            frontier.push(row.leaf(), |_, _, _| {});
        }
    }
    if problems.is_empty() && (frontier != head.frontier || frontier.root() != head.root) {
        problems.push(problem(
            size,
            "the newest events do not lead to the stored head",
        ));
    }
    Ok(problems)
}

fn problem(position: Position, what: &str) -> Problem {
    Problem {
        position,
        what: what.to_owned(),
    }
}

fn wrong(row: &Stored, at: Position, keys: Keys<'_>, erased: &Erased) -> Option<&'static str> {
    if row.position == at && row.is_dropped() && erased.has_header(at) {
        return None;
    }
    let sound =
        rows::entry(row).filter(|_| row.position == at && row.sum == rows::sum(&row.leaf()));
    let Some(entry) = sound else {
        return Some("the entry is not what was written");
    };
    let is_whole = |body| match entry.cut(body) {
        None if erased.has_ciphertext(at) => entry.cut_structure(body).is_some(),
        cut => cut.is_some(),
    };
    if !row.body.as_deref().is_some_and(is_whole) {
        return Some("a part of the body is gone without an erasure");
    }
    for part in &entry.parts {
        if part.key != PUBLIC && !keys(&part.key) && !erased.has_key(&part.key) {
            return Some(
                "a key is gone without an erasure; restore the keys directory from its own backup",
            );
        }
    }
    None
}

/// The tree's edge as it was at a multiple of a tile's width, from the tiles that were complete then.
async fn frontier_at(db: &mut Connection, at: Position, size: Position) -> sqlx::Result<Frontier> {
    let mut peaks = Vec::new();
    let mut before = 0;
    for level in (0..u64::BITS).rev().filter(|level| at >> level & 1 == 1) {
        peaks.push(node(db, level, before >> level, size).await?);
        before += 1 << level;
    }
    Ok(Frontier::from_parts(at, peaks).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::query;
    use crate::views::Registry;
    use crate::{Actor, Clock, Kernel, Order};
    use events::AnyEvent;
    use events::accounts::AccountsEvent;
    use events::ids::StreamId;
    use sqlx::{AssertSqlSafe, ConnectOptions};

    async fn log(directory: &std::path::Path) -> Kernel {
        let kernel = Kernel::open(directory, Clock::System, Registry::default(), &|_, _, _| {})
            .await
            .expect("opens");
        let mut unit = kernel.unit(Order::by(Actor::Machine));
        for number in 0..900 {
            let founded = AccountsEvent::SchoolFounded {
                name: "Schule".into(),
            };
            unit.event(
                StreamId(uuid::Uuid::from_u128(number)),
                AnyEvent::Accounts(founded),
            );
        }
        unit.commit().await.expect("appends");
        kernel
    }

    /// Changes a bit of the event at a position: in its random id, which is stored as it is.
    async fn change(db: &mut Connection, position: Position) {
        let stored = rows::after(db, position - 1, 1).await.expect("reads");
        let id = &stored[0].entry.as_deref().expect("is whole")[20..36];
        let sql = "SELECT first, data FROM kernel_block WHERE first <= ? ORDER BY first DESC";
        let row = query(sql)
            .bind(position)
            .fetch_one(&mut *db)
            .await
            .expect("reads");
        let first: i64 = row.try_get(0).expect("reads");
        let mut data: Vec<u8> = row.try_get(1).expect("reads");
        let at = data.windows(16).position(|window| window == id);
        data[at.expect("lies there") + 3] ^= 1;
        query("UPDATE kernel_block SET data = ? WHERE first = ?")
            .bind(data)
            .bind(first)
            .execute(db)
            .await
            .expect("tampers");
    }

    /// What is wrong with a log of 900 events after a statement was carried out on it behind its back, and a bit of the event
    /// at a position changed.
    async fn problems_after(statement: &str, position: Option<Position>) -> Vec<u64> {
        let directory = tempfile::tempdir().expect("a directory");
        let kernel = log(directory.path()).await;
        let mut db = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(directory.path().join("log.db"))
            .connect()
            .await
            .expect("connects");
        let free = "DROP TRIGGER kernel_block_changes_only_by_erasure; DROP TRIGGER kernel_block_is_append_only;";
        sqlx::raw_sql(AssertSqlSafe(format!("{free} {statement}")))
            .execute(&mut db)
            .await
            .expect("tampers");
        let mut db = Connection::from(db);
        if let Some(position) = position {
            change(&mut db, position).await;
        }
        let head = rows::head(&mut db).await.expect("reads").expect("is there");
        let head = HeadRow {
            streams_at: 600,
            ..head.expect("is whole")
        };
        let keys = |id: &crate::keyring::KeyId| kernel.ledger.keyring().by_id(id).is_some();
        let problems = verify_edge(&mut db, &head, &keys).await.expect("verifies");
        problems.iter().map(|problem| problem.position).collect()
    }

    #[tokio::test]
    async fn the_newest_events_lead_from_the_older_ones_to_the_head_or_something_is_wrong() {
        let root = "UPDATE kernel_head SET root = zeroblob(32);";
        let last = "DELETE FROM kernel_block WHERE first > 890;";
        for (statement, position, expected) in [
            ("", None, vec![]),
            ("", Some(700), vec![700]),
            // It is too old to be looked at alone, but the tree is made from it.
            ("", Some(300), vec![900]),
            (root, None, vec![900]),
            (last, Some(801), vec![801, 897]),
        ] {
            assert_eq!(
                problems_after(statement, position).await,
                expected,
                "{statement} {position:?}"
            );
        }
    }
}
