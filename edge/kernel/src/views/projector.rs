//! Folds the log into the views, batch by batch, and goes on as the log grows. A failure (a full disk) is waited out;
//! what was not written is folded again from the last checkpoint.

use super::rebuild::ANEW;
use super::table::{self, AnyTable};
use super::{Rebuilding, ViewError, database};
use crate::Recorded;
use crate::ledger::Ledger;
use events::Position;
use sqlx::{Row, SqliteConnection, SqlitePool};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Events folded in one transaction at the most. Behind a large log, rows that many events touch are read, parsed and written
/// once for all of them.
const BATCH: u32 = 16_384;
/// Pause before a failed batch is tried again.
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) struct Projector {
    pub(super) pool: SqlitePool,
    pub(super) ledger: Ledger,
    /// What its tables are called behind their names: something while they are not in place yet.
    pub(super) suffix: &'static str,
    pub(super) views: Vec<(Arc<dyn AnyTable>, Position)>,
}

impl Projector {
    pub(crate) async fn open(
        pool: SqlitePool,
        ledger: Ledger,
        tables: Vec<Arc<dyn AnyTable>>,
    ) -> Result<Self, ViewError> {
        let mut db = pool.acquire().await.map_err(database("open"))?;
        let of = Of::now(&ledger);
        let is_other = found(&mut db, &of, ledger.size()).await?;
        drop_unknown(&mut db, &tables).await?;
        let known = checkpoints(&mut db).await?;
        let mut views = Vec::with_capacity(tables.len());
        for view in tables {
            let position = match known.get(view.name()) {
                Some((version, position)) if *version == view.version() => *position,
                // A fold that gives other rows than it did starts anew; its old rows are of no use.
                Some(_) | None => {
                    table::drop_table(&mut db, &view.table()).await?;
                    0
                }
            };
            table::create(&mut db, &view.table()).await?;
            table::drop_table(&mut db, &format!("{}{ANEW}", view.table())).await?;
            views.push((view, position));
        }
        drop(db);
        let this = Self {
            pool,
            ledger,
            suffix: "",
            views,
        };
        if is_other {
            match this.leave_nothing_behind().await {
                // Somebody reads an old state, which holds no start up: the next one does it again.
                Err(ViewError::NotYet) => return Ok(this),
                left => left?,
            }
        }
        let mut db = this.pool.acquire().await.map_err(database("open"))?;
        of.put(&mut db).await?;
        drop(db);
        Ok(this)
    }

    /// Up to where all views are folded.
    pub(crate) fn position(&self) -> Position {
        self.views
            .iter()
            .map(|(_, position)| *position)
            .min()
            .unwrap_or_else(|| self.ledger.size())
    }

    /// Folds up to the log's head as it is on arrival.
    pub(crate) async fn catch_up(
        &mut self,
        progress: &(dyn Fn(&str, u64, u64) + Sync),
    ) -> Result<(), ViewError> {
        let size = self.ledger.size();
        while self.position() < size {
            self.step().await?;
            progress("views", self.position(), size);
        }
        Ok(())
    }

    /// Goes on folding until the log's writer is gone.
    pub(crate) async fn run(
        mut self,
        moved: watch::Sender<Position>,
        mut rebuilding: mpsc::Receiver<Rebuilding>,
    ) {
        let mut head = self.ledger.watch();
        // Looked at on every turn: with a full disk this would otherwise go on for ever after the last reader left.
        while !moved.is_closed() {
            let behind = self.position() < *head.borrow_and_update();
            if behind {
                if let Err(error) = self.step().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "views wait: a batch was not folded"
                    );
                    tokio::time::sleep(PAUSE).await;
                }
                moved.send_replace(self.position());
                continue;
            }
            tokio::select! {
                asked = rebuilding.recv() => if let Some(answer) = asked {
                    // Whoever asked may have gone; the views are new all the same.
                    let _ = answer.send(self.rebuild().await);
                    moved.send_replace(self.position());
                } else {
                    return;
                },
                changed = head.changed() => if changed.is_err() { return },
                () = moved.closed() => return,
            }
        }
    }

    /// The table of a view, as this projector calls it.
    pub(super) fn table(&self, view: &dyn AnyTable) -> String {
        format!("{}{}", view.table(), self.suffix)
    }

    pub(super) async fn step(&mut self) -> Result<(), ViewError> {
        let events = self.ledger.read(self.position(), BATCH).await?;
        let Some(last) = events.last().map(|event| event.position) else {
            return Ok(());
        };
        let mut transaction = self.pool.begin().await.map_err(database("write"))?;
        for (view, position) in &self.views {
            let new: &[Recorded] = events
                .get(events.partition_point(|e| e.position <= *position)..)
                .unwrap_or_default();
            if new.is_empty() {
                continue;
            }
            let keys = view.keys(new);
            if !keys.is_empty() {
                let table = self.table(view.as_ref());
                let rows = table::load(&mut transaction, &table, &keys).await?;
                let changes = view.fold(new, rows)?;
                table::write(&mut transaction, &table, changes).await?;
            }
            if self.suffix.is_empty() {
                put_checkpoint(&mut transaction, view.as_ref(), last).await?;
            }
        }
        transaction.commit().await.map_err(database("write"))?;
        for (_, position) in &mut self.views {
            *position = (*position).max(last);
        }
        Ok(())
    }
}

