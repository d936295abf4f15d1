//! Who has looked at the reader's own data by a special right.

use super::terms::{about_text, purpose_text};
use crate::areas::accounts::role;
use crate::ask::Query;
use crate::erased;
use crate::parts::{Each, Empty, Icon, More, Rows, Shape, note, section, text, text_note};
use crate::session::me;
use crate::store::{Window, directory, store};
use crate::when;
use crate::words::{Words, counted, fill, words};
use events::audit::About;
use events::audit::view::{LookRow, Looks};
use events::ids::PersonId;
use leptos::prelude::*;

/// The section among the settings.
pub(crate) fn looks_section() -> AnyView {
    let words = words();
    let window: Window<Looks> = store().window(|| {
        Some(Query {
            limit: 50,
            ..Query::default()
        })
    });
    let empty = move || {
        let (title, text) = (
            words.inspection.looks_none,
            words.inspection.looks_none_text,
        );
        view! { <Empty shape=Shape::Shield title text /> }.into_any()
    };
    let reader = me().person;
    let groups = erased::memo(move || gathered(window, reader));
    let count = erased::derive(move || window.keys.with(Vec::len));
    let on_more = Callback::new(move |()| window.load_more());
    let content = view! {
        <p class="quiet">{words.inspection.looks_text}</p>
        <div class="looks">
            <Rows window empty>
                <ul class="list">
                    <Each each=move || groups.get() key=Group::key let:group>
                        {look(&group.row, group.pages)}
                    </Each>
                </ul>
                <More more=window.more count on_more />
            </Rows>
        </div>
    };
    section("looks-title", words.inspection.looks, content.into_any())
}

/// Pages of one view that were read one after the other under one consent on one day: to those concerned, one look.
#[derive(Clone, PartialEq)]
struct Group {
    row: LookRow,
    pages: usize,
}

impl Group {
    fn key(&self) -> String {
        format!("{} {}", self.row.position, self.pages)
    }

    fn takes(&self, row: &LookRow) -> bool {
        let alike = |row: &LookRow| {
            let name = row.name.get().cloned();
            (row.by, row.inspection, row.what.clone(), name)
        };
        alike(&self.row) == alike(row) && when::same_day(self.row.at, row.at)
    }
}

fn gathered(window: Window<Looks>, reader: PersonId) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for key in window.keys.get() {
        let Some(row) = window.row(&key) else {
            continue;
        };
        let row = row.get();
        // Whoever added a file that was read has a row of their own for it, with its name.
        if row.author == Some(reader) {
            continue;
        }
        match groups.last_mut() {
            Some(group) if group.takes(&row) => group.pages += 1,
            _ => groups.push(Group { row, pages: 1 }),
        }
    }
    groups
}

fn what(row: &LookRow, words: &Words) -> String {
    let what = match row.what.as_str() {
        "file" => match row.name.get() {
            Some(name) => return fill(words.inspection.what_named, &[("name", name)]),
            None => words.inspection.what_file,
        },
        "messages" => words.inspection.what_messages,
        "files" => words.inspection.what_files,
        "records" => words.inspection.what_records,
        "package" => words.inspection.what_package,
        _ => words.inspection.what_entry,
    };
    what.to_owned()
}

fn look(row: &LookRow, pages: usize) -> AnyView {
    let words = words();
    let directory = directory();
    let reader = me().person;
    let as_role = row.role.map(|held| role(held, words));
    let by = row.by.map(|by| directory.name(by));
    let who = text(move || match (by, as_role) {
        (Some(name), Some(role)) => format!("{} ({role})", name.get()),
        (Some(name), None) => name.get(),
        (None, _) => words.inspection.operator.to_owned(),
    });
    let (what, about) = (what(row, words), row.about);
    let line = text(move || {
        let whose = match about {
            None => words.inspection.of_everybody.to_owned(),
            Some(About::Person(person)) if person == reader => {
                words.inspection.of_oneself.to_owned()
            }
            Some(about) => about_text(about, directory, words),
        };
        let values = [("what", &*what), ("whose", &*whose)];
        fill(words.inspection.look_line, &values)
    });
    let mut at = when::moment(row.at, words);
    if pages > 1 {
        at.push_str(" · ");
        at.push_str(&counted(pages, "", words.inspection.look_many));
    }
    let mut notes = vec![note(at.into_any()), line];
    notes.extend(row.purpose.map(|purpose| {
        let purpose = purpose_text(purpose, words);
        note(fill(words.inspection.look_purpose, &[("purpose", purpose)]).into_any())
    }));
    notes.extend(row.agreed_by.map(|person| {
        let name = directory.name(person);
        text_note(move || fill(words.inspection.look_agreed, &[("name", &name.get())]))
    }));
    view! {
        <li class="row">
            <div class="row-main">
                <span class="row-sign">
                    <Icon shape=Shape::Search />
                </span>
                <span class="row-text">
                    <span class="row-title">{who}</span>
                    {notes}
                </span>
            </div>
        </li>
    }
    .into_any()
}
