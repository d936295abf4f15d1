//! Which keys have signed the log, one after the other. The log itself says where one key gave way to the next: a `LogSealed`, which
//! is not sealed, and beside it a row that says where to look. A key signs the log up to the event that hands it over, and nothing
//! behind it. A machine whose key has handed the log over never writes to it again.

use super::entry::PUBLIC;
use super::error::{LedgerError, Problem, database};
use super::rows;
use super::signing::SigningKey;
use super::sqlite::{connect_to_read, found};
use crate::database::{Connection, Row, query};
use events::audit::AuditEvent;
use events::{AnyEvent, Codec, Millis, Position};
use std::path::Path;

/// What is noted of a handover, in the transaction of its event.
pub(super) const NOTE: &str = "INSERT INTO kernel_meta (name, value) VALUES (?, ?)";
const HANDOVERS: &str = "SELECT value FROM kernel_meta WHERE name LIKE 'handover/%' ORDER BY name";
/// The key that signs a log which is on its way here, until its handover arrives.
const AWAITED: &str = "SELECT value FROM kernel_meta WHERE name = 'awaited'";

/// A place in the log from which another key signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// Where the log was sealed.
    pub position: Position,
    /// When, in milliseconds since 1970, UTC.
    pub at: Millis,
    /// Which of the school's machines goes on; the founding one is 1.
    pub epoch: u32,
    /// The verifier key of before, as text.
    pub key: String,
    /// The verifier key of what comes later, as text.
    pub successor: String,
}

impl HandedOver {
    /// The name of the row: in the order of the moves.
    pub(super) fn name(&self) -> String {
        format!("handover/{:010}", self.epoch)
    }

    pub(super) fn text(&self) -> String {
        let Self {
            position,
            at,
            key,
            successor,
            ..
        } = self;
        format!("{position}\n{at}\n{}\n{key}\n{successor}", self.epoch)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        Some(Self {
            position: lines.next()?.parse().ok()?,
            at: lines.next()?.parse().ok()?,
            epoch: lines.next()?.parse().ok()?,
            key: lines.next()?.to_owned(),
            successor: lines.next()?.to_owned(),
        })
    }

    /// Whether the log says the same at this position.
    async fn is_said(&self, db: &mut Connection) -> bool {
        said_at(db, self.position).await.is_some_and(|said| {
            Self {
                at: self.at,
                ..said
            } == *self
        })
    }
}

/// The handover that the event at a position says, if it is one.
async fn said_at(db: &mut Connection, position: Position) -> Option<HandedOver> {
    let found = rows::after(db, position.saturating_sub(1), 1).await.ok()?;
    let row = found.into_iter().find(|row| row.position == position)?;
    let (entry, body) = (rows::entry(&row)?, row.body.as_deref()?);
    let parts = entry.cut(body)?;
    let (part, bytes) = entry.parts.first().zip(parts.first())?;
    let codec = Codec::from_number(entry.codec)?;
    let said = AnyEvent::decode(codec, entry.kind, entry.schema, bytes, None).ok()?;
    match said {
        AnyEvent::Audit(AuditEvent::LogSealed {
            epoch,
            key,
            successor,
        }) if part.key == PUBLIC => Some(HandedOver {
            position,
            at: entry.at,
            epoch,
            key,
            successor,
        }),
        _ => None,
    }
}

/// The keys of a log, in order.
#[derive(Clone, Debug)]
pub(crate) struct Succession {
    handovers: Vec<HandedOver>,
    /// The key of this machine, or of the one that the log is on its way from.
    last: String,
    own: String,
}

impl Succession {
    /// What is noted in a log whose machine has the verifier key `own`.
    pub(crate) async fn load(db: &mut Connection, own: &str) -> sqlx::Result<Self> {
        let handovers = handovers(db).await?;
        let awaited = awaited(db).await?;
        Ok(Self {
            handovers,
            last: awaited.unwrap_or_else(|| own.to_owned()),
            own: own.to_owned(),
        })
    }

    /// The key that signs a log of this size: each from behind the event that gave the log to it, up to the one that hands it on.
    pub(crate) fn key_at(&self, size: Position) -> &str {
        let before = self.handovers.iter().find(|one| one.position >= size);
        match (before, self.handovers.last()) {
            (Some(before), _) => &before.key,
            (None, Some(newest)) => &newest.successor,
            (None, None) => &self.last,
        }
    }

    /// Where the log was handed over, as far as it is noted.
    pub(crate) fn positions(&self) -> Vec<Position> {
        self.handovers.iter().map(|one| one.position).collect()
    }

    /// What is wrong with it: handovers that the log does not say, that do not follow one another, or that do not lead here.
    pub(crate) async fn problems(&self, db: &mut Connection) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |position, what: &str| {
            let what = what.to_owned();
            problems.push(Problem { position, what });
        };
        for handover in &self.handovers {
            if !handover.is_said(db).await {
                wrong(
                    handover.position,
                    "a change of the signing key is noted beside the log, but no event here says it",
                );
            }
        }
        for pair in self.handovers.windows(2) {
            if pair[0].successor != pair[1].key || pair[0].position >= pair[1].position {
                wrong(
                    pair[1].position,
                    "the log was handed over by another key than the one that had it",
                );
            }
        }
        if let Some(newest) = self.handovers.last()
            && ![&newest.key, &newest.successor].contains(&&self.own)
            && newest.successor != self.last
        {
            wrong(
                newest.position,
                "the log was handed over to another key than the one that is here",
            );
        }
        problems
    }
}

