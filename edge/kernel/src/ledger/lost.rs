//! A log that was there and is gone: keys or files without it mean that it was lost, and a new log beside them would fork
//! the school's history. Then nothing is founded, and nothing is written. Nor is it beside a log whose keys are gone.

use super::LedgerError;
use super::open::must_exist;
use crate::database::{Connection, Server, query};
use crate::keyring::key_ids;
use events::Position;
use std::io::ErrorKind;
use std::path::Path;

/// Keys that a founding which was cut off before its first event may have minted, several tries included.
const FOUNDING: usize = 32;

/// Refuses a directory in which a school has been and whose log's file is missing or empty. Reads only, so it may be asked
/// by whoever would otherwise say that there is no school.
pub fn refuse_lost_log(directory: &Path) -> Result<(), LedgerError> {
    let path = directory.join("log.db");
    if path.metadata().is_ok_and(|found| found.len() > 0) || !has_been_used(directory, None)? {
        return Ok(());
    }
    Err(LedgerError::Lost { path })
}

/// The same for a log that is a database: without an origin it was never founded, and what lies beside it must be as new.
/// With an origin and without events it was being founded when something cut it off, which goes on while there are no more
/// keys than that has minted.
pub(super) async fn refuse_lost_events(
    directory: &Path,
    db: &mut Connection,
    keys: Option<&Server>,
) -> Result<(), LedgerError> {
    // What cannot be read is there, and verification says what is wrong with it.
    let lost = match remains(db).await.unwrap_or(Remains::Events) {
        Remains::Nothing => has_been_used(directory, keys)?,
        Remains::Origin => minted(directory, keys)? > FOUNDING || has_blobs(directory),
        Remains::Events => false,
    };
    match lost {
        false => Ok(()),
        true if matches!(db, Connection::Postgres(_)) => Err(LedgerError::LostOnServer),
        true => Err(LedgerError::Lost {
            path: directory.join("log.db"),
        }),
    }
}

/// Refuses a log whose keys are gone. A machine that joins others at a server must have them already as well.
pub(super) fn refuse_without_keys(
    directory: &Path,
    server: Option<&Server>,
) -> Result<(), LedgerError> {
    let keys = directory.join("keys");
    needed(server).iter().try_for_each(|name| {
        let path = keys.join(name);
        match must_exist(&path) {
            Err(LedgerError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Err(LedgerError::KeysGone { path })
            }
            found => found,
        }
    })
}

/// The files that the directory of the keys of a log must have.
fn needed(server: Option<&Server>) -> &'static [&'static str] {
    match server.and_then(Server::keys) {
        None => &["signing.key", "master.key", "keyring"],
        Some(_) => &["signing.key", "master.key"],
    }
}

enum Remains {
    Nothing,
    Origin,
    Events,
}

async fn remains(db: &mut Connection) -> sqlx::Result<Remains> {
    if matches!(db, Connection::Postgres(_)) {
        return remains_on_server(db).await;
    }
    let tables = "SELECT name FROM sqlite_schema
        WHERE name IN ('kernel_meta', 'kernel_head', 'kernel_event', 'kernel_block')";
    let tables = query(tables).fetch_all(&mut *db).await?;
    let has = |name: &str| {
        let mut names = tables.iter().map(|row| row.try_get::<&str>(0));
        names.any(|table| table.is_ok_and(|table| table == name))
    };
    if !has("kernel_meta") || !has("kernel_head") {
        return Ok(Remains::Nothing);
    }
    // An older log has its events in rows of their own, and one that was cut off on the way has both.
    let events = match (has("kernel_block"), has("kernel_event")) {
        (false, false) => return Ok(Remains::Nothing),
        (false, true) => "SELECT 1 FROM kernel_event",
        (true, false) => "SELECT 1 FROM kernel_block",
        (true, true) => "SELECT 1 FROM kernel_block UNION ALL SELECT 1 FROM kernel_event",
    };
    let events = format!("SELECT EXISTS (SELECT 1 FROM kernel_head) OR EXISTS ({events})");
    let found = query(sqlx::AssertSqlSafe(events))
        .fetch_one(&mut *db)
        .await?;
    if found.try_get(0)? {
        return Ok(Remains::Events);
    }
    let origin = "SELECT EXISTS (SELECT 1 FROM kernel_meta WHERE name = 'origin')";
    Ok(match query(origin).fetch_one(db).await?.try_get(0)? {
        true => Remains::Origin,
        false => Remains::Nothing,
    })
}

