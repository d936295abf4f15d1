//! A commit: everything of a batch in one transaction and, but for large batches, in one statement, since every statement
//! costs two switches of thread.

use super::append::Appended;
use super::names::Given;
use super::rows::{HeadRow, signed};
use super::tiles::Tile;
use crate::database::Connection;
use events::Position;
use events_proof::tree::{Hash, to_hex};
use sqlx::{AssertSqlSafe, SqliteConnection};

/// Blocks written with one statement; more are written in several, within the same transaction. Few different statements
/// come of it, so that each is prepared once.
const BLOCKS: usize = 16;

const NAMES: &str =
    "INSERT INTO kernel_name (number, id) SELECT ? + key, unhex(value) FROM json_each(?);";
const TILE: &str = "INSERT INTO kernel_tile (level, idx, hashes) VALUES (?, ?, ?);";
const ONCE: &str = "INSERT INTO kernel_once (key, first, last, at)
    SELECT unhex(value ->> 0), value ->> 1, value ->> 2, ? FROM json_each(?);";
const ERASURES: &str = "INSERT INTO kernel_erasure (position) SELECT value FROM json_each(?);";
const HEAD: &str =
    "INSERT INTO kernel_head (id, size, at, root, frontier, streams_at) VALUES (1, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET size = excluded.size, at = excluded.at, root = excluded.root,
        frontier = excluded.frontier, streams_at = excluded.streams_at;";

/// What a commit writes.
pub(crate) struct Commit {
    /// How many events there were before it.
    pub(crate) upon: Position,
    /// Whether the transaction is begun already.
    pub(crate) is_begun: bool,
    /// The hash of its first event.
    pub(crate) first: Option<Hash>,
    pub(crate) blocks: Vec<(Position, Vec<u8>)>,
    pub(crate) names: Given,
    pub(crate) tiles: Vec<Tile>,
    pub(crate) once: Vec<(Vec<u8>, Appended)>,
    /// Where it says that something was erased, so that verification finds it before it meets what is missing.
    pub(crate) erasures: Vec<Position>,
    /// When.
    pub(crate) at: u64,
    /// The new head; none when no event was added.
    pub(crate) head: Option<HeadRow>,
}

impl Commit {
    /// Writes everything, durably. After an error the transaction may be open still.
    pub(crate) async fn write(self, db: &mut Connection) -> sqlx::Result<()> {
        match db {
            Connection::Sqlite(db) => self.write_to_file(db).await,
            Connection::Postgres(_) => {
                db.begin().await?;
                let written = self.write_begun(db).await;
                db.end(written).await
            }
        }
    }

    async fn write_to_file(mut self, db: &mut SqliteConnection) -> sqlx::Result<()> {
        // Everybody was refused, or nothing happened: that needs no disk.
        if !self.is_begun && self.head.is_none() && self.once.is_empty() {
            return Ok(());
        }
        let mut begin = match self.is_begun {
            true => "",
            false => "BEGIN IMMEDIATE;",
        };
        while self.blocks.len() > BLOCKS {
            let later = self.blocks.split_off(BLOCKS);
            let now = std::mem::replace(&mut self.blocks, later);
            insert_blocks(db, begin, now).await?;
            begin = "";
        }
        self.write_rest(begin, db).await
    }

    async fn write_rest(self, begin: &str, db: &mut SqliteConnection) -> sqlx::Result<()> {
        let mut sql = format!("{begin}{}", blocks(self.blocks.len()));
        let (names, once) = (!self.names.ids.is_empty(), !self.once.is_empty());
        let erasures = !self.erasures.is_empty();
        sql.push_str(if erasures { ERASURES } else { "" });
        sql.push_str(if names { NAMES } else { "" });
        sql.push_str(if once { ONCE } else { "" });
        sql.push_str(if self.head.is_some() { HEAD } else { "" });
        sql.push_str(&TILE.repeat(self.tiles.len()));
        sql.push_str("COMMIT");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (first, data) in self.blocks {
            query = query.bind(signed(first)).bind(data);
        }
        if erasures {
            query = query.bind(list(self.erasures.iter().map(Position::to_string)));
        }
        if names {
            let ids = self
                .names
                .ids
                .iter()
                .map(|id| format!("\"{}\"", to_hex(id)));
            query = query.bind(self.names.first).bind(list(ids));
        }
        if once {
            let rows = self.once.iter().map(|(key, appended)| {
                let Appended { first, last, .. } = appended;
                format!("[\"{}\",{first},{last}]", to_hex(key))
            });
            query = query.bind(signed(self.at)).bind(list(rows));
        }
        if let Some(head) = self.head {
            query = query
                .bind(signed(head.frontier.size()))
                .bind(signed(head.at))
                .bind(head.root.to_vec())
                .bind(head.frontier.peaks().concat())
                .bind(signed(head.streams_at));
        }
        for tile in self.tiles {
            query = query
                .bind(i64::from(tile.level))
                .bind(signed(tile.index))
                .bind(tile.hashes);
        }
        query.execute(db).await.map(|_| ())
    }
}

/// Adds blocks, after beginning a transaction with the same statement when there is none yet.
pub(crate) async fn insert_blocks(
    db: &mut SqliteConnection,
    begin: &str,
    now: Vec<(Position, Vec<u8>)>,
) -> sqlx::Result<()> {
    let mut query = sqlx::query(AssertSqlSafe(format!("{begin}{}", blocks(now.len()))));
    for (first, data) in now {
        query = query.bind(signed(first)).bind(data);
    }
    query.execute(db).await.map(|_| ())
}

/// Adds names.
pub(crate) async fn insert_names(db: &mut SqliteConnection, names: Given) -> sqlx::Result<()> {
    let ids = names.ids.iter().map(|id| format!("\"{}\"", to_hex(id)));
    sqlx::query(NAMES)
        .bind(names.first)
        .bind(list(ids))
        .execute(db)
        .await
        .map(|_| ())
}

fn blocks(count: usize) -> String {
    match count {
        0 => String::new(),
        _ => format!(
            "INSERT INTO kernel_block (first, data) VALUES {};",
            ["(?, ?)"].repeat(count).join(", ")
        ),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
