//! Reading a log beside whoever has it open, for auditors: nothing is founded and nothing is written.

use super::error::{Problem, database};
use super::lost::{refuse_lost_events, refuse_lost_log, refuse_without_keys};
use super::open::{origin, size_of};
use super::signing::SigningKey;
use super::succession::Standing;
use super::verify::{self, Report};
use super::{LedgerError, sqlite};
use crate::database::{Connection, Server};
use crate::keyring::{KeyId, key_ids};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// Verifies a log in a data directory without opening it for writing: for auditors, beside a running server.
pub async fn verify_directory(
    directory: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, LedgerError> {
    verify_log(directory, None, progress).await
}

/// The same for a log that may be on a database server; its keys are in the directory.
pub async fn verify_log(
    directory: &Path,
    server: Option<&Server>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, LedgerError> {
    let mut db = connect_to_read(directory, server).await?;
    let keys_at = server.and_then(Server::keys);
    refuse_lost_events(directory, &mut db, keys_at).await?;
    // Whoever has moved may have destroyed the keys.
    let standing = Standing::of(directory, &mut db).await?;
    let is_awaited = standing == Standing::Awaited;
    if let Some(refusal) = standing.refusal(directory)
        && !directory.join("keys").join("signing.key").exists()
    {
        return Err(refusal);
    }
    let key = signing_of(directory, server, &mut db).await?.verifier_key();
    let keys = directory.join("keys");
    // The log as it is after the keys were read may refer to newer ones; then they are read again.
    let size = size_of(&mut db).await.map_err(database("read"))?;
    let held = RwLock::new(key_ids(&keys, keys_at, size)?);
    let exists = |id: &KeyId| {
        let holds = |held: &RwLock<HashSet<KeyId>>| {
            held.read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(id)
        };
        if !holds(&held)
            && let Ok(now) = key_ids(&keys, keys_at, size)
        {
            *held.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        holds(&held)
    };
    let mut report = verify::verify(&mut db, &key, &exists, progress).await?;
    if is_awaited {
        report.problems.push(Problem {
            position: 0,
            what: "this log is on its way from another machine, and only a note beside it says by which key it is signed; finish the move first".to_owned(),
        });
    }
    Ok(report)
}

/// A connection that only reads the log of a data directory, wherever it is.
pub(super) async fn connect_to_read(
    directory: &Path,
    server: Option<&Server>,
) -> Result<Connection, LedgerError> {
    match server {
        Some(server) => server.connect_to_read().await.map_err(database("open")),
        None => {
            refuse_lost_log(directory)?;
            sqlite::connect_to_read(&directory.join("log.db")).await
        }
    }
}

/// The signing key of a log that is only read. Opening would found what is missing; whoever verifies must not write.
pub(super) async fn signing_of(
    directory: &Path,
    server: Option<&Server>,
    db: &mut Connection,
) -> Result<SigningKey, LedgerError> {
    // Verification names a log that has lost its name.
    let origin = origin(db).await.ok().flatten().unwrap_or_default();
    refuse_without_keys(directory, server)?;
    let key = directory.join("keys").join("signing.key");
    Ok(SigningKey::open(&key, origin)?)
}
