//! Sealing an event before it is appended, on the task that asks, and opening it when it is read.
//!
//! AES-256-GCM; the nonce is the first eleven bytes of the event's random id and the part's number, so it costs no
//! space and never repeats under a key; the associated data ties a part to its event, stream, type and key.

use super::entry::{CODEC_JSON, Entry, PUBLIC, Part};
use crate::keyring::{Bucket, BucketName, KeyId, Keyring, KeyringError};
use crate::{Actor, Recorded};
use events::any::Unreadable;
use events::ids::{EventId, Pseudonym, StreamId};
use events::{AnyEvent, Kind, Owner, Term};
use ring::aead::{Aad, Nonce};
use std::sync::Arc;
use uuid::Uuid;

/// An event sealed for the log; the writer adds position, version and time.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) event: EventId,
    pub(crate) stream: StreamId,
    pub(crate) kind: Kind,
    pub(crate) schema: u16,
    pub(crate) coarse: bool,
    pub(crate) actor: Pseudonym,
    pub(crate) parts: Vec<Part>,
    pub(crate) body: Vec<u8>,
}

/// An event could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Its key could not be had.
    #[error("cannot get the keys to seal an event")]
    Keyring(#[from] KeyringError),
    /// It could not be written as bytes.
    #[error("cannot write an event as JSON")]
    Encode(#[from] serde_json::Error),
    /// The cipher refused.
    #[error("the cipher refused to seal an event")]
    Cipher,
}

/// An event could not be read back.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The structure's key is gone, which no erasure does.
    #[error(
        "the key of position {position} is missing; restore the keys directory from its own backup"
    )]
    NoKey {
        /// Where.
        position: u64,
    },
    /// A part does not open under its key.
    #[error("position {position} does not open under its key; run `schulhof audit verify`")]
    Tampered {
        /// Where.
        position: u64,
    },
    /// The bytes mean nothing to this program.
    #[error("cannot read the event at position {position}")]
    Unreadable {
        /// Where.
        position: u64,
        /// Why.
        source: Unreadable,
    },
}

/// Seals events one after the other with the keys of one unit of work.
pub(crate) async fn seal_all(
    keyring: &Arc<Keyring>,
    year: u16,
    actor: Actor,
    staged: &[(StreamId, AnyEvent)],
) -> Result<Vec<Sealed>, SealError> {
    let mut names = Vec::with_capacity(staged.len() * 3);
    for (_, event) in staged {
        let module = event.module();
        let (owner, term) = event.owner();
        names.push(BucketName::of(Owner::School, Term::Yearly, module, year));
        names.push(BucketName::of(owner, term, module, year));
        names.push(match actor {
            Actor::Person(person) => {
                BucketName::of(Owner::Person(person), Term::Yearly, module, year)
            }
            Actor::Machine => BucketName::of(Owner::School, Term::Yearly, module, year),
        });
    }
    let buckets = keyring.buckets(&names).await?;
    staged
        .iter()
        .zip(buckets.chunks_exact(3))
        .map(|((stream, event), keys)| match keys {
            [structure, personal, acting] => {
                let pseudonym = match actor {
                    Actor::Person(_) => acting.pseudonym,
                    Actor::Machine => Pseudonym::MACHINE,
                };
                seal(*stream, event, pseudonym, structure, personal)
            }
            _ => Err(SealError::Cipher),
        })
        .collect()
}

fn seal(
    stream: StreamId,
    event: &AnyEvent,
    actor: Pseudonym,
    structure_key: &Bucket,
    personal_key: &Bucket,
) -> Result<Sealed, SealError> {
    let (structure, personal) = event.encode()?;
    let mut sealed = Sealed {
        event: EventId(Uuid::new_v4()),
        stream,
        kind: event.kind().0,
        schema: event.schema(),
        coarse: event.is_coarse(),
        actor,
        parts: Vec::with_capacity(2),
        body: Vec::new(),
    };
    let parts = [(Some(structure), structure_key), (personal, personal_key)];
    for (number, (plain, bucket)) in (0_u8..).zip(parts) {
        let Some(mut bytes) = plain else { continue };
        pad(&mut bytes);
        if event.is_public() {
            sealed.add(PUBLIC, bytes)?;
            continue;
        }
        let nonce = Nonce::assume_unique_for_key(nonce(sealed.event, number));
        let aad = Aad::from(associated(
            sealed.event,
            stream,
            sealed.kind,
            sealed.schema,
            number,
            &bucket.id,
        ));
        bucket
            .key
            .seal_in_place_append_tag(nonce, aad, &mut bytes)
            .map_err(|_| SealError::Cipher)?;
        sealed.add(bucket.id, bytes)?;
    }
    Ok(sealed)
}

