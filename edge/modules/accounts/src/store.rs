//! What accounts keep beside the log: hashes of passwords and codes, whose a login name is, session tokens, known devices,
//! failed attempts, sizes of imports. Reading here; writing goes through units of work, by the statements here.

use edge_kernel::Unit;
use edge_kernel::database::{Pool, Row, Value, query};
use events::Millis;
use events::ids::{ImportId, PersonId, SessionId};
use std::collections::HashSet;
use uuid::Uuid;

/// Devices remembered per person; the one used longest ago makes room.
const DEVICES: i64 = 20;

/// A 32-byte hash as it is stored.
pub(crate) type Hash = [u8; 32];

/// What signing in needs to know about a login name.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) person: PersonId,
    pub(crate) password: Option<String>,
    pub(crate) code: Option<Code>,
    /// Whether the person has signed in on this device before.
    pub(crate) known_device: bool,
}

/// A one-time code's keyed hash.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) hash: Vec<u8>,
    pub(crate) expires: Millis,
}

/// A session by its token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) person: PersonId,
    pub(crate) session: SessionId,
    /// The day of the last use.
    pub(crate) seen: Millis,
}

/// Failed attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failures {
    pub(crate) count: u32,
    pub(crate) last: Millis,
}

/// The reading side; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Store<'a>(pub(crate) &'a Pool);

