//! An event as the machine told it. It is passed on to the other tabs in its own text, so that the app writes no events.

use crate::json;
use events::Recorded;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An event with its text.
#[derive(Clone, Debug)]
pub(super) struct Told {
    text: String,
    pub(super) event: Recorded,
}

impl Told {
    /// Reads an event; none when this app is too old to understand it.
    pub(super) fn read(text: String) -> Option<Self> {
        let event = json::read(&text).ok()?;
        Some(Self { text, event })
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(text).ok_or_else(|| de::Error::custom("an unknown event"))
    }
}
