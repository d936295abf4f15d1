//! Names beside ids: who a person is, what a group is called, in every area.

use super::{Found, Lookup, Store};
use crate::erased;
use crate::session::me;
use crate::words::words;
use events::accounts::MemberRole;
use events::accounts::PersonName;
use events::accounts::view::{Groups, Members, People};
use events::ids::{GroupId, PersonId};
use events::text::natural;
use events::{Audience, Scope};
use leptos::prelude::*;

/// The people and groups that the tab has met.
#[derive(Clone, Copy)]
pub(crate) struct Directory {
    pub(crate) people: Lookup<People>,
    pub(crate) groups: Lookup<Groups>,
    members: Lookup<Members>,
}

impl Directory {
    /// An empty directory; it lives as long as the component that makes it.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            people: store.lookup(Some(Scope::School)),
            groups: store.lookup(Some(Scope::School)),
            members: store.lookup(None),
        }
    }

    /// A person's name, once it is known.
    pub(crate) fn person(self, person: PersonId) -> Signal<Option<PersonName>> {
        let row = self.people.find(person.to_string());
        erased::derive(move || {
            row.with(|found| found.row().and_then(|row| row.name.get().cloned()))
        })
    }

    /// A person's name as text; a few dots until it is known.
    pub(crate) fn name(self, person: PersonId) -> Signal<String> {
        let words = words();
        let row = self.people.find(person.to_string());
        erased::derive(move || {
            row.with(|row| match row {
                Found::Asking => "…".to_owned(),
                Found::Missing => words.common.someone.to_owned(),
                Found::There(row) => row
                    .name
                    .get()
                    .map_or_else(|| words.common.forgotten.to_owned(), ToString::to_string),
            })
        })
    }

    /// A group's name as text.
    pub(crate) fn group(self, group: GroupId) -> Signal<String> {
        let row = self.groups.find(group.to_string());
        erased::derive(move || {
            row.with(|row| match row {
                Found::There(row) => row.name.clone(),
                Found::Asking => "…".to_owned(),
                Found::Missing => "–".to_owned(),
            })
        })
    }

    /// Whether a group is known and not over. Tracks it.
    pub(crate) fn is_running(self, group: GroupId) -> bool {
        let row = self.groups.find(group.to_string());
        row.with(|found| found.row().is_some_and(|row| row.open))
    }

    /// Whether a person's account is known and open. Tracks it.
    pub(crate) fn is_open(self, person: PersonId) -> bool {
        let row = self.people.find(person.to_string());
        row.with(|found| found.row().is_some_and(|row| row.open))
    }

    /// As what a person belongs to a group, as far as the reader may see that. Tracks it.
    pub(crate) fn member(self, group: GroupId, person: PersonId) -> Option<MemberRole> {
        let row = self.members.find(Members::key(group, person));
        row.with(|found| found.row().map(|row| row.role))
    }

    /// Whether a person is known to lead a group. Tracks it.
    pub(crate) fn leads(self, group: GroupId, person: PersonId) -> bool {
        self.member(group, person) == Some(MemberRole::Leader)
    }

    /// Where a group stands among others, by its name once that is known. Tracks the name.
    pub(crate) fn group_order(self, group: GroupId) -> String {
        let row = self.groups.find(group.to_string());
        row.with(|found| {
            found
                .row()
                .map(|row| natural(&row.name))
                .unwrap_or_default()
        })
    }

    /// What a room or a space is called: the group, or the person who is not the reader.
    pub(crate) fn audience(self, audience: Audience) -> Signal<String> {
        self.audience_of(audience, me().person)
    }

    /// The same, for a place where the reader is known but no component is being drawn.
    pub(crate) fn audience_of(self, audience: Audience, me: PersonId) -> Signal<String> {
        match audience {
            Audience::Group(group) => self.group(group),
            Audience::Person(_) | Audience::Pair(..) => self.name(other(audience, me)),
        }
    }
}

/// The person of an audience who is not the reader.
pub(crate) fn other(audience: Audience, me: PersonId) -> PersonId {
    match audience {
        Audience::Pair(one, two) if one == me => two,
        Audience::Pair(one, _) => one,
        Audience::Person(person) => person,
        Audience::Group(_) => me,
    }
}

/// The directory, for a component that is being drawn.
pub(crate) fn directory() -> Directory {
    expect_context::<Directory>()
}
