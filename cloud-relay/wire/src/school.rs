//! The id of a school: the first label of its relay name and a token in NATS subjects, so its alphabet is small on purpose.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `[a-z0-9-]{2,32}`, not beginning or ending with a hyphen, not one of the names the relay keeps for itself.
/// Without `.`, `*`, `>` or `{` no id can widen a NATS permission that it is written into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SchoolId(String);

/// Why a text is no school id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchoolIdError {
    /// Too short or too long.
    #[error("a school id has 2 to 32 characters")]
    Length,
    /// A character outside the alphabet, or a hyphen where a host name must not have one.
    #[error(
        "a school id is made of a-z, 0-9 and -, and neither begins nor ends with - nor begins with xn--"
    )]
    Character,
    /// The relay serves this name itself.
    #[error("this name is reserved for the relay itself")]
    Reserved,
}

/// First labels that belong to the relay's own roles; a school of that name could pose as the relay.
const RESERVED: &[&str] = &[
    "link",
    "nats",
    "enrol",
    "enroll",
    "turn",
    "stun",
    "status",
    "relay",
    "metrics",
    "mx",
    "mail",
    "www",
    "api",
    "admin",
    "localhost",
];

impl SchoolId {
    /// Checks the rules above.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, SchoolIdError> {
        if !(2..=32).contains(&text.len()) {
            return Err(SchoolIdError::Length);
        }
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !text.bytes().all(allowed)
            || text.starts_with('-')
            || text.ends_with('-')
            || text.starts_with("xn--")
        {
            return Err(SchoolIdError::Character);
        }
        if RESERVED.contains(&text) {
            return Err(SchoolIdError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SchoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SchoolId {
    type Error = SchoolIdError;
    fn try_from(text: String) -> Result<Self, SchoolIdError> {
        Self::parse(&text)
    }
}

impl From<SchoolId> for String {
    fn from(id: SchoolId) -> Self {
        id.0
    }
}
