//! The list of people: found by name, page by page.

use super::add_person::AddPersonButton;
use super::terms::Roles;
use super::{AreaTabs, Tab};
use crate::ask::Query;
use crate::erased;
use crate::parts::{Avatar, Each, Empty, More, Page, Rows, Search, Shape};
use crate::store::{Window, store};
use crate::words::{fill, words};
use events::Scope;
use events::accounts::view::{People, PersonRow};
use leptos::prelude::*;

/// The page of all people.
#[component]
pub(crate) fn PeoplePage() -> impl IntoView {
    let words = words();
    let search = RwSignal::new(String::new());
    let window: Window<People> = store().window(move || {
        Some(Query {
            scope: Some(Scope::School),
            search: search.get(),
            limit: 60,
            ..Query::default()
        })
    });
    let empty = move || {
        let text = search.get();
        if text.trim().is_empty() {
            view! {
                <Empty
                    shape=Shape::People
                    title=words.accounts.nobody
                    text=words.accounts.nobody_text
                />
            }
        } else {
            let text = fill(words.accounts.nobody_found_text, &[("text", text.trim())]);
            view! { <Empty shape=Shape::Search title=words.accounts.nobody_found text /> }
        }
    };
    let count = erased::derive(move || window.keys.with(Vec::len));
    let on_more = Callback::new(move |()| window.load_more());
    view! {
        <Page title=words.accounts.people actions=|| view! { <AddPersonButton /> }>
            <AreaTabs current=Tab::People />
            <Search id="people-search" label=words.accounts.search_people value=search />
            <Rows window empty>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {window
                            .row(&key)
                            .map(|row| move || view! { <PersonLink row=row.get() /> })}
                    </Each>
                </ul>
                <More more=window.more count on_more />
            </Rows>
        </Page>
    }
}

/// One person of a list.
#[component]
pub(super) fn PersonLink(
    row: PersonRow,
    #[prop(optional, into)] note: String,
    #[prop(optional, into)] menu: ViewFn,
) -> impl IntoView {
    let words = words();
    let name = row.name.get().cloned();
    let text = name
        .as_ref()
        .map_or_else(|| words.common.forgotten.to_owned(), ToString::to_string);
    let closed =
        (!row.open).then(|| view! { <span class="chip plain">{words.accounts.closed}</span> });
    view! {
        <li class="row">
            <a class="row-main" href=format!("/app/people/{}", row.person)>
                <Avatar name=erased::derive(move || name.clone()) />
                <span class="row-text">
                    <span class="row-title">{text}</span>
                    {(!note.is_empty()).then(|| view! { <span class="row-note">{note}</span> })}
                </span>
            </a>
            {closed}
            <Roles roles=row.roles />
            {menu.run()}
        </li>
    }
}
