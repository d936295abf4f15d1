//! One-time codes on letters: random bits in a form that a child can type from paper.
//!
//! 85 random bits as 17 characters of Crockford's alphabet and one check character, in groups: `7K2QWM-9RTX4B-0HJ8CZ`.
//! Random bytes and the keyed hash are the caller's; nothing here is stored, and the code itself never is.

use std::fmt;

/// Random bytes a code is made of; the last three bits are not used.
pub const RANDOM_BYTES: usize = 11;
/// Characters with random bits: 17 × 5 = 85 bits.
const DATA: usize = 17;
/// Characters in a printed group.
const GROUP: usize = 6;
/// Crockford's base 32: without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Sets the hash of a code apart from every other hash under the same key.
const HASH_LABEL: &[u8] = b"schulhof one-time code v1\0";

/// A code. It is a secret: it has no `Display`, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode([u8; DATA]);

/// Why typed text is no code. Says nothing about whether a code exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACode {
    /// Too few or too many characters.
    #[error("a code has {} characters", DATA + 1)]
    Length,
    /// A character that no code contains.
    #[error("a code has no such character")]
    Character,
    /// The check character does not fit: a character was mistyped or two were swapped.
    #[error("the code was mistyped")]
    Mistyped,
}

impl OneTimeCode {
    /// The code of these random bytes. They must come from a cryptographic source.
    #[must_use]
    pub fn from_random(bytes: [u8; RANDOM_BYTES]) -> Self {
        let bit = |at: usize| {
            bytes
                .get(at / 8)
                .map_or(0, |byte| (byte >> (7 - at % 8)) & 1)
        };
        Self(std::array::from_fn(|symbol| {
            (0..5).fold(0, |value, offset| (value << 1) | bit(symbol * 5 + offset))
        }))
    }

    /// Reads what a person typed: capitals, blanks and hyphens do not matter, and O is 0, I and L are 1.
    ///
    /// # Errors
    /// [`NotACode`] when it cannot be a code, so that a slip of the finger costs no attempt.
    pub fn parse(typed: &str) -> Result<Self, NotACode> {
        let mut symbols = [0; DATA + 1];
        let mut count = 0;
        for c in typed.chars().filter(|c| !is_filler(*c)) {
            *symbols.get_mut(count).ok_or(NotACode::Length)? =
                symbol(c).ok_or(NotACode::Character)?;
            count += 1;
        }
        let [data @ .., check_symbol] = symbols;
        if count != DATA + 1 {
            Err(NotACode::Length)
        } else if check(&data) != check_symbol {
            Err(NotACode::Mistyped)
        } else {
            Ok(Self(data))
        }
    }

    /// The form to print and to type.
    #[must_use]
    pub fn typed(&self) -> String {
        let symbols: Vec<u8> = self
            .0
            .iter()
            .copied()
            .chain([check(&self.0)])
            .map(character)
            .collect();
        symbols
            .chunks(GROUP)
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect::<Vec<_>>()
            .join("-")
    }

    /// What the keyed hash is made over. Two ways to type a code give the same bytes.
    #[must_use]
    pub fn hash_input(&self) -> Vec<u8> {
        [HASH_LABEL, &self.0].concat()
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

fn is_filler(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '_' | '.')
}

fn character(symbol: u8) -> u8 {
    ALPHABET.get(usize::from(symbol)).copied().unwrap_or(b'0')
}

fn symbol(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let at = ALPHABET
        .iter()
        .position(|letter| char::from(*letter) == c)?;
    u8::try_from(at).ok()
}

/// A weighted sum in the field of 32 elements. The weights are different powers of its generator, so one wrong
/// character and two swapped ones are always noticed.
fn check(data: &[u8; DATA]) -> u8 {
    data.iter()
        .fold(0, |sum, symbol| times_generator(sum ^ symbol))
}

/// Multiplication by x modulo x⁵ + x² + 1, which is primitive.
const fn times_generator(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 {
        doubled
    } else {
        (doubled ^ 0b10_0101) & 0b1_1111
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ALPHABET, NotACode, OneTimeCode, RANDOM_BYTES};

    #[test]
    fn a_code_is_printed_in_groups_of_six() {
        assert_eq!(
            OneTimeCode::from_random([0; RANDOM_BYTES]).typed(),
            "000000-000000-000000"
        );
        let all = OneTimeCode::from_random([0xff; RANDOM_BYTES]).typed();
        assert!(all.starts_with("ZZZZZZ-ZZZZZZ-ZZZZZ"), "{all}");
    }

    #[test]
    fn a_code_never_shows_itself_in_a_log() {
        assert_eq!(
            format!("{:?}", OneTimeCode::from_random([7; RANDOM_BYTES])),
            "OneTimeCode(…)"
        );
    }

    #[test]
    fn what_is_no_code_is_told_apart_from_a_slip() {
        assert_eq!(OneTimeCode::parse(""), Err(NotACode::Length));
        assert_eq!(OneTimeCode::parse(&"0".repeat(5000)), Err(NotACode::Length));
        assert_eq!(
            OneTimeCode::parse("00000U-000000-000000"),
            Err(NotACode::Character)
        );
        assert_eq!(
            OneTimeCode::parse("000001-000000-000000"),
            Err(NotACode::Mistyped)
        );
    }

    proptest! {
        #[test]
        fn a_typed_code_is_read_however_it_is_typed(random in any::<[u8; RANDOM_BYTES]>()) {
            let code = OneTimeCode::from_random(random);
            let typed = code.typed();
            let sloppy = format!("  {} ", typed.to_lowercase().replace('-', " – ").replace('0', "o").replace('1', "l"));
            prop_assert_eq!(OneTimeCode::parse(&typed), Ok(code.clone()));
            prop_assert_eq!(OneTimeCode::parse(&sloppy).map(|read| read.hash_input()), Ok(code.hash_input()));
        }

        #[test]
        fn one_wrong_character_is_noticed(random in any::<[u8; RANDOM_BYTES]>(), at in 0_usize..18, to in 0_usize..32) {
            let mut typed: Vec<u8> = OneTimeCode::from_random(random).typed().bytes().filter(|byte| *byte != b'-').collect();
            prop_assume!(typed[at] != ALPHABET[to]);
            typed[at] = ALPHABET[to];
            prop_assert_eq!(OneTimeCode::parse(&String::from_utf8_lossy(&typed)), Err(NotACode::Mistyped));
        }

        #[test]
        fn two_swapped_characters_are_noticed(random in any::<[u8; RANDOM_BYTES]>(), one in 0_usize..18, other in 0_usize..18) {
            let mut typed: Vec<u8> = OneTimeCode::from_random(random).typed().bytes().filter(|byte| *byte != b'-').collect();
            prop_assume!(typed[one] != typed[other]);
            typed.swap(one, other);
            prop_assert_eq!(OneTimeCode::parse(&String::from_utf8_lossy(&typed)), Err(NotACode::Mistyped));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
            drop(OneTimeCode::parse(&text));
        }
    }
}
