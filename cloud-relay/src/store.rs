//! The directory on disk: which schools there are, their names, their public link keys, and the hashes of one-time tokens.
//! SQLite with a full fsync per change, because a token consumed twice would be a school stolen.

use std::path::Path;
use std::time::Duration;

use relay_wire::enrol::Refusal;
use relay_wire::token::TokenHashes;
use relay_wire::{Hex, HostName, LinkKey, SchoolId};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Row, SqliteConnection};

const FILE: &str = "relay.db";
const SCHEMA: &str = include_str!("schema.sql");
/// How long a token may lie around unused.
const TOKEN_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// The open database.
#[derive(Debug, Clone)]
pub(crate) struct Store(SqlitePool);

/// One school as the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) school: SchoolId,
    pub(crate) key: Option<LinkKey>,
    pub(crate) epoch: u64,
    pub(crate) names: Vec<HostName>,
}

/// A school's log as far as it was witnessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Log {
    /// The verifier key that its school named first, as text.
    pub(crate) key: Option<String>,
    /// Leaves and root of the tree that was cosigned last.
    pub(crate) head: Option<(u64, [u8; 32])>,
}

/// The database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// From SQLite.
    #[error("using the relay's directory database")]
    Database(#[from] sqlx::Error),
    /// A row that this relay would not have written.
    #[error("the relay's directory database holds a row that makes no sense: {0}")]
    Senseless(String),
    /// The school has a key, and the token was not meant to replace it.
    #[error("{0} is enrolled already; --replace makes a token that moves it to a new machine")]
    Enrolled(SchoolId),
    /// There is no such school.
    #[error("there is no school {0} in the directory")]
    NoSchool(SchoolId),
}

