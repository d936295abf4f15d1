//! The list of conversations.

use super::Inbox;
use super::talk::TalkButton;
use crate::app::capped;
use crate::erased;
use crate::parts::{Avatar, Each, Empty, Icon, Page, Rows, Shape, Show};
use crate::session::me;
use crate::store::{directory, other};
use crate::when;
use crate::words::{counted, words};
use events::Audience;
use events::ids::RoomId;
use events::messenger::view::RoomRow;
use leptos::prelude::*;

/// All conversations of the reader; the open one is marked.
#[component]
pub(super) fn Rooms(current: Memo<Option<RoomId>>) -> impl IntoView {
    let words = words();
    let inbox = expect_context::<Inbox>();
    let empty = move || {
        view! {
            <Empty
                shape=Shape::Chat
                title=words.messenger.no_rooms
                text=words.messenger.no_rooms_text
            />
        }
    };
    view! {
        <Page title=words.messenger.messages class="rooms-pane" actions=|| view! { <TalkButton /> }>
            <nav aria-label=words.messenger.rooms>
                <Rows window=inbox.rooms empty>
                    <ul class="list">
                        <Each each=move || inbox.rooms.keys.get() key=Clone::clone let:key>
                            {inbox
                                .rooms
                                .row(&key)
                                .map(|row| {
                                    let room = row.get_untracked().room;
                                    let marked = erased::derive(move || current.get() == Some(room));
                                    move || view! { <RoomLink room=row.get() marked /> }
                                })}
                        </Each>
                    </ul>
                </Rows>
            </nav>
        </Page>
    }
}

/// One conversation of a list: who, when last, how many unread.
#[component]
pub(crate) fn RoomLink(
    room: RoomRow,
    #[prop(optional, into)] marked: Signal<bool>,
) -> impl IntoView {
    let words = words();
    let inbox = expect_context::<Inbox>();
    let directory = directory();
    let name = directory.audience(room.audience);
    let sign = match room.audience {
        Audience::Group(_) => view! {
            <span class="row-sign">
                <Icon shape=Shape::Group />
            </span>
        }
        .into_any(),
        pair => {
            let name = directory.person(other(pair, me().person));
            view! { <Avatar name /> }.into_any()
        }
    };
    let last = if room.last == 0 {
        words.messenger.nothing_yet.to_owned()
    } else {
        when::brief(room.at, words)
    };
    let href = format!("/app/messages/{}", room.room);
    let unread = erased::memo(move || inbox.unread(&room));
    let unread_label = move || {
        let count = usize::try_from(unread.get()).unwrap_or(usize::MAX);
        counted(count, words.shell.unread_one, words.shell.unread_many)
    };
    view! {
        <li class="row" class:unread=move || { unread.get() > 0 }>
            <a class="row-main" href=href aria-current=move || marked.get().then_some("true")>
                {sign}
                <span class="row-text">
                    <span class="row-title">{name}</span>
                    <span class="row-note">{last}</span>
                </span>
                <Show when=move || { unread.get() > 0 }>
                    <span class="badge">
                        <span aria-hidden="true">{move || capped(unread.get())}</span>
                        <span class="only-read">{unread_label}</span>
                    </span>
                </Show>
            </a>
        </li>
    }
}
