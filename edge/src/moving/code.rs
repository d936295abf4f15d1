//! The code by which two machines find each other: where the new one listens, and a secret from which both make their keys for TLS. It
//! is typed or pasted by a person, so that its last four characters tell a typing error before anybody is asked.

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use std::str::FromStr;

/// Crockford's letters: none that are mistaken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of the secret, five bits each, and of what tells typing errors.
const SECRET: usize = 26;
const CHECK: usize = 4;
/// No address is longer: a host name and a port.
const LONGEST_ADDRESS: usize = 262;

/// A code.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// Where the new machine listens: host and port.
    pub address: String,
    /// Whoever has it is one of the two machines.
    pub(super) secret: [u8; 16],
}

/// A code was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It has not the form.
    #[error(
        "a code is an address, a slash, and six groups of five letters and digits, as `schulhof move --receive` prints it on the new machine"
    )]
    Form,
    /// It has the form, but a letter is another.
    #[error(
        "there is a typing error in the code, or a part of it is missing; compare it with what the new machine shows"
    )]
    Mistyped,
}

impl Code {
    /// A new code for an address.
    pub(super) fn new(address: String) -> anyhow::Result<Self> {
        let mut secret = [0; 16];
        let drawn = SystemRandom::new().fill(&mut secret);
        drawn.map_err(|_| anyhow::anyhow!("the system has no randomness for a code"))?;
        Ok(Self { address, secret })
    }

    fn check(&self) -> String {
        let text = [self.address.to_lowercase().as_bytes(), &[0], &self.secret].concat();
        letters(digest(&SHA256, &text).as_ref(), CHECK)
    }
}

/// The first letters that bits make.
fn letters(bytes: &[u8], count: usize) -> String {
    let bit = |at: usize| {
        bytes
            .get(at / 8)
            .is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1)
    };
    let letter = |at: usize| {
        let value = (0..5).fold(0, |value, within| {
            value << 1 | usize::from(bit(at * 5 + within))
        });
        char::from(LETTERS[value])
    };
    (0..count).map(letter).collect()
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = letters(&self.secret, SECRET) + &self.check();
        write!(f, "{}/", self.address)?;
        for (at, letter) in text.chars().enumerate() {
            let dash = if at > 0 && at % 5 == 0 { "-" } else { "" };
            write!(f, "{dash}{letter}")?;
        }
        Ok(())
    }
}

/// The secret is not for logs.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({}/…)", self.address)
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let (address, rest) = text.trim().rsplit_once('/').ok_or(CodeError::Form)?;
        let has_port = address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !has_port || address.len() > LONGEST_ADDRESS {
            return Err(CodeError::Form);
        }
        let mut bits = Vec::new();
        let mut count = 0;
        for letter in rest
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
        {
            let plain = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = LETTERS.iter().position(|known| char::from(*known) == plain);
            let value = value.ok_or(CodeError::Form)?;
            count += 1;
            if count <= SECRET {
                bits.extend((0..5).rev().map(|at| value >> at & 1 == 1));
            }
        }
        let mut secret = [0; 16];
        for (byte, bits) in secret.iter_mut().zip(bits.chunks(8)) {
            *byte = bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        }
        let code = Self {
            address: address.to_owned(),
            secret,
        };
        let given: String = code
            .to_string()
            .chars()
            .rev()
            .filter(char::is_ascii_alphanumeric)
            .take(CHECK)
            .collect();
        let typed: Vec<char> = rest
            .to_ascii_uppercase()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let typed = typed.iter().rev().take(CHECK).map(|letter| match letter {
            'O' => '0',
            'I' | 'L' => '1',
            other => *other,
        });
        match count == SECRET + CHECK && given == typed.collect::<String>() {
            true => Ok(code),
            false => Err(CodeError::Mistyped),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_printed_and_as_people_type_it() {
        for address in [
            "192.168.1.20:8446",
            "[fd00::7]:1",
            "neu.schule.example:8446",
        ] {
            let code = Code::new(address.to_owned()).expect("drawn");
            let text = code.to_string();
            assert_eq!(text.parse(), Ok(code.clone()));
            assert_eq!(
                text.to_lowercase()
                    .replace('-', " ")
                    .replace('0', "o")
                    .replace(&address.replace('0', "o"), address)
                    .parse(),
                Ok(code),
                "{text}"
            );
        }
    }

    #[test]
    fn every_typing_error_of_one_letter_is_told() {
        let code = Code::new("10.0.0.1:8446".to_owned()).expect("drawn");
        let text = code.to_string();
        let start = text.find('/').expect("is there") + 1;
        for at in start..text.len() {
            for letter in LETTERS {
                let mut typed = text.clone().into_bytes();
                if typed[at] == b'-' || typed[at] == *letter {
                    continue;
                }
                typed[at] = *letter;
                let typed = String::from_utf8(typed).expect("ASCII");
                // The last letter of the secret holds two bits that say nothing.
                let is_same = typed.parse::<Code>() == Ok(code.clone());
                assert!(
                    is_same || typed.parse::<Code>() == Err(CodeError::Mistyped),
                    "{typed}"
                );
            }
        }
        let mut cut = text.clone();
        cut.pop();
        assert_eq!(cut.parse::<Code>(), Err(CodeError::Mistyped));
        assert_eq!(
            text.replacen("10.0.0.1", "10.0.0.7", 1).parse::<Code>(),
            Err(CodeError::Mistyped)
        );
        for wrong in [
            "",
            "10.0.0.1",
            "10.0.0.1/ABC",
            "10.0.0.1:x/ABCDE",
            "10.0.0.1:1/!",
        ] {
            assert_eq!(wrong.parse::<Code>(), Err(CodeError::Form), "{wrong}");
        }
    }
}
