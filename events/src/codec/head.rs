//! The heads of CBOR items (RFC 8949, section 3): three bits of major type, and an argument in as few bytes as it needs.

use super::Error;

pub(super) const UNSIGNED: u8 = 0;
pub(super) const NEGATIVE: u8 = 1;
pub(super) const BYTES: u8 = 2;
pub(super) const TEXT: u8 = 3;
pub(super) const ARRAY: u8 = 4;
pub(super) const MAP: u8 = 5;

pub(super) const FALSE: u8 = 0xf4;
pub(super) const TRUE: u8 = 0xf5;
/// Nothing: an option without a value; after a part's value, padding.
pub(super) const NULL: u8 = 0xf6;
/// In a structure, the place of a personal value; in the list of those, one that was forgotten before it was written.
pub(super) const UNDEFINED: u8 = 0xf7;

/// Appends a head.
pub(super) fn put(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..24 => out.push(major | bytes[7]),
        24..0x100 => out.extend([major | 24, bytes[7]]),
        0x100..0x1_0000 => out.extend([major | 25, bytes[6], bytes[7]]),
        0x1_0000..0x1_0000_0000 => {
            out.push(major | 26);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&bytes);
        }
    }
}

/// Takes a head of the expected major type and gives its argument. Heads that are longer than they need be are refused, so
/// that a value has one form only.
#[inline]
pub(super) fn take(rest: &mut &[u8], major: u8) -> Result<u64, Error> {
    let (first, after) = rest.split_first().ok_or(CUT)?;
    if first >> 5 != major {
        return Err(Error::new("an item has the wrong type"));
    }
    let small = first & 31;
    if small < 24 {
        *rest = after;
        return Ok(u64::from(small));
    }
    long(rest, after, small)
}

pub(super) const CUT: Error = Error::new("the bytes end within an item");

fn long<'a>(rest: &mut &'a [u8], after: &'a [u8], small: u8) -> Result<u64, Error> {
    let (argument, least, after) = match small {
        24 => {
            let ([byte], after) = after.split_first_chunk().ok_or(CUT)?;
            (u64::from(*byte), 24, after)
        }
        25 => {
            let (bytes, after) = after.split_first_chunk().ok_or(CUT)?;
            (u64::from(u16::from_be_bytes(*bytes)), 0x100, after)
        }
        26 => {
            let (bytes, after) = after.split_first_chunk().ok_or(CUT)?;
            (u64::from(u32::from_be_bytes(*bytes)), 0x1_0000, after)
        }
        27 => {
            let (bytes, after) = after.split_first_chunk().ok_or(CUT)?;
            (u64::from_be_bytes(*bytes), 0x1_0000_0000, after)
        }
        _ => return Err(Error::new("an item has no definite length")),
    };
    if argument < least {
        return Err(Error::new("a number is written longer than it need be"));
    }
    *rest = after;
    Ok(argument)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heads_are_those_of_the_standard() {
        // RFC 8949, appendix A.
        for (argument, hex) in [
            (0, "00"),
            (23, "17"),
            (24, "1818"),
            (100, "1864"),
            (1000, "1903e8"),
            (1_000_000, "1a000f4240"),
            (1_000_000_000_000, "1b000000e8d4a51000"),
            (u64::MAX, "1bffffffffffffffff"),
        ] {
            let mut out = Vec::new();
            put(&mut out, UNSIGNED, argument);
            let written: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(written, hex);
        }
    }

    proptest! {
        #[test]
        fn a_head_that_is_read_is_written_alike(bytes in prop::collection::vec(any::<u8>(), 1..12)) {
            let mut rest = bytes.as_slice();
            let major = bytes[0] >> 5;
            if let Ok(argument) = take(&mut rest, major) {
                let mut out = Vec::new();
                put(&mut out, major, argument);
                prop_assert_eq!(out.as_slice(), &bytes[..bytes.len() - rest.len()]);
            }
        }
    }
}