impl Sealed {
    fn add(&mut self, key: KeyId, bytes: Vec<u8>) -> Result<(), SealError> {
        let mut hash = [0; 32];
        hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref());
        let length = u32::try_from(bytes.len()).map_err(|_| SealError::Cipher)?;
        self.parts.push(Part { key, length, hash });
        self.body.extend(bytes);
        Ok(())
    }
}

/// Opens an entry's body. A destroyed key of the personal part leaves the event with its personal values forgotten.
pub(crate) fn open(keyring: &Keyring, entry: &Entry, body: &[u8]) -> Result<Recorded, OpenError> {
    let position = entry.position;
    let parts = entry.cut(body).or_else(|| entry.cut_structure(body));
    let parts = parts.ok_or(OpenError::Tampered { position })?;
    let mut plain: [Option<Vec<u8>>; 2] = [None, None];
    for ((number, (part, bytes)), slot) in
        (0_u8..).zip(entry.parts.iter().zip(parts)).zip(&mut plain)
    {
        if part.key == PUBLIC {
            *slot = Some(bytes.to_vec());
            continue;
        }
        let Some(bucket) = keyring.by_id(&part.key) else {
            continue;
        };
        let mut bytes = bytes.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce(entry.event, number));
        let aad = Aad::from(associated(
            entry.event,
            entry.stream,
            entry.kind,
            entry.schema,
            number,
            &part.key,
        ));
        let length = bucket
            .key
            .open_in_place(nonce, aad, &mut bytes)
            .map_err(|_| OpenError::Tampered { position })?
            .len();
        bytes.truncate(length);
        *slot = Some(bytes);
    }
    let [structure, personal] = plain;
    let structure = structure.ok_or(OpenError::NoKey { position })?;
    if entry.codec != CODEC_JSON {
        let source = Unreadable::Unknown {
            kind: entry.kind,
            schema: entry.schema,
        };
        return Err(OpenError::Unreadable { position, source });
    }
    let event = AnyEvent::decode(entry.kind, entry.schema, &structure, personal.as_deref())
        .map_err(|source| OpenError::Unreadable { position, source })?;
    Ok(Recorded {
        position,
        at: entry.at,
        stream: entry.stream,
        version: entry.version,
        actor: entry.actor,
        event,
    })
}

fn nonce(event: EventId, part: u8) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..11].copy_from_slice(&event.0.as_bytes()[..11]);
    nonce[11] = part;
    nonce
}

fn associated(
    event: EventId,
    stream: StreamId,
    kind: Kind,
    schema: u16,
    part: u8,
    key: &KeyId,
) -> [u8; 53] {
    let mut bytes = [0; 53];
    bytes[..16].copy_from_slice(event.0.as_bytes());
    bytes[16..32].copy_from_slice(stream.0.as_bytes());
    bytes[32..34].copy_from_slice(&kind.0.to_le_bytes());
    bytes[34..36].copy_from_slice(&schema.to_le_bytes());
    bytes[36] = part;
    bytes[37..].copy_from_slice(key);
    bytes
}

/// Pads JSON with spaces to a Padmé length (PURBs, Nikitin et al. 2019): at most 12 % more, and lengths tell little.
fn pad(bytes: &mut Vec<u8>) {
    let length = bytes.len().max(16);
    let exponent = length.ilog2();
    let mantissa = exponent.ilog2() + 1;
    let mask = (1_usize << exponent.saturating_sub(mantissa)) - 1;
    bytes.resize((length + mask) & !mask, b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_bounded_and_still_json() {
        for length in 1..5000 {
            let mut bytes = vec![b'1'; length];
            pad(&mut bytes);
            assert!(
                bytes.len() >= length && (length < 16 || bytes.len() * 100 <= length * 112),
                "{length}"
            );
        }
    }
}
