//! Requests to add a checkpoint, signed notes and verifier keys (c2sp.org/tlog-witness, signed-note, tlog-checkpoint), read strictly.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use ring::signature::{ED25519, UnparsedPublicKey};

use super::tree::Hash;

/// Hashes that a proof may have.
const LONGEST_PROOF: usize = 63;
/// Signature lines that are looked at.
const MOST_SIGNATURES: usize = 16;
/// The algorithm byte of a log's Ed25519 key.
const LOG: u8 = 1;

/// A log's verifier key, `name+hash+key`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogKey<'a> {
    /// The whole text.
    pub(crate) text: &'a str,
    /// The log's name, which is the first line of its checkpoints.
    pub(crate) name: &'a str,
    hash: [u8; 4],
    public: [u8; 32],
}

impl<'a> LogKey<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (hash, key) = rest.split_once('+')?;
        let key: [u8; 33] = STANDARD.decode(key).ok()?.try_into().ok()?;
        let (algorithm, public) = key.split_first()?;
        let public: [u8; 32] = public.try_into().ok()?;
        let expected = key_hash(name, LOG, &public);
        let written: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
        let good = *algorithm == LOG && hash == written && !name.is_empty();
        good.then_some(Self {
            text,
            name,
            hash: expected,
            public,
        })
    }
}

pub(super) fn key_hash(name: &str, algorithm: u8, public: &[u8; 32]) -> [u8; 4] {
    let mut context = Context::new(&SHA256);
    context.update(name.as_bytes());
    context.update(&[b'\n', algorithm]);
    context.update(public);
    let digest = context.finish();
    let mut hash = [0; 4];
    hash.copy_from_slice(&digest.as_ref()[..4]);
    hash
}

/// A checkpoint that somebody brings, not believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddCheckpoint<'a> {
    pub(super) old: u64,
    pub(super) proof: Vec<Hash>,
    /// What is signed: the note up to and with its last line end before the empty line.
    pub(super) text: &'a str,
    pub(super) origin: &'a str,
    pub(super) size: u64,
    pub(super) root: Hash,
    signatures: &'a str,
}

impl<'a> AddCheckpoint<'a> {
    pub(super) fn parse(body: &'a str) -> Option<Self> {
        let (head, note) = body.split_once("\n\n")?;
        let (first, proof) = head.split_once('\n').unwrap_or((head, ""));
        let old = number(first.strip_prefix("old ")?)?;
        let proof: Vec<Hash> = match proof {
            "" => Vec::new(),
            lines => lines.split('\n').map(hash).collect::<Option<_>>()?,
        };
        let end = note.find("\n\n")? + 1;
        let (text, signatures) = (note.get(..end)?, note.get(end + 1..)?);
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty())?;
        let size = number(lines.next()?)?;
        let root = hash(lines.next()?)?;
        (proof.len() <= LONGEST_PROOF).then_some(Self {
            old,
            proof,
            text,
            origin,
            size,
            root,
            signatures,
        })
    }

    pub(super) fn is_signed_by(&self, key: &LogKey<'_>) -> bool {
        let verifying = UnparsedPublicKey::new(&ED25519, key.public);
        let signature = |line: &str| {
            let line = line.strip_prefix("\u{2014} ")?.strip_prefix(key.name)?;
            let blob = STANDARD.decode(line.strip_prefix(' ')?).ok()?;
            let (hash, signature) = blob.split_at_checked(4)?;
            (hash == key.hash).then(|| signature.to_vec())
        };
        key.name == self.origin
            && self
                .signatures
                .lines()
                .take(MOST_SIGNATURES)
                .filter_map(signature)
                .any(|signature| verifying.verify(self.text.as_bytes(), &signature).is_ok())
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    // Beyond it there is no room in a signed 64-bit column, and no log.
    text.parse()
        .ok()
        .filter(|number| canonical && *number <= u64::MAX / 2)
}

fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_read() {
        let root = STANDARD.encode([7; 32]);
        let good = format!("old 0\n\nlog\n9\n{root}\n\n\u{2014} log AAAA\n");
        let asked = AddCheckpoint::parse(&good).expect("the form");
        assert_eq!((asked.origin, asked.size, asked.root), ("log", 9, [7; 32]));
        assert_eq!(asked.text, format!("log\n9\n{root}\n"));
        for (from, to) in [
            ("old 0", "old 00"),
            ("old 0", "old"),
            ("old 0\n\n", "old 0\n"),
            ("old 0\n", "old 0\nAAAA\n"),
            ("log\n9", "\n9"),
            ("\n9\n", "\n09\n"),
            ("\n9\n", "\n18446744073709551615\n"),
            (root.as_str(), "AAAA"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_eq!(AddCheckpoint::parse(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_key_of_another_kind_is_no_logs_key() {
        let public = [3; 32];
        let write = |algorithm: u8| {
            let hash = u32::from_be_bytes(key_hash("log", algorithm, &public));
            let key = [&[algorithm][..], &public].concat();
            format!("log+{hash:08x}+{}", STANDARD.encode(key))
        };
        assert!(LogKey::parse(&write(1)).is_some());
        assert!(LogKey::parse(&write(4)).is_none());
        assert!(LogKey::parse(&write(1).replacen("log", "hog", 1)).is_none());
    }
}
