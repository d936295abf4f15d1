//! Codec 1, as the first logs hold it: the structure is JSON with `null` in the place of every personal value, and those are an
//! array in the order of their places. It is read, no longer written.
//!
//! serde hands a value's places to nobody but the value's own type, so the list waits beside, on the thread that reads.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::cell::RefCell;
use std::collections::VecDeque;

thread_local! {
    static KEPT: RefCell<Option<VecDeque<Box<RawValue>>>> = const { RefCell::new(None) };
}

/// Empties the list however serde leaves it, an error or a panic included.
struct Closing;

impl Drop for Closing {
    fn drop(&mut self) {
        KEPT.take();
    }
}

/// Reads an event's two parts. Without the personal part every personal value is forgotten.
pub(crate) fn join<T: DeserializeOwned>(
    structure: &[u8],
    personal: Option<&[u8]>,
) -> serde_json::Result<T> {
    let kept: VecDeque<Box<RawValue>> = match personal {
        Some(bytes) => serde_json::from_slice(bytes)?,
        None => VecDeque::new(),
    };
    let _closing = Closing;
    KEPT.set(Some(kept));
    serde_json::from_slice(structure)
}

/// What a personal value is that was written as `written` in the structure, or on the wire when nothing is being joined.
pub(crate) fn value<T: DeserializeOwned>(written: Option<T>) -> serde_json::Result<Option<T>> {
    let kept = KEPT.with_borrow_mut(|kept| kept.as_mut().map(VecDeque::pop_front));
    match kept {
        None => Ok(written),
        Some(None) => Ok(None),
        // What was kept is known, even when it says that there is nothing: "no abbreviation" is not a forgotten one.
        Some(Some(raw)) if raw.get() == "null" => Ok(serde_json::from_str(raw.get()).ok()),
        Some(Some(raw)) => serde_json::from_str(raw.get()).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::join;
    use crate::personal::sample::{Sample, sample};

    const STRUCTURE: &[u8] =
        br#"{"room":7,"text":null,"key":null,"more":[null,null,null],"nickname":null}"#;
    const PERSONAL: &[u8] = br#"["Hallo","geheim",1,null,3,null]    "#;

    #[test]
    fn the_two_parts_join() {
        let joined: Sample = join(STRUCTURE, Some(PERSONAL)).expect("joins");
        assert_eq!(joined, sample());
    }

    #[test]
    fn without_the_personal_part_every_value_is_forgotten() {
        let joined: Sample = join(STRUCTURE, None).expect("joins");
        assert_eq!(
            (joined.text.get(), joined.nickname.get(), joined.room),
            (None, None, 7)
        );
    }

    #[test]
    fn a_failed_join_leaves_nothing_behind_for_the_wire() {
        assert!(join::<Sample>(b"{", Some(PERSONAL)).is_err());
        let wire = serde_json::to_string(&sample()).expect("writes");
        let read: Sample = serde_json::from_str(&wire).expect("reads");
        assert_eq!(read.text, sample().text);
    }
}
