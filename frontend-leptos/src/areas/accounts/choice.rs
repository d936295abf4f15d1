//! Choosing a person: one types a part of the name and takes one of those found.

use super::terms::roles_text;
use crate::ask::Query;
use crate::erased;
use crate::parts::{Avatar, Each, Empty, Rows, Search, Shape};
use crate::store::{Window, store};
use crate::words::{fill, words};
use events::Scope;
use events::accounts::view::{People, PersonRow};
use events::ids::PersonId;
use leptos::prelude::*;

/// Offers everybody whose account is open, but those in `except`.
#[component]
pub(crate) fn PersonChoice(
    #[prop(into)] except: Signal<Vec<PersonId>>,
    choose: Callback<PersonRow>,
) -> impl IntoView {
    let words = words();
    let search = RwSignal::new(String::new());
    let window: Window<People> = store().window(move || {
        Some(Query {
            scope: Some(Scope::School),
            search: search.get(),
            limit: 20,
            ..Query::default()
        })
    });
    let empty = move || {
        let text = fill(words.accounts.nobody_found_text, &[("text", &search.get())]);
        view! { <Empty shape=Shape::People title=words.accounts.nobody_found text /> }
    };
    let offered = move |key: &String| {
        let row = window.row(key)?;
        let choice = move || {
            let row = row.get();
            let taken = except.with(|except| except.contains(&row.person));
            (row.open && !taken).then(|| view! { <Offered row choose /> })
        };
        Some(choice)
    };
    view! {
        <Search id="person-search" label=words.accounts.search_people value=search />
        <div class="choices">
            <Rows window empty>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {offered(&key)}
                    </Each>
                </ul>
            </Rows>
        </div>
    }
}

#[component]
fn Offered(row: PersonRow, choose: Callback<PersonRow>) -> impl IntoView {
    let words = words();
    let chosen = row.clone();
    let name = row.name.get().cloned();
    let text = name
        .as_ref()
        .map_or_else(|| words.common.forgotten.to_owned(), ToString::to_string);
    view! {
        <li class="row">
            <button type="button" class="row-main" on:click=move |_| choose.run(chosen.clone())>
                <Avatar name=erased::derive(move || name.clone()) />
                <span class="row-text">
                    <span class="row-title">{text}</span>
                    <span class="row-note">{roles_text(&row.roles, words)}</span>
                </span>
            </button>
        </li>
    }
}
