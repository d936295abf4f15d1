//! Rooms and messages. On a wide screen the conversations stand beside the open one, on a phone one after the other.

mod composer;
mod inbox;
mod line;
mod pending;
mod rights;
mod room;
mod rooms;
mod talk;

pub(crate) use inbox::Inbox;
pub(crate) use rooms::RoomLink;
pub(crate) use talk::talk_to;

use crate::erased;
use crate::parts::{Empty, Shape};
use crate::words::words;
use events::ids::RoomId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use room::Room;
use rooms::Rooms;

/// The area's page; the room is in the address.
#[component]
pub(crate) fn MessengerPage() -> impl IntoView {
    let words = words();
    let params = use_params_map();
    let room = erased::memo(move || {
        params.with(|params| {
            params
                .get("room")
                .and_then(|text| text.parse::<RoomId>().ok())
        })
    });
    view! {
        <div class="messenger" class:in-room=move || room.get().is_some()>
            <Rooms current=room />
            <section class="room-pane">
                {move || match room.get() {
                    Some(room) => view! { <Room room /> }.into_any(),
                    None => {
                        view! {
                            <Empty
                                shape=Shape::Chat
                                title=words.messenger.choose
                                text=words.messenger.choose_text
                            />
                        }
                            .into_any()
                    }
                }}
            </section>
        </div>
    }
}
