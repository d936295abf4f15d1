//! The views that can be looked at, each with its words.

use crate::words::Words;
use events::audit::{About, CONTENT_VIEWS};

/// A view's name and how it is called.
pub(super) type Named = (&'static str, &'static str);

/// All views.
pub(super) fn all(words: &Words) -> Vec<Named> {
    let words = &words.audit;
    vec![
        ("people", words.people),
        ("groups", words.groups),
        ("members", words.members),
        ("sessions", words.sessions),
        ("records", words.records),
        ("spaces", words.spaces),
        ("files", words.files),
        ("rooms", words.rooms),
        ("messages", words.messages),
        ("reads", words.reads),
        ("entries", words.entries),
        ("erasures", words.erasures),
        ("inspections", words.inspections),
        ("looks", words.looks),
    ]
}

/// Those in which a consent opens something.
pub(super) fn opened_by(about: About, words: &Words) -> Vec<Named> {
    let mut views = all(words);
    views.retain(|(view, _)| match about {
        About::Person(_) => CONTENT_VIEWS.contains(view),
        About::Room { .. } => *view == "messages",
        About::Space { .. } => *view == "files",
    });
    views
}
