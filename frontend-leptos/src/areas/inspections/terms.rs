//! Purposes and what was asked for, in words.

use crate::parts::Options;
use crate::store::Directory;
use crate::words::{Words, fill};
use events::Audience;
use events::audit::{About, Purpose};
use leptos::prelude::*;

/// All purposes with their words, for choosing among them.
pub(super) fn purposes(words: &Words) -> Options<Purpose> {
    [
        Purpose::Conflict,
        Purpose::Protection,
        Purpose::OwnWish,
        Purpose::Authority,
        Purpose::Fault,
        Purpose::Control,
    ]
    .map(|purpose| (purpose, purpose_text(purpose, words)))
    .into()
}

/// A purpose in words.
pub(crate) fn purpose_text(purpose: Purpose, words: &Words) -> &'static str {
    match purpose {
        Purpose::Protection => words.inspection.protection,
        Purpose::Conflict => words.inspection.conflict,
        Purpose::OwnWish => words.inspection.own_wish,
        Purpose::Authority => words.inspection.authority,
        Purpose::Fault => words.inspection.fault,
        Purpose::Control => words.inspection.control,
        Purpose::Accounts => words.inspection.accounts,
    }
}

/// A purpose by its name in the log, in words.
pub(crate) fn purpose_named(name: &str, words: &Words) -> Option<&'static str> {
    Some(match name {
        "protection" => words.inspection.protection,
        "conflict" => words.inspection.conflict,
        "own_wish" => words.inspection.own_wish,
        "authority" => words.inspection.authority,
        "fault" => words.inspection.fault,
        "control" => words.inspection.control,
        "accounts" => words.inspection.accounts,
        _ => return None,
    })
}

/// What it is about: a person's name, or whose room or space. Tracks the names.
pub(crate) fn about_text(about: About, directory: Directory, words: &Words) -> String {
    let whose = |audience| match audience {
        Audience::Group(group) => directory.group(group).get(),
        Audience::Person(person) => directory.name(person).get(),
        Audience::Pair(one, other) => {
            let [one, other] = [one, other].map(|person| directory.name(person).get());
            fill(words.inspection.and, &[("one", &one), ("other", &other)])
        }
    };
    match about {
        About::Person(person) => directory.name(person).get(),
        About::Room { audience, .. } => fill(words.inspection.room, &[("name", &whose(audience))]),
        About::Space { audience, .. } => {
            fill(words.inspection.space, &[("name", &whose(audience))])
        }
    }
}
