//! Padding of parts, so that the length of a ciphertext tells little about a name or a message.
//!
//! A part is a CBOR sequence (RFC 8742): its value, and then nulls up to a Padmé length (PURBs, Nikitin et al. 2019) of at
//! least sixteen bytes: at most 12 % more, and the length of n bytes has O(log log n) bits left to tell.

use super::Error;
use super::head::NULL;

/// The shortest part.
const LEAST: usize = 16;

/// The length to which so many bytes are padded.
const fn padded(length: usize) -> usize {
    if length <= LEAST {
        return LEAST;
    }
    let exponent = length.ilog2();
    let mantissa = exponent.ilog2() + 1;
    let mask = (1 << exponent.saturating_sub(mantissa)) - 1;
    (length + mask) & !mask
}

pub(super) fn pad(part: &mut Vec<u8>) {
    part.resize(padded(part.len()), NULL);
}

/// Whether what follows a part's value is its padding and nothing else.
pub(super) fn check(part: &[u8], rest: &[u8]) -> Result<(), Error> {
    let length = part.len() - rest.len();
    if part.len() == padded(length) && rest.iter().all(|byte| *byte == NULL) {
        Ok(())
    } else {
        Err(Error::new("a part's value is not followed by its padding"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_bounded_and_what_was_padded_needs_no_more() {
        for length in 0..5000 {
            let padded_length = padded(length);
            assert!(
                padded_length >= length && (length < 16 || padded_length * 100 <= length * 112),
                "{length}"
            );
            assert_eq!(padded(padded_length), padded_length);
        }
    }
}
