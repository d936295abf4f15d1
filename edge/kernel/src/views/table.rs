//! One view as a table: its rows are JSON beside the columns that placing, sorting and searching need.

use super::{ViewError, database};
use crate::Recorded;
use events::{Key, Place, Touched, View};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

/// Keys looked up, and rows written, in one statement; SQLite takes 32,766 arguments.
const CHUNK: usize = 500;

pub(crate) struct Table<V>(PhantomData<fn() -> V>);

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// The rows of a batch of events, by key: their JSON as it was and as it became.
pub(crate) struct Changes {
    put: Vec<(Key, Place, String)>,
    removed: Vec<Key>,
}

/// What the projector asks of a view, whatever its rows are.
pub(crate) trait AnyTable: Send + Sync {
    fn name(&self) -> &'static str;
    fn table(&self) -> String;
    fn version(&self) -> u32;
    /// The keys that a batch touches.
    fn keys(&self, events: &[Recorded]) -> BTreeSet<Key>;
    /// Folds a batch over the rows found under its keys.
    fn fold(&self, events: &[Recorded], found: BTreeMap<Key, String>)
    -> Result<Changes, ViewError>;
}

/// The table's name: module and view.
pub(crate) fn table_name<V: View>() -> String {
    format!("{}_{}_view", V::MODULE, V::NAME)
}

impl<V: View> AnyTable for Table<V> {
    fn name(&self) -> &'static str {
        V::NAME
    }

    fn table(&self) -> String {
        table_name::<V>()
    }

    fn version(&self) -> u32 {
        V::VERSION
    }

    fn keys(&self, events: &[Recorded]) -> BTreeSet<Key> {
        events.iter().flat_map(V::keys).collect()
    }

    fn fold(
        &self,
        events: &[Recorded],
        found: BTreeMap<Key, String>,
    ) -> Result<Changes, ViewError> {
        let unreadable = |source| ViewError::Row {
            view: V::NAME,
            source,
        };
        let mut rows = BTreeMap::new();
        for (key, json) in found {
            rows.insert(
                key,
                serde_json::from_str::<V::Row>(&json).map_err(unreadable)?,
            );
        }
        let mut touched_keys = BTreeSet::new();
        for event in events {
            let keys = V::keys(event);
            if keys.is_empty() {
                continue;
            }
            let mut touched = Touched::new(keys.iter().filter_map(|key| rows.remove_entry(key)));
            V::apply(event, &mut touched);
            rows.extend(touched.into_rows());
            touched_keys.extend(keys);
        }
        let mut changes = Changes {
            put: Vec::new(),
            removed: Vec::new(),
        };
        for key in touched_keys {
            match rows.get(&key) {
                Some(row) => {
                    let json = serde_json::to_string(row).map_err(unreadable)?;
                    changes.put.push((key, V::place(row), json));
                }
                None => changes.removed.push(key),
            }
        }
        Ok(changes)
    }
}

pub(crate) async fn create(db: &mut SqliteConnection, table: &str) -> Result<(), ViewError> {
    let sql = format!(
        "CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, scope TEXT NOT NULL, sort TEXT NOT NULL,
            text TEXT NOT NULL, row TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS {table}_by_scope ON {table} (scope, sort, key);"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(db)
        .await
        .map_err(database("create"))
        .map(|_| ())
}

/// A table without its index, which is made faster once the rows are there.
pub(crate) async fn create_bare(db: &mut SqliteConnection, table: &str) -> Result<(), ViewError> {
    let sql = format!(
        "CREATE TABLE {table} (key TEXT PRIMARY KEY, scope TEXT NOT NULL, sort TEXT NOT NULL, text TEXT NOT NULL,
            row TEXT NOT NULL) WITHOUT ROWID"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(db)
        .await
        .map_err(database("create"))
        .map(|_| ())
}

pub(crate) async fn drop_table(db: &mut SqliteConnection, table: &str) -> Result<(), ViewError> {
    let sql = format!("DROP TABLE IF EXISTS {table}");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(db)
        .await
        .map_err(database("clear"))
        .map(|_| ())
}

pub(crate) async fn load(
    db: &mut SqliteConnection,
    table: &str,
    keys: &BTreeSet<Key>,
) -> Result<BTreeMap<Key, String>, ViewError> {
    let keys: Vec<&Key> = keys.iter().collect();
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(CHUNK) {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("SELECT key, row FROM {table} WHERE key IN ("));
        let mut list = query.separated(", ");
        for key in chunk {
            list.push_bind(key.as_str());
        }
        query.push(")");
        for row in query
            .build()
            .fetch_all(&mut *db)
            .await
            .map_err(database("read"))?
        {
            let key = row.try_get(0).map_err(database("read"))?;
            found.insert(key, row.try_get(1).map_err(database("read"))?);
        }
    }
    Ok(found)
}

pub(crate) async fn write(
    db: &mut SqliteConnection,
    table: &str,
    changes: Changes,
) -> Result<(), ViewError> {
    for chunk in changes.put.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "INSERT OR REPLACE INTO {table} (key, scope, sort, text, row) "
        ));
        query.push_values(chunk, |mut values, (key, place, json)| {
            values
                .push_bind(key.as_str())
                .push_bind(place.scope.to_string())
                .push_bind(place.sort.as_str())
                .push_bind(place.text.as_str())
                .push_bind(json.as_str());
        });
        query
            .build()
            .execute(&mut *db)
            .await
            .map_err(database("write"))?;
    }
    for chunk in changes.removed.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new(format!("DELETE FROM {table} WHERE key IN ("));
        let mut list = query.separated(", ");
        for key in chunk {
            list.push_bind(key.as_str());
        }
        query.push(")");
        query
            .build()
            .execute(&mut *db)
            .await
            .map_err(database("write"))?;
    }
    Ok(())
}