pub(super) async fn handovers(db: &mut Connection) -> sqlx::Result<Vec<HandedOver>> {
    let rows = query(HANDOVERS).fetch_all(db).await?;
    let read = |row: &Row| {
        let text = row.try_get::<&[u8]>(0).map(String::from_utf8_lossy)?;
        let unread = || sqlx::Error::Protocol("kernel_meta: a handover cannot be read".into());
        HandedOver::parse(&text).ok_or_else(unread)
    };
    rows.iter().map(read).collect()
}

async fn awaited(db: &mut Connection) -> sqlx::Result<Option<String>> {
    let row = query(AWAITED).fetch_optional(db).await?;
    let key = row.map(|row| row.try_get::<&[u8]>(0).map(<[u8]>::to_vec));
    Ok(key.transpose()?.and_then(|key| String::from_utf8(key).ok()))
}

/// Whether the machine in a directory may write to its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has the key by which the log goes on.
    Ours,
    /// Its key, or one before it, has handed the log over.
    Moved(HandedOver),
    /// The log is on its way here, and was not handed over yet.
    Awaited,
}

impl Standing {
    /// Reads it; nothing is founded.
    pub(super) async fn of(directory: &Path, db: &mut Connection) -> Result<Self, LedgerError> {
        let read = async {
            let table = match db {
                Connection::Sqlite(_) => {
                    "SELECT name FROM sqlite_schema WHERE name = 'kernel_meta'"
                }
                Connection::Postgres(_) => "SELECT 1 WHERE to_regclass('kernel_meta') IS NOT NULL",
            };
            if query(table).fetch_optional(&mut *db).await?.is_none() {
                return Ok((None, None));
            }
            let mut newest = handovers(db).await?.pop();
            // What the log's last event says counts, whatever became of the note beside it.
            let size = rows::head(db).await?.and_then(Result::ok);
            let size = size.map_or(0, |head| head.frontier.size());
            if newest.as_ref().is_none_or(|newest| newest.position < size) {
                newest = said_at(db, size).await.or(newest);
            }
            Ok((newest, awaited(db).await?))
        };
        let (newest, awaited) = read.await.map_err(database("read"))?;
        let path = directory.join("keys").join("signing.key");
        let is_ours = |newest: &HandedOver| {
            let origin = events_proof::note::key_name(&newest.successor).unwrap_or_default();
            let own = SigningKey::open(&path, origin.to_owned());
            own.map(|own| own.verifier_key() == newest.successor)
        };
        Ok(match newest {
            Some(newest) if path.exists() && is_ours(&newest)? => Self::Ours,
            _ if awaited.is_some() => Self::Awaited,
            Some(newest) => Self::Moved(newest),
            None => Self::Ours,
        })
    }

    /// Why nothing may be written, if so.
    pub(super) fn refusal(self, directory: &Path) -> Option<LedgerError> {
        let path = directory.to_owned();
        match self {
            Self::Ours => None,
            Self::Awaited => Some(LedgerError::Awaited { path }),
            Self::Moved(handover) => Some(LedgerError::Moved {
                path,
                on: crate::clock::date(handover.at),
                to: handover.successor,
            }),
        }
    }
}

/// The handover by which the log of a directory was given away, if it was. Reads only, and needs no key.
/// A log on a server does not move.
pub async fn moved_away(directory: &Path) -> Result<Option<HandedOver>, LedgerError> {
    if !directory.join("log.db").exists() {
        return Ok(None);
    }
    let mut db = connect_to_read(&directory.join("log.db")).await?;
    match Standing::of(directory, &mut db).await? {
        Standing::Moved(handover) => Ok(Some(handover)),
        Standing::Ours | Standing::Awaited => Ok(None),
    }
}

/// The last handover of the log in a directory, if it was to the key that lies beside it. Reads only.
pub async fn handed_here(directory: &Path) -> Result<Option<HandedOver>, LedgerError> {
    let mut db = connect_to_read(&directory.join("log.db")).await?;
    match Standing::of(directory, &mut db).await? {
        Standing::Ours => Ok(handovers(&mut db).await.map_err(database("read"))?.pop()),
        Standing::Moved(_) | Standing::Awaited => Ok(None),
    }
}

/// Notes in a restored log by whose key it is signed until its handover arrives.
pub async fn await_handover(directory: &Path, key: &str) -> Result<(), LedgerError> {
    let mut db = found(&directory.join("log.db"), true).await?;
    query("INSERT OR REPLACE INTO kernel_meta (name, value) VALUES ('awaited', ?)")
        .bind(key.as_bytes())
        .execute(&mut db)
        .await
        .map_err(database("write"))?;
    db.close().await.map_err(database("write"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed_over(position: Position, epoch: u32, key: &str, successor: &str) -> HandedOver {
        HandedOver {
            position,
            at: 1,
            epoch,
            key: key.into(),
            successor: successor.into(),
        }
    }

    #[test]
    fn a_key_signs_from_the_handover_to_it_up_to_its_own() {
        let succession = Succession {
            handovers: vec![handed_over(7, 2, "a", "b"), handed_over(9, 3, "b", "c")],
            last: "c".into(),
            own: "c".into(),
        };
        let keys = [7, 8, 9, 10].map(|size| succession.key_at(size));
        assert_eq!(keys, ["a", "b", "b", "c"]);
    }

    #[test]
    fn what_is_noted_is_read_again() {
        let one = handed_over(70_000, 2, "log+1+a", "log+2+b");
        assert_eq!(HandedOver::parse(&one.text()), Some(one));
        assert_eq!(HandedOver::parse("7\n1"), None);
    }
}
