//! SHA-256 of very many short messages: several at once in one core, which takes half the time of one after another, because a
//! single message's rounds wait for one another. The crate that does it chooses by processor, so it is compared with the plain
//! hasher on the machine it runs on before anybody believes it. It could not make a wrong log right in any case: what it gives is
//! compared with roots that another program has signed.

use crate::hash::{self, Hash};
use std::sync::OnceLock;
use tape_sha256::{Message, hash_messages};

/// Bytes that SHA-256 takes in one step.
const STEP: usize = 64;
/// Messages of so many steps and more share a group.
const GROUPS: usize = 32;

/// The hashes of messages as they are.
pub(crate) fn plain(messages: &[&[u8]]) -> Vec<Hash> {
    grouped(&messages.iter().copied().map(cut).collect::<Vec<_>>())
}

/// A message cut where a step ends, so that all but its last step is read where it lies. What is before it is nothing, but must have
/// an address that can be read: comparing nothing at no address costs the processor as much as hashing.
fn cut(message: &[u8]) -> Message<'_> {
    let (body, tail) = message.split_at(message.len() / STEP * STEP);
    Message::pair(&message[..0], body, tail)
}

/// The hashes of entries: `SHA-256(0x00 || entry)`.
pub(crate) fn leaves(entries: &[&[u8]]) -> Vec<Hash> {
    let messages = entries.iter().map(|entry| Message::prefixed(&[0], entry));
    grouped(&messages.collect::<Vec<_>>())
}

/// The hashes of halves that lie side by side: `SHA-256(0x01 || left || right)`.
pub(crate) fn nodes(halves: &[Hash]) -> Vec<Hash> {
    let pairs = halves.as_chunks::<2>().0.iter();
    let messages = pairs.map(|[left, right]| Message::pair(&[1], left, right));
    let messages: Vec<_> = messages.collect();
    let mut hashes = vec![Hash::default(); messages.len()];
    hash(&messages, &mut hashes);
    hashes
}

/// Hashes messages of one length in steps together: only those go through at once.
fn grouped(messages: &[Message<'_>]) -> Vec<Hash> {
    let group = |message: &Message<'_>| {
        let length = message.prefix.len() + message.body.len() + message.tail.len();
        ((length + 9).div_ceil(STEP)).min(GROUPS) - 1
    };
    let mut next = [0_usize; GROUPS];
    for message in messages {
        next[group(message)] += 1;
    }
    let mut before = 0;
    for place in &mut next {
        before += std::mem::replace(place, before);
    }
    let mut order = vec![0_usize; messages.len()];
    for (at, message) in messages.iter().enumerate() {
        let place = &mut next[group(message)];
        order[*place] = at;
        *place += 1;
    }
    let sorted: Vec<_> = order.iter().map(|at| messages[*at]).collect();
    let mut found = vec![Hash::default(); messages.len()];
    hash(&sorted, &mut found);
    let mut hashes = vec![Hash::default(); messages.len()];
    for (at, hash) in order.into_iter().zip(found) {
        hashes[at] = hash;
    }
    hashes
}

fn hash(messages: &[Message<'_>], into: &mut [Hash]) {
    static AGREES: OnceLock<bool> = OnceLock::new();
    if *AGREES.get_or_init(agrees) {
        hash_messages(messages, into);
    } else {
        one_by_one(messages, into);
    }
}

fn one_by_one(messages: &[Message<'_>], into: &mut [Hash]) {
    for (message, hash) in messages.iter().zip(into) {
        *hash = hash::joined([message.prefix, message.body, message.tail]);
    }
}

/// Whether both ways give the same for messages of all lengths that entries, parts and nodes have, in any neighbourhood.
fn agrees() -> bool {
    let bytes: Vec<u8> = (0..1100_u32).map(|at| (at * at / 7) as u8).collect();
    let messages: Vec<_> = (0..bytes.len())
        .flat_map(|length| {
            let kinds = [
                cut(&bytes[..length]),
                Message::prefixed(&[0], &bytes[..length]),
            ];
            // Some are alike in length and some are not.
            kinds.into_iter().cycle().take(2 + length % 9)
        })
        .collect();
    let mut many = vec![Hash::default(); messages.len()];
    let mut one = many.clone();
    hash_messages(&messages, &mut many);
    one_by_one(&messages, &mut one);
    many == one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_at_once_are_hashed_as_one_alone_is() {
        assert!(
            agrees(),
            "the crate does not hash as SHA-256 on this machine"
        );
        let bytes: Vec<u8> = (0..5000_u32).map(|number| (number * 7) as u8).collect();
        let messages: Vec<&[u8]> = (0..3000)
            .map(|at| &bytes[at..at + at * 31 % 2000])
            .collect();
        for (messages, hashes) in [
            (&messages[..], plain(&messages)),
            (&messages[..1], plain(&messages[..1])),
            (&[], plain(&[])),
        ] {
            let expected: Vec<Hash> = messages.iter().map(|one| hash::sha256(one)).collect();
            assert_eq!(hashes, expected);
        }
        let expected: Vec<Hash> = messages.iter().map(|one| hash::leaf(one)).collect();
        let hashes = leaves(&messages);
        assert_eq!(hashes, expected);
        let pairs = hashes.as_chunks::<2>().0.iter();
        let expected: Vec<Hash> = pairs.map(|[left, right]| hash::node(left, right)).collect();
        assert_eq!(nodes(&hashes), expected);
    }
}
