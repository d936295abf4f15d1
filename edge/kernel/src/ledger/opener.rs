//! Opening sealed entries, one after the other: the way back from `seal.rs`. A replay does little else, so a part is opened
//! where it lies, and the keyring's lock is taken once per key and not once per part.

use super::entry::{Entry, Head, PUBLIC};
use super::rows::Stored;
use super::seal::{associated, nonce};
use super::segment::{self, Piece, Short};
use crate::Recorded;
use crate::keyring::{Bucket, KeyId, Keyring};
use events::any::Unreadable;
use events::{AnyEvent, Codec};
use ring::aead::{Aad, Nonce};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

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

/// Opens entries with the keys that it has met, and the keyring's for those it has not. It is for one reading: as long as it
/// lives it also opens what has been forgotten meanwhile.
pub struct Opener {
    keyring: Arc<Keyring>,
    met: HashMap<KeyId, Option<Arc<Bucket>>, BuildHasherDefault<ByItself>>,
    copy: Vec<u8>,
}

impl Opener {
    /// An opener that has met no key yet.
    #[must_use]
    pub fn new(keyring: &Arc<Keyring>) -> Self {
        Self {
            keyring: Arc::clone(keyring),
            met: HashMap::default(),
            copy: Vec::new(),
        }
    }

    /// Opens a stored row.
    pub fn open_row(&mut self, row: &Stored) -> Result<Recorded, OpenError> {
        let position = row.position;
        let tampered = OpenError::Tampered { position };
        match (row.entry.as_deref().map(Entry::decode), &row.body) {
            (Some(Ok(entry)), Some(body)) => self.open(&entry, body),
            _ => Err(tampered),
        }
    }

    /// Opens a body that is still needed as it is.
    pub fn open(&mut self, entry: &Entry, body: &[u8]) -> Result<Recorded, OpenError> {
        self.copied(body, |opener, body| opener.open_in_place(entry, body))
    }

    /// Opens an event of a segment; none when it was erased, whole or in its body.
    pub fn open_piece(&mut self, piece: &Piece<'_>) -> Result<Option<Recorded>, OpenError> {
        let tampered = OpenError::Tampered {
            position: piece.position,
        };
        let Some(body) = piece.body else {
            return Ok(None);
        };
        match piece.head {
            segment::Head::Erased(_) => Ok(None),
            segment::Head::Entry(entry) => match Entry::decode(entry) {
                Ok(entry) => self.open(&entry, body).map(Some),
                Err(_) => Err(tampered),
            },
            segment::Head::Short(bytes) => {
                let short = Short::cut(bytes, body.len());
                let read = short.as_ref().and_then(|short| short.read(piece.position));
                let (head, parts) = read.ok_or(tampered)?;
                self.copied(body, |opener, body| opener.open_parts(&head, parts, body))
                    .map(Some)
            }
        }
    }

    fn copied<T>(&mut self, body: &[u8], open: impl FnOnce(&mut Self, &mut [u8]) -> T) -> T {
        let mut copy = std::mem::take(&mut self.copy);
        copy.clear();
        copy.extend_from_slice(body);
        let opened = open(self, &mut copy);
        self.copy = copy;
        opened
    }

    /// Opens a body where it lies; afterwards its bytes are of no more use. A destroyed key of the personal part leaves the
    /// event with its personal values forgotten.
    pub fn open_in_place(&mut self, entry: &Entry, body: &mut [u8]) -> Result<Recorded, OpenError> {
        let parts = entry.parts.iter().map(|part| (part.key, part.length));
        self.open_parts(&entry.head(), parts, body)
    }