/// What views were folded from: the log, by its verifier key, and its keys, by how often the keyring had been written anew. Behind one
/// of these the rows may hold what was forgotten since, by another machine or while this one was off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Of {
    origin: String,
    epoch: u32,
}

impl Of {
    pub(super) fn now(ledger: &Ledger) -> Self {
        Self {
            origin: ledger.verifier_key(),
            epoch: ledger.keyring().epoch(),
        }
    }

    fn read(text: &str) -> Self {
        let (origin, epoch) = text.split_once('\n').unwrap_or((text, ""));
        Self {
            origin: origin.to_owned(),
            epoch: epoch.parse().unwrap_or_default(),
        }
    }

    pub(super) async fn put(&self, db: &mut SqliteConnection) -> Result<(), ViewError> {
        let text = format!("{}\n{}", self.origin, self.epoch);
        sqlx::query("INSERT INTO kernel_views_of (id, origin) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET origin = excluded.origin")
            .bind(text)
            .execute(db)
            .await
            .map_err(database("write"))
            .map(|_| ())
    }
}

/// Prepares the database; rows that were folded from another log are dropped, and so are those that may hold what was forgotten, which
/// it tells. Views of a longer log are the trace of acknowledged events that are gone, so nothing goes on before somebody has looked.
async fn found(db: &mut SqliteConnection, of: &Of, size: Position) -> Result<bool, ViewError> {
    let sql = "CREATE TABLE IF NOT EXISTS kernel_view (name TEXT PRIMARY KEY, version INTEGER NOT NULL,
            position INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS kernel_views_of (id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL);";
    sqlx::raw_sql(sql)
        .execute(&mut *db)
        .await
        .map_err(database("create"))?;
    let before: Option<String> = sqlx::query_scalar("SELECT origin FROM kernel_views_of")
        .fetch_optional(&mut *db)
        .await
        .map_err(database("read"))?;
    let before = before.map(|text| Of::read(&text));
    if before
        .as_ref()
        .is_none_or(|before| before.origin == of.origin)
    {
        let known = checkpoints(db).await?;
        match known.values().map(|(_, position)| *position).max() {
            Some(views) if views > size => return Err(ViewError::AheadOfLog { views, log: size }),
            Some(_) | None => {}
        }
    }
    let is_other = before.is_some_and(|before| before != *of);
    if is_other {
        sqlx::query("DELETE FROM kernel_view")
            .execute(&mut *db)
            .await
            .map_err(database("clear"))?;
    }
    Ok(is_other)
}

/// Drops the tables of views that are kept no more: nothing would fold what they hold on, or forget it.
async fn drop_unknown(
    db: &mut SqliteConnection,
    kept: &[Arc<dyn AnyTable>],
) -> Result<(), ViewError> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%!_view' ESCAPE '!'
        AND name NOT LIKE 'kernel!_%' ESCAPE '!'";
    let found: Vec<String> = sqlx::query_scalar(sql)
        .fetch_all(&mut *db)
        .await
        .map_err(database("read"))?;
    for table in found {
        if kept.iter().all(|view| view.table() != table) {
            table::drop_table(db, &table).await?;
        }
    }
    let known = checkpoints(db).await?;
    for name in known.keys() {
        if kept.iter().all(|view| view.name() != name) {
            sqlx::query("DELETE FROM kernel_view WHERE name = ?")
                .bind(name)
                .execute(&mut *db)
                .await
                .map_err(database("clear"))?;
        }
    }
    Ok(())
}

fn number(value: i64) -> Position {
    u64::try_from(value).unwrap_or_default()
}

async fn checkpoints(
    db: &mut SqliteConnection,
) -> Result<BTreeMap<String, (u32, Position)>, ViewError> {
    let rows = sqlx::query("SELECT name, version, position FROM kernel_view")
        .fetch_all(db)
        .await;
    let read = |row: &sqlx::sqlite::SqliteRow| -> sqlx::Result<(String, (u32, Position))> {
        Ok((row.try_get(0)?, (row.try_get(1)?, number(row.try_get(2)?))))
    };
    rows.and_then(|rows| rows.iter().map(read).collect())
        .map_err(database("read"))
}

pub(super) async fn put_checkpoint(
    db: &mut SqliteConnection,
    view: &dyn AnyTable,
    at: Position,
) -> Result<(), ViewError> {
    sqlx::query("INSERT OR REPLACE INTO kernel_view (name, version, position) VALUES (?, ?, ?)")
        .bind(view.name())
        .bind(view.version())
        .bind(i64::try_from(at).unwrap_or(i64::MAX))
        .execute(db)
        .await
        .map_err(database("write"))
        .map(|_| ())
}