async fn remains_on_server(db: &mut Connection) -> sqlx::Result<Remains> {
    let sql =
        "SELECT to_regclass('kernel_meta') IS NOT NULL AND to_regclass('kernel_head') IS NOT NULL";
    let is_founded: bool = query(sql).fetch_one(&mut *db).await?.try_get(0)?;
    if !is_founded {
        return Ok(Remains::Nothing);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM kernel_head WHERE size > 0),
        EXISTS (SELECT 1 FROM kernel_meta WHERE name = 'origin')";
    let row = query(sql).fetch_one(db).await?;
    Ok(match (row.try_get(0)?, row.try_get(1)?) {
        (true, _) => Remains::Events,
        (false, true) => Remains::Origin,
        (false, false) => Remains::Nothing,
    })
}

/// The signing key is drawn after the log has its origin, and keys of people and files come later still: any of them
/// without an origin outlived its log.
fn has_been_used(directory: &Path, keys: Option<&Server>) -> Result<bool, LedgerError> {
    let signed = directory.join("keys").join("signing.key").exists();
    Ok(signed || has_blobs(directory) || minted(directory, keys)? > 0)
}

fn minted(directory: &Path, server: Option<&Server>) -> Result<usize, LedgerError> {
    let keys = directory.join("keys");
    let begun = |name: &str| keys.join(name).metadata().is_ok_and(|file| file.len() > 0);
    // A keyring that a first start had only begun to write holds nothing yet; opening it founds it anew.
    if !begun("master.key") || (server.is_none() && !begun("keyring")) {
        return Ok(0);
    }
    // No event is behind the end of a log that is not there.
    match key_ids(&keys, server, Position::MAX) {
        Ok(ids) => Ok(ids.len()),
        Err(crate::keyring::KeyringError::Damaged { record: 0 }) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Whether files are stored: folders of two hexadecimal digits. The directory alone may be a mount point.
fn has_blobs(directory: &Path) -> bool {
    let entries = std::fs::read_dir(directory.join("blobs"));
    let names = entries.into_iter().flatten().flatten();
    let mut names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names.any(|name| name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("ours");
            std::fs::write(path, text).expect("ours");
        }
        directory
    }

    fn is_refused(files: &[(&str, &str)]) -> bool {
        let directory = directory_with(files);
        matches!(
            refuse_lost_log(directory.path()),
            Err(LedgerError::Lost { .. })
        )
    }

    #[test]
    fn a_new_directory_and_a_founding_cut_off_before_the_log_are_not_refused() {
        assert!(!is_refused(&[]));
        assert!(!is_refused(&[("log.db", "")]));
        assert!(!is_refused(&[("log.db", ""), ("keys/master.key", "00")]));
        assert!(!is_refused(&[
            ("keys/master.key", "00"),
            ("keys/keyring", "")
        ]));
        assert!(!is_refused(&[("blobs/lost+found/x", "")]));
    }

    #[test]
    fn a_signing_key_or_a_stored_file_without_a_log_is_refused() {
        assert!(is_refused(&[("keys/signing.key", "00")]));
        assert!(is_refused(&[("log.db", ""), ("blobs/a7/a7f0", "x")]));
        assert!(!is_refused(&[
            ("log.db", "SQLite"),
            ("keys/signing.key", "00")
        ]));
    }
}
