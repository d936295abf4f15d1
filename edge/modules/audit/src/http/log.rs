//! The log as public tools read it (c2sp.org/tlog-tiles), for auditors. Hashes and entries are logged as looked at once per
//! sign-in and as far as the signed log reached then, not once per tile: a tool fetches thousands.

use crate::{Audit, AuditError};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use edge_kernel::SignedIn;
use edge_kernel::http::{Asker, PathOf, Problem};
use edge_kernel::ledger::Bundle;
use events::Position;
use events::audit::Looked;
use events::ids::SessionId;
use events_proof::note::Checkpoint;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Sign-ins remembered with how far they have looked; beyond it all are forgotten, and looks are logged anew.
const REMEMBERED: usize = 1024;
/// Hashes and entries in a whole tile.
const WHOLE: usize = 256;
/// Elements of a tile's path, three digits each: enough for 2⁵⁶ entries.
const LONGEST_PATH: usize = 6;
/// What was served once never changes; only the auditor's own browser may keep it.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// How far each sign-in has looked through this door.
#[derive(Default)]
pub(crate) struct Looks(Mutex<HashMap<SessionId, Position>>);

impl Looks {
    /// How far this sign-in has looked already.
    fn of(&self, session: SessionId) -> Position {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.get(&session).copied().unwrap_or_default()
    }

    fn note(&self, session: SessionId, to: Position) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= REMEMBERED {
            looks.clear();
        }
        let reached = looks.entry(session).or_default();
        *reached = to.max(*reached);
    }
}

/// The checkpoint itself names nobody, and every signed-in browser gets it: fetching it is no look.
pub(super) async fn checkpoint(
    State(audit): State<Audit>,
    Asker(asker): Asker,
) -> Result<Response, Problem> {
    audit.admit(asker)?;
    let note = audit.shown_checkpoint().await?;
    let note = note.ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, note).into_response())
}

pub(super) async fn tile(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    PathOf((level, index)): PathOf<(String, String)>,
) -> Result<Response, Problem> {
    audit.admit(asker)?;
    let level = number(&level, 63).ok_or_else(Problem::not_found)?;
    let level = u32::try_from(level).unwrap_or(u32::MAX);
    let (index, width) = place(&index).ok_or_else(Problem::not_found)?;
    let tile = audit.kernel.ledger.tile(level, index, width).await?;
    let tile = tile.ok_or_else(Problem::not_found)?;
    let leaves = 1_u64.checked_shl(level * 8).unwrap_or(u64::MAX);
    look(&audit, asker, end(index, width).saturating_mul(leaves)).await?;
    Ok(bytes(tile))
}

pub(super) async fn entries(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    PathOf(index): PathOf<String>,
) -> Result<Response, Problem> {
    audit.admit(asker)?;
    let (index, width) = place(&index).ok_or_else(Problem::not_found)?;
    match audit.kernel.ledger.entries_bundle(index, width).await? {
        Bundle::Bytes(bundle) => {
            look(&audit, asker, end(index, width)).await?;
            Ok(bytes(bundle))
        }
        Bundle::NotYet => Err(Problem::not_found()),
        Bundle::Erased(position) => Err(AuditError::ErasedEntry(position).into()),
    }
}

fn bytes(content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, IMMUTABLE),
    ];
    (headers, content).into_response()
}

/// One past the last leaf, which is the last position.
fn end(index: u64, width: usize) -> Position {
    index
        .saturating_mul(WHOLE as u64)
        .saturating_add(width as u64)
}

/// Records what this sign-in is about to see beyond what is recorded of it, up to the end of the signed log.
async fn look(audit: &Audit, asker: SignedIn, to: Position) -> Result<(), AuditError> {
    let reached = audit.looks.of(asker.session);
    if to <= reached {
        return Ok(());
    }
    let shown = audit.shown_checkpoint().await?;
    let signed = shown.and_then(|note| Checkpoint::claimed(&note));
    let to = to.max(signed.map_or(0, |checkpoint| checkpoint.size));
    let looked = Looked::AtEntries {
        from: reached + 1,
        to,
    };
    audit.record(asker.person, looked).await?;
    audit.looks.note(asker.session, to);
    Ok(())
}

/// A decimal number without leading zeros, up to a bound.
fn number(text: &str, most: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    text.parse()
        .ok()
        .filter(|number| canonical && *number <= most)
}

/// Index and width of `x001/x234/067` or `x001/x234/067.p/112`.
fn place(path: &str) -> Option<(u64, usize)> {
    let (path, width) = match path.split_once(".p/") {
        Some((path, width)) => (path, number(width, 255).filter(|width| *width > 0)?),
        None => (path, WHOLE as u64),
    };
    let elements: Vec<&str> = path.split('/').collect();
    let (last, first) = elements.split_last()?;
    if elements.len() > LONGEST_PATH || first.first() == Some(&"x000") {
        return None;
    }
    let mut index = 0;
    for element in first
        .iter()
        .map(|element| element.strip_prefix('x'))
        .chain([Some(*last)])
    {
        let digits = element.filter(|digits| {
            digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
        })?;
        index = index * 1000 + digits.parse::<u64>().ok()?;
    }
    Some((index, usize::try_from(width).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_the_format_writes_them_and_in_no_other_way() {
        assert_eq!(place("x001/x234/067"), Some((1_234_067, 256)));
        assert_eq!(place("x001/x234/067.p/112"), Some((1_234_067, 112)));
        assert_eq!(place("000"), Some((0, 256)));
        assert_eq!(place("x001/000.p/1"), Some((1000, 1)));
        for wrong in [
            "",
            "0",
            "0000",
            "x000/001",
            "x001",
            "001/002",
            "000.p/0",
            "000.p/256",
            "000.p/01",
            "000.p/",
            "-01",
            "+01",
            "x001/x234/x067",
            "x001//067",
            "x001/x000/x000/x000/x000/x000/000",
        ] {
            assert_eq!(place(wrong), None, "{wrong:?}");
        }
        assert_eq!(number("63", 63), Some(63));
        assert_eq!(number("64", 63), None);
        assert_eq!(number("00", 63), None);
    }

    #[test]
    fn a_sign_in_is_remembered_up_to_where_it_has_looked() {
        let looks = Looks::default();
        let session = SessionId(uuid::Uuid::from_u128(1));
        looks.note(session, 7);
        looks.note(session, 3);
        assert_eq!(looks.of(session), 7);
        assert_eq!(looks.of(SessionId(uuid::Uuid::from_u128(2))), 0);
    }
}
