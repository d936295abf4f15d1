//! Beginning a conversation with one person.

use crate::ask::{Ask, Query};
use crate::parts::{Avatar, Dialog, Empty, Icon, Rows, Search, Shape, toasts};
use crate::session::me;
use crate::store::{Window, store};
use crate::words::{fill, words};
use events::Scope;
use events::accounts::view::{People, PersonRow};
use events::ids::{PersonId, RoomId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct With {
    with: PersonId,
}

#[derive(Deserialize)]
struct Opened {
    room: RoomId,
}

/// What opens the conversation with a person and goes there.
pub(crate) fn talk_to() -> Callback<PersonId> {
    let words = words();
    let ask = expect_context::<Ask>();
    let toasts = toasts();
    let navigate = use_navigate();
    Callback::new(move |with| {
        let navigate = navigate.clone();
        spawn_local(async move {
            match ask
                .order::<Opened>("/api/messenger/direct", &With { with })
                .await
            {
                Ok(Opened { room }) => {
                    navigate(&format!("/app/messages/{room}"), NavigateOptions::default());
                }
                Err(trouble) => toasts.complain(&trouble, words),
            }
        });
    })
}

/// The button that asks with whom, and the dialog behind it.
#[component]
pub(crate) fn TalkButton() -> impl IntoView {
    let words = words();
    let open = RwSignal::new(false);
    view! {
        <button
            type="button"
            class="button only-icon-narrow"
            on:click=move |_| open.set(true)
        >
            <Icon shape=Shape::Plus />
            <span>{words.messenger.new}</span>
        </button>
        <Dialog open title=words.messenger.with>
            <Choice open />
        </Dialog>
    }
}

#[component]
fn Choice(open: RwSignal<bool>) -> impl IntoView {
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
    let talk = talk_to();
    let me = me().person;
    let choose = Callback::new(move |person| {
        open.set(false);
        talk.run(person);
    });
    let empty = move || {
        let text = fill(words.accounts.nobody_found_text, &[("text", &search.get())]);
        view! { <Empty shape=Shape::People title=words.accounts.nobody_found text /> }
    };
    view! {
        <Search id="talk-search" label=words.accounts.search_people value=search />
        <div class="choices">
            <Rows window empty>
                <ul class="list">
                    <For each=move || window.keys.get() key=Clone::clone let:key>
                        {window
                            .row(&key)
                            .map(|row| row.get_untracked())
                            .filter(|row| row.open && row.person != me)
                            .map(|row| view! { <Chosen row choose /> })}
                    </For>
                </ul>
            </Rows>
        </div>
    }
}

#[component]
fn Chosen(row: PersonRow, choose: Callback<PersonId>) -> impl IntoView {
    let words = words();
    let person = row.person;
    let name = row.name.get().cloned();
    let text = name
        .as_ref()
        .map_or_else(|| words.common.forgotten.to_owned(), ToString::to_string);
    let roles = crate::areas::accounts::roles_text(&row.roles, words);
    view! {
        <li class="row">
            <button type="button" class="row-main" on:click=move |_| choose.run(person)>
                <Avatar name=Signal::derive(move || name.clone()) />
                <span class="row-text">
                    <span class="row-title">{text}</span>
                    <span class="row-note">{roles}</span>
                </span>
            </button>
        </li>
    }
}