    fn open_parts(
        &mut self,
        head: &Head,
        parts: impl Iterator<Item = (KeyId, u32)> + Clone,
        body: &mut [u8],
    ) -> Result<Recorded, OpenError> {
        let position = head.position;
        let unreadable = |source| OpenError::Unreadable { position, source };
        let codec = Codec::from_number(head.codec).ok_or_else(|| {
            unreadable(Unreadable::Unknown {
                kind: head.kind,
                schema: head.schema,
            })
        })?;
        let [structure, personal] = self
            .plain(head, parts.clone(), body)
            .ok_or(OpenError::Tampered { position })?;
        let structure = structure.ok_or(OpenError::NoKey { position })?;
        let event = AnyEvent::decode(codec, head.kind, head.schema, structure, personal)
            .map_err(unreadable)?;
        // Only what says nothing about anybody may lie there unsealed.
        if parts.into_iter().any(|(key, _)| key == PUBLIC) && !event.is_public() {
            return Err(OpenError::Tampered { position });
        }
        Ok(Recorded {
            position,
            at: head.at,
            stream: head.stream,
            version: head.version,
            actor: head.actor,
            event,
        })
    }

    /// Structure and personal part, as far as their keys exist. None when one does not open under its key, or when the lengths
    /// do not add up.
    fn plain<'a>(
        &mut self,
        head: &Head,
        parts: impl Iterator<Item = (KeyId, u32)>,
        body: &'a mut [u8],
    ) -> Option<[Option<&'a [u8]>; 2]> {
        let mut plain = [None, None];
        let mut rest = body;
        for (number, (key, length)) in (0_u8..).zip(parts) {
            // An erasure of the second depth leaves the structure alone.
            if number == 1 && rest.is_empty() {
                break;
            }
            let length = usize::try_from(length).ok()?;
            let (bytes, after) = rest.split_at_mut_checked(length)?;
            rest = after;
            if key == PUBLIC {
                *plain.get_mut(usize::from(number))? = Some(&*bytes);
                continue;
            }
            let (Some(bucket), Some(slot)) =
                (self.bucket(&key), plain.get_mut(usize::from(number)))
            else {
                continue;
            };
            let aad = associated(
                head.event,
                head.stream,
                head.kind,
                head.schema,
                number,
                &key,
            );
            let nonce = Nonce::assume_unique_for_key(nonce(head.event, number));
            let opened = bucket
                .key
                .open_in_place(nonce, Aad::from(aad), bytes)
                .ok()?;
            *slot = Some(&*opened);
        }
        rest.is_empty().then_some(plain)
    }

    fn bucket(&mut self, id: &KeyId) -> Option<&Bucket> {
        let Self { keyring, met, .. } = self;
        met.entry(*id)
            .or_insert_with(|| keyring.by_id(id))
            .as_deref()
    }
}

/// Hashes a key's id by taking its beginning: it is the beginning of a SHA-256 already.
#[derive(Default)]
struct ByItself(u64);

