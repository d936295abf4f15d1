//! Sealing an event before it is appended, on the task that asks; `opener.rs` is the way back.
//!
//! AES-256-GCM; the nonce is the first eleven bytes of the event's random id and the part's number, so it costs no
//! space and never repeats under a key; the associated data ties a part to its event, stream, type and key.

use super::entry::{PUBLIC, Part};
use crate::Actor;
use crate::keyring::{Bucket, BucketName, KeyId, Keyring, KeyringError};
use events::ids::{EventId, Pseudonym, StreamId};
use events::{AnyEvent, Kind, Owner, Term, codec};
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
    #[error("cannot write an event for the log")]
    Encode(#[from] codec::Error),
    /// The cipher refused.
    #[error("the cipher refused to seal an event")]
    Cipher,
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

pub(super) fn nonce(event: EventId, part: u8) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..11].copy_from_slice(&event.0.as_bytes()[..11]);
    nonce[11] = part;
    nonce
}

pub(super) fn associated(
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
