//! Why the keyring cannot be used.

use crate::database::code;
use std::path::PathBuf;

/// The keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Reading or writing failed.
    #[error("cannot {doing} {path}", path = .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The database of the keys failed.
    #[error("cannot {doing} the database of the keys")]
    Server {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: sqlx::Error,
    },
    /// Its tables could not be brought up to date.
    #[error(
        "cannot bring the tables of the keys up to date; their database belongs to the role that the school uses"
    )]
    Tables(#[from] sqlx::migrate::MigrateError),
    /// The database holds a log.
    #[error(
        "the database of the keys is that of a log; the keys need a database of their own, which is in no backup of the log"
    )]
    WithLog,
    /// The keys are not where the configuration says.
    #[error("the database of the keys is empty, and {path} is here: `schulhof keys to-server` brings it there", path = .path.display())]
    InDirectory {
        /// The keyring's file.
        path: PathBuf,
    },
    /// There are two.
    #[error("there are keys in their database and in {path}: only one of them can be the school's. Move away what is not, or go on with the `schulhof keys` that was cut off", path = .path.display())]
    Twice {
        /// The keyring's file.
        path: PathBuf,
    },
    /// Another machine has the master key.
    #[error("the master key in {path} does not open the keys in their database; copy `master.key` and `signing.key` from a machine that serves the school", path = .path.display())]
    OtherMaster {
        /// The directory of the keys.
        path: PathBuf,
    },
    /// Nothing to move.
    #[error("there is no keyring to move in {place}")]
    Missing {
        /// Where it was looked for.
        place: String,
    },
    /// The bytes are not what was written.
    #[error(
        "the keyring is damaged at record {record}; restore the keys directory from its own backup"
    )]
    Damaged {
        /// Counted from 0.
        record: u64,
    },
    /// The master key does not have 32 bytes in hexadecimal.
    #[error(
        "the master key is not 64 hexadecimal digits; restore the keys directory from its own backup"
    )]
    MasterKey,
    /// The operating system gave no random bytes, or the cipher refused them.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl KeyringError {
    /// Whether the disk is full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match self {
            Self::Io { source, .. } => matches!(source.kind(), StorageFull | QuotaExceeded),
            // PostgreSQL's code for it.
            Self::Server { source, .. } => code(source).as_deref() == Some("53100"),
            _ => false,
        }
    }
}
