//! A database server's address. What is printed of it never holds the password.

use super::{Connection, Pool};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Connections for reading.
const READERS: u32 = 12;
/// How long somebody waits for one of them before they are told that the database is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a log's database on a server is, and as whom it is used; and where its keys are, when they are in a database of their own.
#[derive(Clone)]
pub struct Server {
    options: PgConnectOptions,
    /// The database of the keys, when they are in one.
    keys: Option<Arc<Server>>,
}

/// The text is no such address. What it was is not repeated: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "the database's address is not of the form postgres://user@host:port/database?sslmode=verify-full; its password belongs into \
     PGPASSWORD, into ~/.pgpass, or into schulhof.toml"
)]
pub struct NoAddress;

/// Log and keys in one database would be in one backup: whoever has it could read everything that was ever erased.
#[derive(Debug, thiserror::Error)]
#[error(
    "the log and its keys must not be in one database: a backup of it would hold both, and no erasure would reach it. Create a database for the keys alone"
)]
pub struct SameDatabase;

impl FromStr for Server {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let known = ["postgres://", "postgresql://"];
        if !known.iter().any(|scheme| text.starts_with(scheme)) {
            return Err(NoAddress);
        }
        let options = PgConnectOptions::from_str(text).map_err(|_| NoAddress)?;
        Ok(Self {
            options: options.disable_statement_logging(),
            keys: None,
        })
    }
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let options = &self.options;
        let name = options.get_database().unwrap_or_default();
        write!(
            f,
            "postgres://{}:{}/{name}",
            options.get_host(),
            options.get_port()
        )
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Server {
    /// The same with the keys in a database of their own, which must not be that of the log.
    pub fn with_keys(self, keys: Self) -> Result<Self, SameDatabase> {
        let of = |server: &Self| {
            let options = &server.options;
            (
                options.get_host().to_owned(),
                options.get_port(),
                options.get_socket().cloned(),
                options
                    .get_database()
                    .unwrap_or(options.get_username())
                    .to_owned(),
            )
        };
        if of(&self) == of(&keys) {
            return Err(SameDatabase);
        }
        Ok(Self {
            keys: Some(Arc::new(keys)),
            ..self
        })
    }

    /// The database of the keys, when they are in one.
    #[must_use]
    pub fn keys(&self) -> Option<&Self> {
        self.keys.as_deref()
    }

    /// A connection that writes. Its server may not answer a commit before it is durable, whatever its own settings say, and gives
    /// the head's lock back when the machine that holds it is gone.
    pub(crate) async fn connect(&self, durable: bool) -> sqlx::Result<Connection> {
        let commit = if durable { "on" } else { "off" };
        let settings = [
            ("synchronous_commit", commit),
            ("idle_in_transaction_session_timeout", "10s"),
            ("lock_timeout", "30s"),
        ];
        let options = self
            .options
            .clone()
            .application_name("schulhof")
            .options(settings);
        options.connect().await.map(Connection::from)
    }

    /// A connection that only reads, for as long as it takes.
    pub(crate) async fn connect_to_read(&self) -> sqlx::Result<Connection> {
        let options = self.reading();
        options.connect().await.map(Connection::from)
    }

    pub(crate) async fn reading_pool(&self) -> sqlx::Result<Pool> {
        let pool = PgPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .connect_with(self.reading());
        pool.await.map(Pool::Postgres)
    }

    fn reading(&self) -> PgConnectOptions {
        let settings = [("default_transaction_read_only", "on")];
        self.options
            .clone()
            .application_name("schulhof reading")
            .options(settings)
    }

    /// Hears what is said on a channel; it connects anew by itself.
    pub(crate) async fn listen(&self, channel: &str) -> sqlx::Result<PgListener> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(self.reading())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_printed_without_its_password_and_a_wrong_one_not_at_all() {
        let server: Server = "postgres://anna:geheim@db.example:5433/schule"
            .parse()
            .expect("is one");
        assert_eq!(
            format!("{server} {server:?}")
                .matches("postgres://db.example:5433/schule")
                .count(),
            2
        );
        for wrong in [
            "mysql://anna:geheim@db/schule",
            "anna:geheim",
            "postgres://anna:geheim@db:port/x",
        ] {
            let error = wrong.parse::<Server>().expect_err("is none");
            assert!(!error.to_string().contains("geheim"));
        }
    }
}
