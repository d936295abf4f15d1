//! A size as operators write it: `500 MiB`, `2 GiB`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The least and the most that a file may be limited to: a photograph, and what no school sends.
const BOUNDS: std::ops::RangeInclusive<u64> = (1 << 20)..=(1 << 40);

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(u64);

impl Size {
    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// The text is no size, or none that makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a size such as `500 MiB` or `2 GiB`, from 1 MiB to 1024 GiB")]
pub struct NotASize;

impl FromStr for Size {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, NotASize> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = text.strip_prefix(digits).unwrap_or_default().trim();
        let number: u64 = digits.parse().map_err(|_| NotASize)?;
        let factor = match unit {
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err(NotASize),
        };
        let bytes = number.checked_mul(factor).ok_or(NotASize)?;
        BOUNDS
            .contains(&bytes)
            .then_some(Self(bytes))
            .ok_or(NotASize)
    }
}

impl TryFrom<String> for Size {
    type Error = NotASize;

    fn try_from(text: String) -> Result<Self, NotASize> {
        text.parse()
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MiB", self.0 >> 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_operators_write_them() {
        for (text, bytes) in [
            ("500 MiB", 500 << 20),
            ("2GiB", 2 << 30),
            ("1 MiB", 1 << 20),
        ] {
            let size: Size = text.parse().expect("a size");
            assert_eq!(size.bytes(), bytes);
            assert_eq!(size.to_string().parse(), Ok(size));
        }
        for text in [
            "", "2", "GiB", "2 GB", "-1 GiB", "0 MiB", "2.5 GiB", "1025 GiB",
        ] {
            assert_eq!(text.parse::<Size>(), Err(NotASize), "{text}");
        }
    }
}