impl Store {
    /// Opens or creates the database in the relay's data folder.
    pub(crate) async fn open(folder: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        // One connection: changes are rare, and a single writer never meets SQLITE_BUSY within a process.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            // When the disk fails, SQLite takes a transaction back by itself, and sqlx counts on: nothing could be begun on this
            // connection ever again.
            .after_release(|db, _| {
                Box::pin(async move {
                    db.ping().await?;
                    Ok(!db.is_in_transaction())
                })
            })
            .connect_with(options)
            .await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self(pool))
    }

    pub(crate) async fn close(&self) {
        self.0.close().await;
    }

    /// Grows with every change by whatever process.
    pub(crate) async fn revision(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT value FROM revision")
            .fetch_one(&self.0)
            .await?)
    }

    /// The whole directory.
    pub(crate) async fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        let schools = sqlx::query("SELECT school, key, epoch FROM schools ORDER BY school")
            .fetch_all(&self.0)
            .await?;
        let names = sqlx::query("SELECT name, school FROM names ORDER BY name")
            .fetch_all(&self.0)
            .await?;
        let mut entries = Vec::with_capacity(schools.len());
        for row in schools {
            let school: String = row.try_get("school")?;
            let own = names.iter().filter(|name| {
                name.try_get::<&str, _>("school")
                    .is_ok_and(|owner| owner == school)
            });
            let own = own
                .map(|name| host_name(name.try_get("name")?))
                .collect::<Result<_, StoreError>>()?;
            let epoch = u64::try_from(row.try_get::<i64, _>("epoch")?).unwrap_or_default();
            entries.push(Entry {
                school: school_id(&school)?,
                key: key(row.try_get("key")?)?,
                epoch,
                names: own,
            });
        }
        Ok(entries)
    }

    /// Creates the school if need be and remembers a token for it.
    pub(crate) async fn add_token(
        &self,
        school: &SchoolId,
        name: &HostName,
        hashes: &TokenHashes,
        replaces: bool,
        now: u64,
    ) -> Result<(), StoreError> {
        let mut change = self.0.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT OR IGNORE INTO schools (school, created) VALUES (?, ?)")
            .bind(school.as_str())
            .bind(seconds(now))
            .execute(&mut *change)
            .await?;
        let enrolled: bool =
            sqlx::query_scalar("SELECT key IS NOT NULL FROM schools WHERE school = ?")
                .bind(school.as_str())
                .fetch_one(&mut *change)
                .await?;
        if enrolled && !replaces {
            return Err(StoreError::Enrolled(school.clone()));
        }
        sqlx::query("INSERT OR IGNORE INTO names (name, school) VALUES (?, ?)")
            .bind(name.as_str())
            .bind(school.as_str())
            .execute(&mut *change)
            .await?;
        sqlx::query(
            "INSERT INTO tokens (lookup, proof, school, replaces, expires) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(hashes.lookup.0.as_slice())
        .bind(hashes.proof.0.as_slice())
        .bind(school.as_str())
        .bind(replaces)
        .bind(seconds(now + TOKEN_LIFE.as_secs()))
        .execute(&mut *change)
        .await?;
        bump(&mut change).await?;
        Ok(change.commit().await?)
    }

    /// The proof key of a token, if there is such a token.
    pub(crate) async fn proof_of(&self, lookup: &Hex<16>) -> Result<Option<Hex<32>>, StoreError> {
        let query = sqlx::query_scalar("SELECT proof FROM tokens WHERE lookup = ?")
            .bind(lookup.0.as_slice());
        key(query.fetch_optional(&self.0).await?)
    }

    /// Consumes a token for a key, in one transaction. The caller has checked the proof.
    pub(crate) async fn enrol(
        &self,
        lookup: &Hex<16>,
        new: &LinkKey,
        now: u64,
    ) -> Result<Result<Entry, Refusal>, StoreError> {
        let mut change = self.0.begin_with("BEGIN IMMEDIATE").await?;
        let token =
            sqlx::query("SELECT school, replaces, expires, used_by FROM tokens WHERE lookup = ?")
                .bind(lookup.0.as_slice())
                .fetch_optional(&mut *change)
                .await?;
        let Some(token) = token else {
            return Ok(Err(Refusal::Unknown));
        };
        let school = school_id(token.try_get("school")?)?;
        let current: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT key FROM schools WHERE school = ?")
                .bind(school.as_str())
                .fetch_one(&mut *change)
                .await?;
        let (current, used_by) = (key(current)?, key(token.try_get("used_by")?)?);
        match used_by {
            // The answer got lost on its way; asking again changes nothing.
            Some(user) if user == *new && current == Some(*new) => {}
            Some(_) => return Ok(Err(Refusal::Used)),
            None if token.try_get::<i64, _>("expires")? < seconds(now) => {
                return Ok(Err(Refusal::Expired));
            }
            None if current.is_some() && !token.try_get::<bool, _>("replaces")? => {
                return Ok(Err(Refusal::Enrolled));
            }
            None => consume(&mut change, lookup, &school, new).await?,
        }
        change.commit().await?;
        let entry = self
            .entries()
            .await?
            .into_iter()
            .find(|entry| entry.school == school);
        entry.map(Ok).ok_or(StoreError::NoSchool(school))
    }

    /// Takes a school's key away. With `only`, just that key; a newer one stays. True when something changed.
    pub(crate) async fn revoke(
        &self,
        school: &SchoolId,
        only: Option<&LinkKey>,
    ) -> Result<bool, StoreError> {
        let mut change = self.0.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "UPDATE schools SET key = NULL, epoch = epoch + 1 WHERE school = ?1 AND key IS NOT NULL AND (?2 IS NULL OR key = ?2)",
        )
        .bind(school.as_str())
        .bind(only.map(|key| key.0.to_vec()))
        .execute(&mut *change)
        .await?;
        let changed = done.rows_affected() > 0;
        if changed {
            bump(&mut change).await?;
        }
        change.commit().await?;
        Ok(changed)
    }

    /// The school's key, to revoke it everywhere.
    pub(crate) async fn key_of(&self, school: &SchoolId) -> Result<Option<LinkKey>, StoreError> {
        let query =
            sqlx::query_scalar("SELECT key FROM schools WHERE school = ?").bind(school.as_str());
        let found: Option<Option<Vec<u8>>> = query.fetch_optional(&self.0).await?;
        key(found.ok_or_else(|| StoreError::NoSchool(school.clone()))?)
    }
}