impl Hasher for ByItself {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(beginning) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*beginning);
        }
    }

    /// The length of an id says nothing: it is always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Actor;
    use crate::keyring::{BucketName, Keyring};
    use crate::ledger::entry::{CODEC_CBOR, CODEC_JSON, Part};
    use crate::ledger::seal::seal_all;
    use events::ids::{EventId, MessageId, PersonId, Pseudonym, RoomId, StreamId};
    use events::messenger::MessengerEvent;
    use events::{Kind, Owner, Personal, Term};
    use uuid::Uuid;

    const AUTHOR: PersonId = PersonId(Uuid::from_u128(4));

    fn message() -> AnyEvent {
        AnyEvent::Messenger(MessengerEvent::MessageSent {
            room: RoomId(Uuid::from_u128(1)),
            number: 1,
            message: MessageId(Uuid::from_u128(3)),
            author: AUTHOR,
            text: Personal::new("Moin!".into()),
        })
    }

    fn entry(codec: u8, event: EventId, stream: StreamId, parts: Vec<Part>) -> Entry {
        Entry {
            coarse: false,
            codec,
            position: 9,
            at: 1,
            event,
            stream,
            version: 1,
            kind: Kind(301),
            schema: 1,
            actor: Pseudonym::MACHINE,
            cause: 0,
            parts,
        }
    }

    async fn sealed(keyring: &Arc<Keyring>) -> (Entry, Vec<u8>) {
        let staged = [(StreamId::SCHOOL, message())];
        let mut sealed = seal_all(keyring, 2026, Actor::Machine, &staged)
            .await
            .expect("seals");
        let sealed = sealed.pop().expect("one event");
        let entry = entry(CODEC_CBOR, sealed.event, sealed.stream, sealed.parts);
        (entry, sealed.body)
    }

    fn keyring(directory: &tempfile::TempDir) -> Arc<Keyring> {
        Arc::new(Keyring::open(directory.path()).expect("opens"))
    }

    #[tokio::test]
    async fn what_was_sealed_opens_and_a_body_that_is_still_needed_stays_sealed() {
        let directory = tempfile::tempdir().expect("a directory");
        let keyring = keyring(&directory);
        let (entry, mut body) = sealed(&keyring).await;
        let mut opener = Opener::new(&keyring);
        for _ in 0..2 {
            let opened = opener.open(&entry, &body).expect("opens");
            assert_eq!((opened.position, opened.event), (9, message()));
        }
        let opened = opener.open_in_place(&entry, &mut body).expect("opens");
        assert_eq!(opened.event, message());
        let again = opener.open(&entry, &body);
        assert!(matches!(again, Err(OpenError::Tampered { position: 9 })));
    }

    #[tokio::test]
    async fn a_key_that_is_gone_forgets_what_is_personal_and_misses_what_is_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let keyring = keyring(&directory);
        let (mut entry, body) = sealed(&keyring).await;
        entry.parts[1].key = [1; 16];
        let mut opener = Opener::new(&keyring);
        let opened = opener.open(&entry, &body).expect("opens");
        let AnyEvent::Messenger(MessengerEvent::MessageSent { text, author, .. }) = opened.event
        else {
            panic!("it is another event");
        };
        assert_eq!((text, author), (Personal::forgotten(), AUTHOR));
        entry.parts[0].key = [1; 16];
        let missing = opener.open(&entry, &body);
        assert!(matches!(missing, Err(OpenError::NoKey { position: 9 })));
    }

    #[tokio::test]
    async fn a_body_with_a_byte_too_many_or_too_few_is_tampered_with() {
        let directory = tempfile::tempdir().expect("a directory");
        let keyring = keyring(&directory);
        let (entry, body) = sealed(&keyring).await;
        let mut opener = Opener::new(&keyring);
        for length in [0, 1, body.len() - 1, body.len() + 1] {
            let mut changed = body.clone();
            changed.resize(length, 0);
            let opened = opener.open(&entry, &changed);
            assert!(matches!(opened, Err(OpenError::Tampered { position: 9 })));
        }
    }

    #[tokio::test]
    async fn an_entry_of_the_first_codec_still_opens_and_one_of_a_later_codec_says_so() {
        let directory = tempfile::tempdir().expect("a directory");
        let keyring = keyring(&directory);
        let names = [Owner::School, Owner::Person(AUTHOR)]
            .map(|owner| BucketName::of(owner, Term::Yearly, "messenger", 2026));
        let buckets = keyring.buckets(&names).await.expect("mints");
        let texts = [
            r#"{"MessageSent":{"room":"00000000-0000-0000-0000-000000000001","number":1,"message":"00000000-0000-0000-0000-000000000003","author":"00000000-0000-0000-0000-000000000004","text":null}}   "#,
            r#"["Moin!"]       "#,
        ];
        let (event, stream) = (EventId(Uuid::from_u128(7)), StreamId::SCHOOL);
        let (mut parts, mut body) = (Vec::new(), Vec::new());
        for ((number, text), bucket) in (0..).zip(texts).zip(&buckets) {
            let mut bytes = text.as_bytes().to_vec();
            let aad = associated(event, stream, Kind(301), 1, number, &bucket.id);
            let nonce = Nonce::assume_unique_for_key(nonce(event, number));
            bucket
                .key
                .seal_in_place_append_tag(nonce, Aad::from(aad), &mut bytes)
                .expect("seals");
            parts.push(Part {
                key: bucket.id,
                length: bytes.len() as u32,
                hash: [0; 32],
            });
            body.extend(bytes);
        }
        let mut opener = Opener::new(&keyring);
        let old = entry(CODEC_JSON, event, stream, parts.clone());
        let opened = opener.open(&old, &body).expect("opens");
        assert_eq!(opened.event, message());
        let newer = opener.open(&entry(3, event, stream, parts), &body);
        assert!(matches!(
            newer,
            Err(OpenError::Unreadable { position: 9, .. })
        ));
    }
}
