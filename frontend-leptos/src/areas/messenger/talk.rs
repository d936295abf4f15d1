//! Beginning a conversation with one person.

use crate::areas::accounts::PersonChoice;
use crate::ask::Ask;
use crate::parts::{Dialog, Icon, Shape, toasts};
use crate::session::me;
use crate::words::words;
use events::accounts::view::PersonRow;
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
    let talk = talk_to();
    let except = Signal::stored(vec![me().person]);
    let choose = Callback::new(move |row: PersonRow| {
        open.set(false);
        talk.run(row.person);
    });
    view! { <PersonChoice except choose /> }
}