/// What is remembered of the logs that this relay witnesses.
impl Store {
    /// Believes an enrolled school about its log's key, the first time; one log a school, one school a log.
    pub(crate) async fn pin(
        &self,
        school: &SchoolId,
        origin: &str,
        key: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT OR IGNORE INTO logs (origin, school, key) SELECT ?, school, ? FROM schools WHERE school = ? AND key IS NOT NULL",
        )
        .bind(origin)
        .bind(key)
        .bind(school.as_str())
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// A log, if anything is known of it.
    pub(crate) async fn log(&self, origin: &str) -> Result<Option<Log>, StoreError> {
        let row = sqlx::query("SELECT key, size, root FROM logs WHERE origin = ?")
            .bind(origin)
            .fetch_optional(&self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let size = u64::try_from(row.try_get::<i64, _>("size")?).unwrap_or_default();
        let root: Option<Vec<u8>> = row.try_get("root")?;
        let wrong = |_| StoreError::Senseless("a root that has not 32 bytes".to_owned());
        let root = root
            .map(|root| root.try_into().map_err(wrong))
            .transpose()?;
        Ok(Some(Log {
            key: row.try_get("key")?,
            head: root.map(|root| (size, root)),
        }))
    }

    /// The key that a key of a log has handed over to in the end, which may be itself.
    pub(crate) async fn successor(&self, origin: &str, key: &str) -> Result<String, StoreError> {
        let mut key = key.to_owned();
        // A school moves every few years; whoever brings more handovers than this goes in circles.
        for _ in 0..256 {
            let sql = "SELECT successor FROM handovers WHERE origin = ? AND key = ?";
            let query = sqlx::query_scalar(sql).bind(origin).bind(&key);
            match query.fetch_optional(&self.0).await? {
                Some(successor) => key = successor,
                None => return Ok(key),
            }
        }
        Err(StoreError::Senseless(
            "handovers that go in circles".to_owned(),
        ))
    }

    /// Believes from now on a successor in the place of a key, if `known` is how far the log is still remembered; durable when this
    /// returns true.
    pub(crate) async fn hand_over(
        &self,
        origin: &str,
        known: (u64, [u8; 32]),
        key: &str,
        successor: &str,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT OR IGNORE INTO handovers (origin, key, successor)
             SELECT origin, ?, ? FROM logs WHERE origin = ? AND size = ? AND root = ?",
        )
        .bind(key)
        .bind(successor)
        .bind(origin)
        .bind(signed(known.0))
        .bind(known.1.as_slice())
        .execute(&self.0)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Remembers how far a log has come, if `known` is still what is remembered and `key` has not handed over; durable when this
    /// returns true.
    pub(crate) async fn remember(
        &self,
        origin: &str,
        key: &str,
        known: Option<(u64, [u8; 32])>,
        now: (u64, [u8; 32]),
    ) -> Result<bool, StoreError> {
        let mut change = self.0.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT OR IGNORE INTO logs (origin) VALUES (?)")
            .bind(origin)
            .execute(&mut *change)
            .await?;
        let done = sqlx::query(
            "UPDATE logs SET size = ?, root = ? WHERE origin = ? AND size = ? AND root IS ?
             AND NOT EXISTS (SELECT 1 FROM handovers WHERE handovers.origin = logs.origin AND key = ?)",
        )
        .bind(signed(now.0))
        .bind(now.1.as_slice())
        .bind(origin)
        .bind(signed(known.map_or(0, |(size, _)| size)))
        .bind(known.map(|(_, root)| root.to_vec()))
        .bind(key)
        .execute(&mut *change)
        .await?;
        change.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

async fn consume(
    change: &mut SqliteConnection,
    lookup: &Hex<16>,
    school: &SchoolId,
    new: &LinkKey,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE tokens SET used_by = ? WHERE lookup = ? AND used_by IS NULL")
        .bind(new.0.as_slice())
        .bind(lookup.0.as_slice())
        .execute(&mut *change)
        .await?;
    sqlx::query("UPDATE schools SET key = ?, epoch = epoch + 1 WHERE school = ?")
        .bind(new.0.as_slice())
        .bind(school.as_str())
        .execute(&mut *change)
        .await?;
    bump(change).await
}

async fn bump(change: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("UPDATE revision SET value = value + 1")
        .execute(change)
        .await?;
    Ok(())
}

fn seconds(time: u64) -> i64 {
    signed(time)
}

/// SQLite's integers are signed; neither times nor sizes of logs come near the limit.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn school_id(text: &str) -> Result<SchoolId, StoreError> {
    SchoolId::parse(text).map_err(|_| StoreError::Senseless(format!("school id {text:?}")))
}

fn host_name(text: &str) -> Result<HostName, StoreError> {
    HostName::parse(text).map_err(|_| StoreError::Senseless(format!("host name {text:?}")))
}

fn key(bytes: Option<Vec<u8>>) -> Result<Option<Hex<32>>, StoreError> {
    let wrong = |_| StoreError::Senseless("a key that has not 32 bytes".to_owned());
    bytes
        .map(|bytes| bytes.try_into().map(Hex).map_err(wrong))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relay_wire::Token;

    #[tokio::test]
    async fn once_a_full_disk_has_room_again_the_directory_takes_changes_again() {
        let folder = tempfile::tempdir().expect("a directory");
        let store = Store::open(folder.path()).await.expect("opens");
        let school = SchoolId::parse("kgs").expect("an id");
        let name = HostName::parse("kgs.relay.localhost").expect("a name");
        let mut number = 0_u128;
        let mut add = async || {
            number += 1;
            let hashes = Token::new(number.to_be_bytes()).hashes();
            store.add_token(&school, &name, &hashes, false, 1).await
        };
        add().await.expect("is added");
        let limit = "PRAGMA max_page_count = 1";
        sqlx::raw_sql(limit)
            .execute(&store.0)
            .await
            .expect("limits");
        let mut tried = 0;
        while add().await.is_ok() {
            tried += 1;
            assert!(tried < 10_000, "the disk is never full");
        }
        let limit = "PRAGMA max_page_count = 1000000";
        sqlx::raw_sql(limit).execute(&store.0).await.expect("lifts");
        add().await.expect("is added again");
    }
}
