//! Catching up with what other machines have appended: the tree, the ends of streams, names, access, and everybody who follows.

use super::super::entry::PUBLIC;
use super::super::heads::Head;
use super::super::opener::Opener;
use super::super::rows::{self, Stored};
use super::super::writer::{Writer, from_sqlx};
use super::super::{AppendError, Published};
use super::listen::LOOK;
use crate::database::Connection;
use crate::keyring::KeyId;
use events::{Position, Recorded};
use std::collections::HashMap;

/// Rows read at once.
const PAGE: u32 = 2048;

impl Writer {
    /// Brings memory to where the log is. What does not follow from what was here before stops this machine rather than fork.
    pub(super) async fn catch_up(&mut self, db: &mut Connection) -> Result<(), AppendError> {
        let head = match rows::head(db).await.map_err(from_sqlx)? {
            Some(Ok(head)) => head,
            None if self.durable.size() == 0 => return Ok(()),
            None | Some(Err(_)) => return Err(self.stop("the log's head is gone or damaged")),
        };
        let size = head.frontier.size();
        if size < self.durable.size() {
            return Err(self.stop("the log is shorter than it was"));
        }
        let mut opener = Opener::new(&self.keyring);
        while self.durable.size() < size {
            let from = self.durable.size();
            let mut found = rows::after(db, from, PAGE).await.map_err(from_sqlx)?;
            found.retain(|row| row.position <= size);
            let follows = found
                .iter()
                .zip(from + 1..)
                .all(|(row, at)| row.position == at);
            if found.is_empty() || !follows {
                return Err(self.stop("events of another machine are missing"));
            }
            self.take_over(&found, &mut opener)?;
        }
        self.turns.met_others();
        if self.durable != head.frontier {
            return Err(
                self.stop("what another machine has appended does not lead to the log's root")
            );
        }
        self.at = self.at.max(head.at);
        self.naming.catch_up(db).await.map_err(from_sqlx)
    }

    fn take_over(&mut self, rows: &[Stored], opener: &mut Opener) -> Result<(), AppendError> {
        let mut moved = HashMap::new();
        let mut events: Vec<Recorded> = Vec::with_capacity(rows.len());
        // The tiles were stored by whoever appended.
        let mut done = Vec::new();
        for row in rows {
            self.tiles.push(row.leaf(), &mut done);
            done.clear();
            let Some(entry) = rows::entry(row) else {
                continue;
            };
            let is_unknown = |key: &KeyId| {
                *key != PUBLIC
                    && self.keyring.by_id(key).is_none()
                    && self.keyring.destroyed(key).is_none()
            };
            if entry.parts.iter().any(|part| is_unknown(&part.key)) {
                self.read_keys()?;
                *opener = Opener::new(&self.keyring);
            }
            let position = row.position;
            moved.insert(
                entry.stream,
                Head {
                    position,
                    version: entry.version,
                },
            );
            match opener.open_row(row) {
                Ok(event) => events.push(event),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "an event of another machine does not open"
                    );
                    return Err(self.stop("an event of another machine does not open"));
                }
            }
        }
        self.durable = self.tiles.frontier().clone();
        self.heads.put_all(moved);
        let last = rows.last().map_or(0, |row| row.position);
        self.shared.publish(Published::from(events), last);
        Ok(())
    }

    fn stop(&self, why: &'static str) -> AppendError {
        tracing::error!(why, size = self.durable.size(), "the log stops");
        self.shared.stop();
        AppendError::Stopped
    }

    /// Reads the keys anew that machines share, and has forgotten what another one has destroyed.
    fn read_keys(&self) -> Result<(), AppendError> {
        if self.keyring.refresh().map_err(AppendError::Keyring)? {
            self.shared.forget();
        }
        Ok(())
    }

    /// Looks whether others have appended, when it is not known that they have not.
    pub(super) async fn look(&mut self, heard: Position) -> Result<(), AppendError> {
        if heard == LOOK {
            self.read_keys()?;
        }
        if self.shared.is_stopped() || heard <= self.durable.size() {
            return Ok(());
        }
        let mut db = self.connection().await.map_err(from_sqlx)?;
        let caught_up = self.catch_up(&mut db).await;
        self.give_back(db, caught_up.is_ok());
        caught_up
    }
}
