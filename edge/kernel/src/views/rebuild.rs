//! Folding every view anew beside the old rows, and taking their place in one transaction: readers see either the old
//! picture or the new one. What the old rows held is then nowhere in the file.

use super::projector::{Of, Projector};
use super::table;
use super::{ViewError, database};
use sqlx::{AssertSqlSafe, Row};
use std::time::Duration;

/// What the tables that are being folded are called behind their names.
pub(super) const ANEW: &str = "_anew";
/// How long readers of an old state are waited for.
const READERS: Duration = Duration::from_secs(60);

impl Projector {
    /// Folds everything anew, swaps, and leaves no old page behind. Goes on with what is new meanwhile.
    pub(super) async fn rebuild(&mut self) -> Result<(), ViewError> {
        let of = Of::now(&self.ledger);
        let mut anew = self.beside().await?;
        while anew.position() < self.ledger.size() {
            anew.step().await?;
            if self.position() < self.ledger.size() {
                self.step().await?;
            }
        }
        self.swap(anew, &of).await?;
        self.leave_nothing_behind().await
    }

    async fn beside(&self) -> Result<Self, ViewError> {
        let anew = Self {
            pool: self.pool.clone(),
            ledger: self.ledger.clone(),
            suffix: ANEW,
            views: self
                .views
                .iter()
                .map(|(view, _)| (view.clone(), 0))
                .collect(),
        };
        let mut db = self.pool.acquire().await.map_err(database("open"))?;
        for (view, _) in &anew.views {
            let table = anew.table(view.as_ref());
            table::drop_table(&mut db, &table).await?;
            table::create_bare(&mut db, &table).await?;
        }
        Ok(anew)
    }

    async fn swap(&mut self, anew: Self, of: &Of) -> Result<(), ViewError> {
        let mut transaction = self.pool.begin().await.map_err(database("write"))?;
        for (view, position) in &anew.views {
            let (old, new) = (self.table(view.as_ref()), anew.table(view.as_ref()));
            table::drop_table(&mut transaction, &old).await?;
            let sql = format!("ALTER TABLE {new} RENAME TO {old}");
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut *transaction)
                .await
                .map_err(database("write"))?;
            table::create(&mut transaction, &old).await?;
            super::projector::put_checkpoint(&mut transaction, view.as_ref(), *position).await?;
        }
        of.put(&mut transaction).await?;
        transaction.commit().await.map_err(database("write"))?;
        self.views = anew.views;
        Ok(())
    }

    /// `secure_delete` overwrites what is deleted, but pages that were split may hold a copy: the file is written anew, and
    /// the write-ahead log emptied.
    pub(super) async fn leave_nothing_behind(&self) -> Result<(), ViewError> {
        let mut db = self.pool.acquire().await.map_err(database("open"))?;
        sqlx::raw_sql("VACUUM")
            .execute(&mut *db)
            .await
            .map_err(database("compact"))?;
        let patient = async {
            loop {
                let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                    .fetch_one(&mut *db)
                    .await?;
                if row.try_get::<i64, _>(0)? == 0 {
                    return Ok::<_, sqlx::Error>(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(READERS, patient).await {
            Ok(done) => done.map_err(database("compact")),
            Err(_) => Err(ViewError::NotYet),
        }
    }
}