fn id(row: &Row, column: usize) -> sqlx::Result<Uuid> {
    let bytes: &[u8] = row.try_get(column)?;
    Uuid::from_slice(bytes).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

fn millis(row: &Row, column: usize) -> sqlx::Result<Millis> {
    Ok(u64::try_from(row.try_get::<i64>(column)?).unwrap_or_default())
}

fn bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

impl Store<'_> {
    /// Everything about a login name in one read.
    pub(crate) async fn login(
        self,
        login: &[u8],
        device: Option<&Hash>,
    ) -> sqlx::Result<Option<Login>> {
        let sql = "SELECT l.person, p.hash, c.hash, c.expires, d.seen FROM accounts_login_kept l
            LEFT JOIN accounts_password_kept p ON p.person = l.person
            LEFT JOIN accounts_code_kept c ON c.person = l.person
            LEFT JOIN accounts_device_kept d ON d.person = l.person AND d.device = ?
            WHERE l.login = ? AND l.current = 1";
        let row = query(sql)
            .bind(device.map(Hash::as_slice))
            .bind(login)
            .fetch_optional(self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let code = match row.try_get::<Option<Vec<u8>>>(2)? {
            Some(hash) => Some(Code {
                hash,
                expires: millis(&row, 3)?,
            }),
            None => None,
        };
        Ok(Some(Login {
            person: PersonId(id(&row, 0)?),
            password: row.try_get(1)?,
            code,
            known_device: row.try_get::<Option<i64>>(4)?.is_some(),
        }))
    }

    /// Whose a login name is or was.
    pub(crate) async fn owner_of_login(self, login: &[u8]) -> sqlx::Result<Option<PersonId>> {
        let row = query("SELECT person FROM accounts_login_kept WHERE login = ?")
            .bind(login)
            .fetch_optional(self.0)
            .await?;
        row.map(|row| id(&row, 0).map(PersonId)).transpose()
    }

    /// The keyed hashes of all login names that are or were somebody's.
    pub(crate) async fn logins(self) -> sqlx::Result<HashSet<Vec<u8>>> {
        let rows = query("SELECT login FROM accounts_login_kept")
            .fetch_all(self.0)
            .await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Everybody who has or had a login name.
    pub(crate) async fn people(self) -> sqlx::Result<Vec<PersonId>> {
        let rows = query("SELECT DISTINCT person FROM accounts_login_kept")
            .fetch_all(self.0)
            .await?;
        rows.iter().map(|row| id(row, 0).map(PersonId)).collect()
    }

    /// How many rows are about a person.
    pub(crate) async fn rows_of(self, person: PersonId) -> sqlx::Result<u64> {
        let sql = "SELECT (SELECT count(*) FROM accounts_password_kept WHERE person = ?1)
            + (SELECT count(*) FROM accounts_code_kept WHERE person = ?1)
            + (SELECT count(*) FROM accounts_session_kept WHERE person = ?1)
            + (SELECT count(*) FROM accounts_device_kept WHERE person = ?1)
            + (SELECT count(*) FROM accounts_login_kept WHERE person = ?1)";
        let row = query(sql).bind(bytes(person.0)).fetch_one(self.0).await?;
        millis(&row, 0)
    }

    /// A person's password hash.
    pub(crate) async fn password(self, person: PersonId) -> sqlx::Result<Option<String>> {
        let row = query("SELECT hash FROM accounts_password_kept WHERE person = ?")
            .bind(bytes(person.0))
            .fetch_optional(self.0)
            .await?;
        row.map(|row| row.try_get(0)).transpose()
    }

    /// The session of a token's hash.
    pub(crate) async fn session(self, token: &Hash) -> sqlx::Result<Option<Session>> {
        let row = query("SELECT person, session, seen FROM accounts_session_kept WHERE token = ?")
            .bind(token.as_slice())
            .fetch_optional(self.0)
            .await?;
        row.as_ref().map(session).transpose()
    }

    /// Sessions last used before a day.
    pub(crate) async fn idle_sessions(
        self,
        before: Millis,
        limit: u32,
    ) -> sqlx::Result<Vec<Session>> {
        let rows =
            query("SELECT person, session, seen FROM accounts_session_kept WHERE seen < ? LIMIT ?")
                .bind(before)
                .bind(limit)
                .fetch_all(self.0)
                .await?;
        rows.iter().map(session).collect()
    }

    /// Failed attempts under a key.
    pub(crate) async fn failures(self, key: &Hash) -> sqlx::Result<Failures> {
        let row = query("SELECT failures, last FROM accounts_guess_kept WHERE key = ?")
            .bind(key.as_slice())
            .fetch_optional(self.0)
            .await?;
        let Some(row) = row else {
            return Ok(Failures::default());
        };
        Ok(Failures {
            count: u32::try_from(row.try_get::<i64>(0)?).unwrap_or(u32::MAX),
            last: millis(&row, 1)?,
        })
    }

    /// How many events an import's unit had.
    pub(crate) async fn import(self, import: ImportId) -> sqlx::Result<Option<u64>> {
        let row = query("SELECT events FROM accounts_import_kept WHERE import = ?")
            .bind(bytes(import.0))
            .fetch_optional(self.0)
            .await?;
        row.map(|row| millis(&row, 0)).transpose()
    }
}

fn session(row: &Row) -> sqlx::Result<Session> {
    Ok(Session {
        person: PersonId(id(row, 0)?),
        session: SessionId(id(row, 1)?),
        seen: millis(row, 2)?,
    })
}

/// A login name becomes a person's, and the only one they sign in by. Refused when it is or was somebody else's.
pub(crate) fn keep_login(unit: &mut Unit<'_>, login: Vec<u8>, person: PersonId) {
    unit.keep(
        "UPDATE accounts_login_kept SET current = 0 WHERE person = ?",
        [bytes(person.0).into()],
    );
    unit.keep_exactly(
        1,
        "INSERT INTO accounts_login_kept (login, person, current) VALUES (?, ?, 1)
            ON CONFLICT (login) DO UPDATE SET current = 1 WHERE accounts_login_kept.person = excluded.person",
        [login.into(), bytes(person.0).into()],
    );
}

pub(crate) fn keep_password(unit: &mut Unit<'_>, person: PersonId, hash: String, now: Millis) {
    unit.keep(
        "INSERT INTO accounts_password_kept (person, hash, changed) VALUES (?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed = excluded.changed",
        [bytes(person.0).into(), hash.into(), now.into()],
    );
}

/// Replaces a hash by one of the same password under newer parameters, unless the password was changed meanwhile.
pub(crate) fn keep_rehashed(unit: &mut Unit<'_>, person: PersonId, old: String, new: String) {
    unit.keep(
        "UPDATE accounts_password_kept SET hash = ? WHERE person = ? AND hash = ?",
        [new.into(), bytes(person.0).into(), old.into()],
    );
}

/// A person has one code at the most: a new one voids the old one.
pub(crate) fn keep_code(unit: &mut Unit<'_>, person: PersonId, hash: Vec<u8>, expires: Millis) {
    unit.keep(
        "INSERT INTO accounts_code_kept (person, hash, expires) VALUES (?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, expires = excluded.expires",
        [bytes(person.0).into(), hash.into(), expires.into()],
    );
}

/// Uses a code up; the whole unit is refused when it was used or replaced meanwhile.
pub(crate) fn use_code(unit: &mut Unit<'_>, person: PersonId, hash: Vec<u8>) {
    unit.keep_exactly(
        1,
        "DELETE FROM accounts_code_kept WHERE person = ? AND hash = ?",
        [bytes(person.0).into(), hash.into()],
    );
}

pub(crate) fn void_code(unit: &mut Unit<'_>, person: PersonId) {
    unit.keep(
        "DELETE FROM accounts_code_kept WHERE person = ?",
        [bytes(person.0).into()],
    );
}

pub(crate) fn keep_session(unit: &mut Unit<'_>, token: &Hash, session: Session) {
    unit.keep(
        "INSERT INTO accounts_session_kept (token, session, person, seen) VALUES (?, ?, ?, ?)",
        [
            token.to_vec().into(),
            bytes(session.session.0).into(),
            bytes(session.person.0).into(),
            session.seen.into(),
        ],
    );
}

pub(crate) fn touch_session(unit: &mut Unit<'_>, session: SessionId, seen: Millis) {
    unit.keep(
        "UPDATE accounts_session_kept SET seen = ? WHERE session = ?",
        [seen.into(), bytes(session.0).into()],
    );
}

/// Sessions whose last use was dated by a clock that ran ahead count from today: nobody may stay signed in until then.
pub(crate) fn age_sessions(unit: &mut Unit<'_>, today: Millis) {
    unit.keep(
        "UPDATE accounts_session_kept SET seen = ? WHERE seen > ?",
        [today.into(), today.into()],
    );
}

pub(crate) fn drop_session(unit: &mut Unit<'_>, session: SessionId) {
    unit.keep(
        "DELETE FROM accounts_session_kept WHERE session = ?",
        [bytes(session.0).into()],
    );
}

pub(crate) fn keep_device(unit: &mut Unit<'_>, person: PersonId, device: &Hash, seen: Millis) {
    let person = || Value::from(bytes(person.0));
    unit.keep(
        "INSERT INTO accounts_device_kept (person, device, seen) VALUES (?, ?, ?)
            ON CONFLICT (person, device) DO UPDATE SET seen = excluded.seen",
        [person(), device.to_vec().into(), seen.into()],
    );
    unit.keep(
        "DELETE FROM accounts_device_kept WHERE person = ? AND device NOT IN
            (SELECT device FROM accounts_device_kept WHERE person = ? ORDER BY seen DESC, device = ? DESC LIMIT ?)",
        [person(), person(), device.to_vec().into(), DEVICES.into()],
    );
}

/// Everything that opens an account: sessions, codes, known devices.
pub(crate) fn drop_ways_in(unit: &mut Unit<'_>, person: PersonId) {
    let person = || [Value::from(bytes(person.0))];
    unit.keep(
        "DELETE FROM accounts_session_kept WHERE person = ?",
        person(),
    );
    unit.keep("DELETE FROM accounts_code_kept WHERE person = ?", person());
    unit.keep(
        "DELETE FROM accounts_device_kept WHERE person = ?",
        person(),
    );
}

/// Everything that is kept about a person.
pub(crate) fn drop_everything(unit: &mut Unit<'_>, person: PersonId) {
    drop_ways_in(unit, person);
    let person = || [Value::from(bytes(person.0))];
    unit.keep(
        "DELETE FROM accounts_password_kept WHERE person = ?",
        person(),
    );
    unit.keep("DELETE FROM accounts_login_kept WHERE person = ?", person());
}

pub(crate) fn keep_failures(unit: &mut Unit<'_>, key: &Hash, failures: Failures) {
    unit.keep(
        "INSERT INTO accounts_guess_kept (key, failures, last) VALUES (?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last = excluded.last",
        [
            key.to_vec().into(),
            i64::from(failures.count).into(),
            failures.last.into(),
        ],
    );
}

pub(crate) fn drop_failures(unit: &mut Unit<'_>, key: &Hash) {
    unit.keep(
        "DELETE FROM accounts_guess_kept WHERE key = ?",
        [key.to_vec().into()],
    );
}

/// Failures older than their effect.
pub(crate) fn drop_old_failures(unit: &mut Unit<'_>, before: Millis) {
    unit.keep(
        "DELETE FROM accounts_guess_kept WHERE last < ?",
        [before.into()],
    );
}

pub(crate) fn keep_import(unit: &mut Unit<'_>, import: ImportId, events: u64) {
    unit.keep(
        "INSERT INTO accounts_import_kept (import, events) VALUES (?, ?)",
        [bytes(import.0).into(), events.into()],
    );
}
