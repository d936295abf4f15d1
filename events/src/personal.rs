//! Values about a person, and secrets. In the log they are kept apart from the rest of their event, sealed under
//! the key of the person they are about, so that losing the key loses the value and nothing else.
//!
//! Outside the log a [`Personal`] value is written like any other, and a [`Withheld`] one is always written as `null`:
//! it is for the machine alone. [`split`] and [`join`] move between the two forms. Outside the log a forgotten value and one
//! known to be nothing look alike; within it they differ, because the second has its place in the personal part.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::cell::RefCell;
use std::collections::VecDeque;

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

/// What the running thread does with personal values; `Open` unless inside [`split`] or [`join`].
enum Vault {
    Open,
    Splitting(Vec<Box<RawValue>>),
    Joining(VecDeque<Box<RawValue>>),
}

thread_local! {
    static VAULT: RefCell<Vault> = const { RefCell::new(Vault::Open) };
}

/// Returns the vault to `Open` however serde leaves it, an error or a panic included.
struct Closing;

impl Drop for Closing {
    fn drop(&mut self) {
        VAULT.with(|vault| *vault.borrow_mut() = Vault::Open);
    }
}

/// Writes `value` as two JSON texts: its structure, with `null` in place of every personal value, and the personal values
/// in order as an array (`None` when there are none).
pub fn split<T: Serialize>(value: &T) -> serde_json::Result<(Vec<u8>, Option<Vec<u8>>)> {
    let _closing = Closing;
    VAULT.with(|vault| *vault.borrow_mut() = Vault::Splitting(Vec::new()));
    let structure = serde_json::to_vec(value)?;
    let kept = VAULT.with(|vault| match &mut *vault.borrow_mut() {
        Vault::Splitting(kept) => std::mem::take(kept),
        _ => Vec::new(),
    });
    let personal = if kept.is_empty() {
        None
    } else {
        Some(serde_json::to_vec(&kept)?)
    };
    Ok((structure, personal))
}

/// The opposite of [`split`]. Without the personal part every personal value is forgotten.
pub fn join<T: DeserializeOwned>(
    structure: &[u8],
    personal: Option<&[u8]>,
) -> serde_json::Result<T> {
    let kept: VecDeque<Box<RawValue>> = match personal {
        Some(bytes) => serde_json::from_slice(bytes)?,
        None => VecDeque::new(),
    };
    let _closing = Closing;
    VAULT.with(|vault| *vault.borrow_mut() = Vault::Joining(kept));
    serde_json::from_slice(structure)
}

fn write<T: Serialize, S: Serializer>(
    value: Option<&T>,
    open: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let splitting = VAULT.with(|vault| matches!(&*vault.borrow(), Vault::Splitting(_)));
    if !splitting {
        return if open {
            value.serialize(serializer)
        } else {
            serializer.serialize_none()
        };
    }
    let raw = serde_json::value::to_raw_value(&value).map_err(serde::ser::Error::custom)?;
    VAULT.with(|vault| {
        if let Vault::Splitting(kept) = &mut *vault.borrow_mut() {
            kept.push(raw);
        }
    });
    serializer.serialize_none()
}

fn read<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let written = Option::<T>::deserialize(deserializer)?;
    let kept = VAULT.with(|vault| match &mut *vault.borrow_mut() {
        Vault::Joining(kept) => Some(kept.pop_front()),
        _ => None,
    });
    match kept {
        None => Ok(written),
        Some(None) => Ok(None),
        // What was kept is known, even when it says that there is nothing: "no abbreviation" is not a forgotten one.
        Some(Some(raw)) if raw.get() == "null" => Ok(serde_json::from_str(raw.get()).ok()),
        Some(Some(raw)) => serde_json::from_str(raw.get())
            .map(Some)
            .map_err(serde::de::Error::custom),
    }
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.get(), true, serializer)
    }
}

impl<T: Serialize> Serialize for Withheld<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.get(), false, serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer).map(Self)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Withheld<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    struct Sample {
        room: u32,
        text: Personal<String>,
        key: Withheld<String>,
        more: Vec<Personal<u8>>,
        nickname: Personal<Option<String>>,
    }

    fn sample() -> Sample {
        Sample {
            room: 7,
            text: Personal::new("Hallo".into()),
            key: Withheld::new("geheim".into()),
            more: vec![Personal::new(1), Personal::forgotten(), Personal::new(3)],
            nickname: Personal::new(None),
        }
    }

    #[test]
    fn the_structure_holds_nothing_personal_and_joins_again() {
        let (structure, personal) = split(&sample()).expect("splits");
        assert_eq!(
            structure,
            br#"{"room":7,"text":null,"key":null,"more":[null,null,null],"nickname":null}"#
        );
        let joined: Sample = join(&structure, personal.as_deref()).expect("joins");
        assert_eq!(joined, sample());
    }

    #[test]
    fn without_the_personal_part_every_value_is_forgotten() {
        let (structure, _) = split(&sample()).expect("splits");
        let joined: Sample = join(&structure, None).expect("joins");
        assert_eq!(
            (joined.text.get(), joined.nickname.get(), joined.room),
            (None, None, 7)
        );
    }

    #[test]
    fn the_wire_shows_what_is_personal_and_withholds_what_is_secret() {
        let wire = serde_json::to_string(&sample()).expect("writes");
        assert!(wire.contains("Hallo") && !wire.contains("geheim"), "{wire}");
    }

    #[test]
    fn a_failed_join_leaves_the_thread_open() {
        assert!(join::<Sample>(b"{", None).is_err());
        assert!(
            serde_json::to_string(&sample())
                .expect("writes")
                .contains("Hallo")
        );
    }
}
