//! Values about a person, and secrets. In the log they are kept apart from the rest of their event, sealed under
//! the key of the person they are about, so that losing the key loses the value and nothing else.
//!
//! Outside the log a [`Personal`] value is written like any other, and a [`Withheld`] one is always written as `null`:
//! it is for the machine alone. The codec of the log knows both by the name under which they announce themselves, and keeps
//! their values apart. Outside the log a forgotten value and one known to be nothing look alike; within it they differ.

use crate::codec::{self, PLACE};
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::marker::PhantomData;

/// A value about a person: present, or forgotten because its key is gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Personal<T>(Option<T>);

/// A value that never leaves the machine, such as a file's key: stored in the log, absent on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Withheld<T>(Option<T>);

impl<T> Personal<T> {
    /// A value that is known.
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// A value whose key has been destroyed.
    #[must_use]
    pub fn forgotten() -> Self {
        Self(None)
    }

    /// The value, unless it is forgotten.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> Withheld<T> {
    /// A secret.
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// The secret, unless it was withheld or is forgotten.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> std::fmt::Debug for Withheld<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Withheld")
    }
}

/// A forgotten value is written as nothing; the log's own writer tells it from one known to be nothing.
fn write<T: Serialize, S: Serializer>(value: Option<&T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_newtype_struct(PLACE, value),
        None => serializer.serialize_unit_struct(PLACE),
    }
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.get(), serializer)
    }
}

impl<T: Serialize> Serialize for Withheld<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if codec::is_sealing() {
            write(self.get(), serializer)
        } else {
            serializer.serialize_none()
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let place = Place(PhantomData);
        deserializer
            .deserialize_newtype_struct(PLACE, place)
            .map(Self)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Withheld<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let place = Place(PhantomData);
        deserializer
            .deserialize_newtype_struct(PLACE, place)
            .map(Self)
    }
}

struct Place<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Place<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a personal value")
    }

    /// The log's own reader: forgotten.
    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    /// The log's own reader: known.
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::deserialize(deserializer).map(Some)
    }

    /// Every other format, in which the value stands where it belongs; and codec 1, which is such a format.
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        let written = Option::<T>::deserialize(deserializer)?;
        codec::json::value(written).map_err(D::Error::custom)
    }
}

/// A value with everything personal in it, for the tests of the codecs.
#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    pub(crate) struct Sample {
        pub(crate) room: u32,
        pub(crate) text: Personal<String>,
        pub(crate) key: Withheld<String>,
        pub(crate) more: Vec<Personal<u8>>,
        pub(crate) nickname: Personal<Option<String>>,
    }

    pub(crate) fn sample() -> Sample {
        Sample {
            room: 7,
            text: Personal::new("Hallo".into()),
            key: Withheld::new("geheim".into()),
            more: vec![Personal::new(1), Personal::forgotten(), Personal::new(3)],
            nickname: Personal::new(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sample::sample;

    #[test]
    fn the_wire_shows_what_is_personal_and_withholds_what_is_secret() {
        let wire = serde_json::to_string(&sample()).expect("writes");
        assert!(wire.contains("Hallo") && !wire.contains("geheim"), "{wire}");
    }
}
