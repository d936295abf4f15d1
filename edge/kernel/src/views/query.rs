//! Asking a view: a page of a scope in its order, a search, single rows by key.

use super::table::table_name;
use super::{ViewError, Views, database};
use events::text::folded;
use events::{Key, Position, Scope, View};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{QueryBuilder, Row, Sqlite};

/// Rows on a page at the most.
const MOST: u32 = 500;

/// Which way a listing runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sorting {
    /// As the view sorts.
    #[default]
    Ascending,
    /// The other way round.
    Descending,
}

/// What is asked of a view.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Rows of these scopes only.
    pub scopes: Vec<Scope>,
    /// Rows whose sort text begins so.
    pub prefix: String,
    /// Rows whose sort text lies within these bounds, both included.
    pub between: Option<(String, String)>,
    /// Rows whose search text contains each of these words.
    pub search: String,
    /// Rows after this cursor.
    pub after: Option<String>,
    /// Which way.
    pub sorting: Sorting,
    /// How many, up to 500; 0 means 50.
    pub limit: u32,
}

/// A row with its key.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
pub struct Found<R> {
    /// The key.
    pub key: Key,
    /// The row.
    pub row: R,
}

/// A page of rows, and where it holds.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
pub struct Page<R> {
    /// The rows in order.
    pub rows: Vec<Found<R>>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
    /// The position up to which the rows are folded: live events after it go on from here.
    pub position: Position,
}

/// Cursors are "sort text, unit separator, key": readable by us, opaque to others. Keys never contain the separator.
const SEPARATOR: char = '\u{1f}';

impl Views {
    /// A page of a view.
    pub async fn page<V: View>(&self, query: &Query) -> Result<Page<V::Row>, ViewError> {
        let limit = if query.limit == 0 {
            50
        } else {
            query.limit.min(MOST)
        };
        let mut snapshot = self.pool.begin().await.map_err(database("read"))?;
        let position = position::<V>(&mut snapshot).await?;
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT key, sort, row FROM ");
        sql.push(table_name::<V>()).push(" WHERE scope IN (");
        let mut list = sql.separated(", ");
        for scope in &query.scopes {
            list.push_bind(scope.to_string());
        }
        sql.push(")");
        narrow(&mut sql, query);
        let (order, beyond) = match query.sorting {
            Sorting::Ascending => ("ASC", " > "),
            Sorting::Descending => ("DESC", " < "),
        };
        if let Some((sort, key)) = query
            .after
            .as_deref()
            .and_then(|cursor| cursor.rsplit_once(SEPARATOR))
        {
            sql.push(" AND (sort, key)").push(beyond).push("(");
            sql.push_bind(sort.to_owned())
                .push(", ")
                .push_bind(key.to_owned())
                .push(")");
        }
        sql.push(format!(
            " ORDER BY sort {order}, key {order} LIMIT {}",
            limit + 1
        ));
        let mut found = sql
            .build()
            .fetch_all(&mut *snapshot)
            .await
            .map_err(database("read"))?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let mut rows = Vec::with_capacity(found.len());
        let mut next = None;
        for row in &found {
            let key: String = row.try_get(0).map_err(database("read"))?;
            let sort: String = row.try_get(1).map_err(database("read"))?;
            next = Some(format!("{sort}{SEPARATOR}{key}"));
            rows.push(Found {
                key,
                row: parse::<V>(row.try_get(2).map_err(database("read"))?)?,
            });
        }
        Ok(Page {
            rows,
            next: next.filter(|_| more),
            position,
        })
    }

    /// Rows by key, of whatever scope: the caller asks who may see them with [`View::place`].
    pub async fn rows<V: View>(&self, keys: &[Key]) -> Result<Page<V::Row>, ViewError> {
        let mut snapshot = self.pool.begin().await.map_err(database("read"))?;
        let position = position::<V>(&mut snapshot).await?;
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT key, row FROM ");
        sql.push(table_name::<V>()).push(" WHERE key IN (");
        let mut list = sql.separated(", ");
        for key in keys.iter().take(MOST as usize) {
            list.push_bind(key.as_str());
        }
        sql.push(") ORDER BY key");
        let mut rows = Vec::new();
        for row in sql
            .build()
            .fetch_all(&mut *snapshot)
            .await
            .map_err(database("read"))?
        {
            let key = row.try_get(0).map_err(database("read"))?;
            rows.push(Found {
                key,
                row: parse::<V>(row.try_get(1).map_err(database("read"))?)?,
            });
        }
        Ok(Page {
            rows,
            next: None,
            position,
        })
    }

    /// One row by key, of whatever scope.
    pub async fn row<V: View>(&self, key: &str) -> Result<Option<V::Row>, ViewError> {
        let page = self
            .rows::<V>(std::slice::from_ref(&key.to_owned()))
            .await?;
        Ok(page.rows.into_iter().next().map(|found| found.row))
    }

    /// Every row of the given scopes, page by page.
    pub async fn all<V: View>(&self, scopes: Vec<Scope>) -> Result<Vec<V::Row>, ViewError> {
        let mut query = Query {
            scopes,
            limit: MOST,
            ..Query::default()
        };
        let mut rows = Vec::new();
        loop {
            let page = self.page::<V>(&query).await?;
            rows.extend(page.rows.into_iter().map(|found| found.row));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(rows),
            }
        }
    }

    /// A fingerprint of everything in a view's table, for comparing it with one folded anew.
    pub async fn digest<V: View>(&self) -> Result<String, ViewError> {
        let sql = format!(
            "SELECT key, scope, sort, text, row FROM {} ORDER BY key",
            table_name::<V>()
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&self.pool)
            .await
            .map_err(database("read"))?;
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        for row in rows {
            for column in 0..5 {
                let text: String = row.try_get(column).map_err(database("read"))?;
                context.update(text.as_bytes());
                context.update(&[0]);
            }
        }
        Ok(events_proof::tree::to_hex(context.finish().as_ref()))
    }
}

fn narrow(sql: &mut QueryBuilder<Sqlite>, query: &Query) {
    if !query.prefix.is_empty() {
        // A range instead of LIKE: it uses the index and has no wildcards to escape.
        sql.push(" AND sort >= ").push_bind(query.prefix.clone());
        sql.push(" AND sort < ")
            .push_bind(format!("{}\u{10ffff}", query.prefix));
    }
    if let Some((first, last)) = &query.between {
        sql.push(" AND sort BETWEEN ")
            .push_bind(first.clone())
            .push(" AND ")
            .push_bind(last.clone());
    }
    for word in folded(&query.search).split_whitespace().take(8) {
        sql.push(" AND instr(text, ")
            .push_bind(word.to_owned())
            .push(") > 0");
    }
}

async fn position<V: View>(db: &mut sqlx::SqliteConnection) -> Result<Position, ViewError> {
    let row = sqlx::query("SELECT position FROM kernel_view WHERE name = ?")
        .bind(V::NAME)
        .fetch_optional(db)
        .await;
    let position = row.and_then(|row| row.map(|row| row.try_get::<i64, _>(0)).transpose());
    let position = position.map_err(database("read"))?.unwrap_or_default();
    Ok(Position::try_from(position).unwrap_or_default())
}

fn parse<V: View>(json: String) -> Result<V::Row, ViewError> {
    serde_json::from_str(&json).map_err(|source| ViewError::Row {
        view: V::NAME,
        source,
    })
}
