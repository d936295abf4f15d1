//! What can go wrong with the log, and what to do about it.

use super::opener::OpenError;
use super::seal::SealError;
use crate::keyring::KeyringError;
use events::Position;
use events::ids::StreamId;

/// An append was not done. Nothing of it is in the log.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream has moved on since it was read: decide again.
    #[error("stream {stream} has moved on")]
    Conflict {
        /// Which.
        stream: StreamId,
    },
    /// A unique value is taken.
    #[error("a value that must be unique is taken ({scope})")]
    Taken {
        /// Among what it must be unique.
        scope: &'static str,
    },
    /// What is kept beside the log is not as the caller expected, such as a code that was used meanwhile.
    #[error("what is kept beside the log has changed meanwhile")]
    KeptChanged,
    /// The disk is full. Reading goes on; writing resumes once there is room.
    #[error("the disk is full: nothing was written; make room and try again")]
    DiskFull,
    /// The log refuses to go on, because it can no longer be sure of itself.
    #[error("the log has stopped; run `schulhof audit verify` and restart")]
    Stopped,
    /// The keys cannot be read.
    #[error("cannot read the keys anew")]
    Keyring(#[source] KeyringError),
    /// The school is moving to another machine, or has moved.
    #[error("the school is moving to another machine; nothing was written, try again in a moment")]
    Moving,
    /// An event could not be sealed.
    #[error("cannot seal an event")]
    Seal(#[source] SealError),
    /// The database failed.
    #[error("cannot write to the log's database")]
    Database(#[source] sqlx::Error),
}

impl From<SealError> for AppendError {
    /// A keyring that has no room for a new key is a full disk like any other.
    fn from(error: SealError) -> Self {
        match &error {
            SealError::Keyring(keyring) if keyring.is_disk_full() => Self::DiskFull,
            _ => Self::Seal(error),
        }
    }
}

/// The log cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database failed.
    #[error(
        "cannot {doing} the log's database; should it be damaged, keep it for the auditors, and restore the log from backup"
    )]
    Database {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("cannot bring the log's tables up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A file could not be read or written.
    #[error("cannot {doing} {path}", path = .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The keyring failed.
    #[error("cannot use the keyring")]
    Keyring(#[from] KeyringError),
    /// An event does not open.
    #[error("cannot open an event")]
    Open(#[from] OpenError),
    /// The log is not what was written.
    #[error("the log does not verify: {} (first of {} problems); nothing was changed; restore the log from backup, or run `schulhof audit verify` for the whole list", .0.first().map(ToString::to_string).unwrap_or_default(), .0.len())]
    Tampered(Vec<Problem>),
    /// Keys or files show that there was a school here, but its log is gone.
    #[error("the log {path} is missing or empty, but the keys or files beside it belong to a school that has been used; nothing was changed. Restore log.db from backup, or found a new school in another data directory", path = .path.display())]
    Lost {
        /// The log's file.
        path: std::path::PathBuf,
    },
    /// There are events, and the keys that go with them are gone.
    #[error("there is a log here, but {path} is gone; nothing was changed. Restore the keys directory from its own backup", path = .path.display())]
    KeysGone {
        /// The file of keys.
        path: std::path::PathBuf,
    },
    /// What `Lost` says, for a log on a server.
    #[error(
        "the database has no events, but the keys or files here belong to a school that has been used; nothing was changed. Restore \
         the log, or found a new school with another data directory"
    )]
    LostOnServer,
    /// A restoration would meet another log.
    #[error("the database holds a log already; restore into an empty one")]
    Used,
    /// The log was written by an older version, and nothing but opening it brings it along.
    #[error("the log {path} was written by an older version of schulhof; start the server once, which brings it along, and try again", path = .path.display())]
    Older {
        /// The log's file.
        path: std::path::PathBuf,
    },
    /// The school has moved.
    #[error("the school in {path} moved on {on} to the machine with the key {to}; nothing is written here any more. If that machine has not begun to serve, type `schulhof move --to CODE --data {path}` again", path = .path.display())]
    Moved {
        /// The data directory.
        path: std::path::PathBuf,
        /// The day, in UTC.
        on: jiff::civil::Date,
        /// The verifier key of the successor.
        to: String,
    },
    /// The school is on its way here.
    #[error("the school in {path} has not arrived yet: its old machine still has it. Go on with `schulhof move --receive`", path = .path.display())]
    Awaited {
        /// The data directory.
        path: std::path::PathBuf,
    },
    /// Another process has the data directory.
    #[error("another schulhof process uses {path}; stop it first", path = .path.display())]
    Locked {
        /// The directory.
        path: std::path::PathBuf,
    },
}

/// Something that verification found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Where; 0 when it is not at one position.
    pub position: Position,
    /// What.
    pub what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.position {
            0 => f.write_str(&self.what),
            position => write!(f, "position {position}: {}", self.what),
        }
    }
}

pub(crate) fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> LedgerError {
    move |source| LedgerError::Database { doing, source }
}
