//! One-time tokens for enrolment: 128 random bits that a person can read out, in seven groups of four letters.
//! The last twelve bits are a check, so that a slip of the pen is told from a wrong token before anything is sent.

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};

use crate::Hex;

/// Crockford's alphabet in lower case: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SYMBOLS: usize = 28;

/// A one-time token. Secret until used; `Display` gives the form for people, `Debug` gives nothing away.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 16]);

/// What both ends derive from a token. The relay keeps only these: the token does not follow from them.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHashes {
    /// Finds the token's row; the edge sends it.
    pub lookup: Hex<16>,
    /// Key with which each side proves that it knows the token; never sent.
    pub proof: Hex<32>,
}

/// The text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not an enrolment token: it has seven groups of four letters and digits, and one of them is mistyped"
)]
pub struct TokenError;

impl Token {
    /// A token of these 128 random bits.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Reads the form for people; case, hyphens and spaces do not matter, and o, i, l are taken for what they look like.
    ///
    /// # Errors
    /// When a symbol is foreign, the length is wrong or the check does not fit.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let mut bits = 0_u128;
        let mut check = 0_u16;
        let mut count = 0;
        for symbol in text
            .bytes()
            .filter(|byte| !matches!(byte, b'-' | b' ' | b'\n' | b'\r' | b'\t'))
        {
            let value = value_of(symbol).ok_or(TokenError)?;
            // 140 bits: the first 128 are the token (25 symbols and three bits of the 26th), the last 12 the check.
            match count {
                0..25 => bits = (bits << 5) | u128::from(value),
                25 => {
                    bits = (bits << 3) | u128::from(value >> 2);
                    check = u16::from(value & 3);
                }
                _ => check = check.checked_mul(32).ok_or(TokenError)? | u16::from(value),
            }
            count += 1;
            if count > SYMBOLS {
                return Err(TokenError);
            }
        }
        let token = Self(bits.to_be_bytes());
        if count == SYMBOLS && check == token.check() {
            Ok(token)
        } else {
            Err(TokenError)
        }
    }

    /// What the relay stores and both sides prove with.
    #[must_use]
    pub fn hashes(&self) -> TokenHashes {
        let root = Salt::new(HKDF_SHA256, b"schulhof-enrol/1").extract(&self.0);
        let derive = |purpose: &[u8], out: &mut [u8]| {
            let filled = root
                .expand(&[purpose], Length(out.len()))
                .and_then(|okm| okm.fill(out));
            assert!(
                filled.is_ok(),
                "HKDF-SHA256 yields a few dozen bytes for any input"
            );
        };
        let mut hashes = TokenHashes {
            lookup: Hex([0; 16]),
            proof: Hex([0; 32]),
        };
        derive(b"lookup", &mut hashes.lookup.0);
        derive(b"proof", &mut hashes.proof.0);
        hashes
    }

    fn check(&self) -> u16 {
        let hash = digest(&SHA256, &self.0);
        hash.as_ref()
            .iter()
            .take(2)
            .fold(0, |check, byte| (check << 8) | u16::from(*byte))
            >> 4
    }
}

impl FromStr for Token {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Self::parse(text)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::from_be_bytes(self.0);
        let check = self.check();
        for index in 0..SYMBOLS {
            let value = match index {
                0..25 => (bits >> (123 - 5 * index)) as usize & 31,
                25 => (bits as usize & 7) << 2 | usize::from(check >> 10),
                _ => usize::from(check >> (5 * (SYMBOLS - 1 - index))) & 31,
            };
            if index > 0 && index % 4 == 0 {
                f.write_str("-")?;
            }
            let symbol = ALPHABET.get(value).copied().unwrap_or_default();
            write!(f, "{}", char::from(symbol))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

fn value_of(symbol: u8) -> Option<u8> {
    let symbol = match symbol.to_ascii_lowercase() {
        b'o' => b'0',
        b'i' | b'l' => b'1',
        other => other,
    };
    ALPHABET
        .iter()
        .position(|letter| *letter == symbol)
        .and_then(|value| u8::try_from(value).ok())
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
