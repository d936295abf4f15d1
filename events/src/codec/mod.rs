//! How an event is written in the log: as two parts, its structure and what is personal in it, sealed under different keys.
//!
//! New events are CBOR with numbers for names ([`Codec::Cbor`]); JSON is what the first logs hold, and is only read. What the
//! bytes look like is written in `events/README.md` and, number by number, in `events/golden/numbers.json`.

mod head;
pub(crate) mod json;
mod padding;
mod read;
mod write;

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The name under which [`crate::Personal`] and [`crate::Withheld`] values announce themselves to the reader and the writer
/// here; every other format takes them for the value itself.
pub(crate) const PLACE: &str = "personal place";

/// How the parts of an event are written, as the header of a log's entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// JSON, padded with spaces.
    Json,
    /// CBOR (RFC 8949, section 4.2: deterministic) with numbers for names, padded with nulls.
    Cbor,
}

impl Codec {
    /// What is written today.
    pub const TODAY: Self = Self::Cbor;

    /// The number in the header.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Json => 1,
            Self::Cbor => 2,
        }
    }

    /// The codec of a number, unless it is newer than this program.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Json),
            2 => Some(Self::Cbor),
            _ => None,
        }
    }
}

/// A value could not be written, or bytes do not follow the format. The text never holds anything that was read: it may be
/// personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Cow<'static, str>);

impl Error {
    const fn new(what: &'static str) -> Self {
        Self(Cow::Borrowed(what))
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl serde::ser::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}

impl serde::de::Error for Error {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string().into())
    }

    fn invalid_type(_: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self(format!("an item has the wrong type; expected {expected}").into())
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self(format!("a value is out of its range; expected {expected}").into())
    }
}

/// Writes a value as its structure and, when there are personal values in it, the list of them; both padded.
pub(crate) fn split<T: Serialize>(value: &T) -> Result<(Vec<u8>, Option<Vec<u8>>), Error> {
    write::split(value)
}

/// The opposite of [`split`]. Without the personal part every personal value is forgotten.
pub(crate) fn join<T: DeserializeOwned>(
    structure: &[u8],
    personal: Option<&[u8]>,
) -> Result<T, Error> {
    read::join(structure, personal)
}

/// Whether the running thread is writing for the log: the only reader to whom a withheld value is told.
pub(crate) fn is_sealing() -> bool {
    write::is_sealing()
}
