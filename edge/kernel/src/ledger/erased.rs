//! What the log itself says may be missing: read from the events that say so, which need no key.

use super::entry::{Entry, PUBLIC};
use super::rows;
use crate::database::Connection;
use crate::keyring::KeyId;
use events::privacy::{Depth, PrivacyEvent, Span, covers};
use events::{AnyEvent, Codec, Position};
use events_proof::tree::from_hex;
use std::collections::HashSet;

/// One erasure, as the log says it.
#[derive(Clone, Debug)]
pub struct Said {
    /// Where.
    pub position: Position,
    /// What.
    pub event: PrivacyEvent,
}

/// Everything that erasures cover.
#[derive(Clone, Debug, Default)]
pub(crate) struct Erased {
    keys: HashSet<KeyId>,
    ciphertexts: Vec<Vec<Span>>,
    headers: Vec<Vec<Span>>,
}

impl Erased {
    pub(crate) async fn load(db: &mut Connection) -> sqlx::Result<Self> {
        let mut erased = Self::default();
        for said in said(db).await? {
            erased.add(said);
        }
        Ok(erased)
    }

    fn add(&mut self, said: Said) {
        let PrivacyEvent::ErasureExecuted {
            depth,
            keys,
            ciphertexts,
            headers,
            ..
        } = said.event
        else {
            return;
        };
        let ids = keys
            .iter()
            .filter_map(|key| KeyId::try_from(from_hex(key)?).ok());
        self.keys.extend(ids);
        // An erasure speaks of what was before it, and no span of one overlaps another.
        let sound = |spans: &[Span]| {
            let ordered = spans.windows(2).all(|pair| pair[0].1 < pair[1].0);
            let is_before = |span: &Span| span.0 <= span.1 && span.1 < said.position;
            ordered && spans.iter().all(is_before)
        };
        if depth >= Depth::Ciphertext && sound(&ciphertexts) {
            self.ciphertexts.push(ciphertexts);
        }
        if depth == Depth::Header && sound(&headers) {
            self.headers.push(headers);
        }
    }

    /// Whether a key may be missing.
    pub(crate) fn has_key(&self, key: &KeyId) -> bool {
        self.keys.contains(key)
    }

    /// Whether what was personal at a position may be missing.
    pub(crate) fn has_ciphertext(&self, position: Position) -> bool {
        self.ciphertexts.iter().any(|spans| covers(spans, position))
    }

    /// Whether the whole entry at a position may be missing.
    pub(crate) fn has_header(&self, position: Position) -> bool {
        self.headers.iter().any(|spans| covers(spans, position))
    }
}

/// Every erasure that the log says, in order. An event that cannot be read says nothing: what it covered is then missing
/// without an erasure, and verification tells.
pub(crate) async fn said(db: &mut Connection) -> sqlx::Result<Vec<Said>> {
    let mut found = Vec::new();
    for position in rows::erasures(db).await? {
        let row = rows::after(db, position.saturating_sub(1), 1).await?;
        let event = row.first().filter(|row| row.position == position);
        let event = event.and_then(|row| read(&rows::entry(row)?, row.body.as_deref()?));
        found.extend(event.map(|event| Said { position, event }));
    }
    Ok(found)
}

/// The erasure that an event says, if it says one.
pub(super) fn read(entry: &Entry, body: &[u8]) -> Option<PrivacyEvent> {
    let parts = entry.cut(body)?;
    let (part, bytes) = entry.parts.first().zip(parts.first())?;
    if part.key != PUBLIC {
        return None;
    }
    let codec = Codec::from_number(entry.codec)?;
    match AnyEvent::decode(codec, entry.kind, entry.schema, bytes, None) {
        Ok(AnyEvent::Privacy(event @ PrivacyEvent::ErasureExecuted { .. })) => Some(event),
        Ok(_) | Err(_) => None,
    }
}
