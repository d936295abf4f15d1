//! One open conversation: its messages, older ones by scrolling up, and the field to write in.

use super::Inbox;
use super::composer::Composer;
use super::line::{Line, WaitingLine};
use super::pending::Pending;
use super::rights::{is_running, reaches_all};
use crate::ask::{Ask, Query};
use crate::browser;
use crate::erased;
use crate::parts::{Each, Empty, Icon, More, Question, Rows, Shape, Show, open_while, toasts};
use crate::session::me;
use crate::store::{State, Window, directory, store};
use crate::when;
use crate::words::words;
use events::ids::RoomId;
use events::messenger::RoomCommand;
use events::messenger::view::{MessageRow, Messages};
use events::{Key, Scope};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;

/// Messages a page; a phone shows about ten at once.
const PAGE: u16 = 50;
/// Messages of one author within this time, in milliseconds, stand under one name.
const TOGETHER: u64 = 5 * 60 * 1000;

/// An open conversation.
#[component]
pub(super) fn Room(room: RoomId) -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let window: Window<Messages> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Room(room)),
            backwards: true,
            limit: PAGE,
            ..Query::default()
        })
    });
    let pending = Pending::new(room, me().person, ask);
    Effect::new(move |_| {
        window.keys.track();
        let newest = newest(window, 20);
        pending.settle(|message| newest.iter().any(|row| row.message == message));
    });
    mark_read(room, window, ask);
    let scroller = NodeRef::<html::Div>::new();
    let send = Callback::new(move |text| {
        pending.send(text);
        if let Some(scroller) = scroller.get_untracked() {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    });
    let gone = move || {
        view! {
            <Empty shape=Shape::Lock title=words.messenger.gone text=words.messenger.gone_text />
        }
    };
    let is_running = is_running(room);
    let waits = move || !pending.list.with(Vec::is_empty);
    let empty = move || {
        view! {
            <Show when=move || !waits()>
                <Empty
                    shape=Shape::Chat
                    title=words.messenger.nothing_said
                    text=words.messenger.nothing_said_text
                />
            </Show>
        }
    };
    view! {
        <RoomHead room />
        // The column is reversed, so that the browser itself keeps the newest line in sight and the place while
        // older ones are put above.
        <div class="scroller" node_ref=scroller tabindex="0" role="log" aria-label=words.messenger.log>
            <div class="scroller-inner">
                <Rows window empty gone>
                    <Lines window room />
                </Rows>
                <ol class="lines">
                    <Each
                        each=move || pending.list.get()
                        key=|waiting| format!("{} {}", waiting.message, waiting.trouble.is_some())
                        let:waiting
                    >
                        <WaitingLine waiting pending />
                    </Each>
                </ol>
            </div>
        </div>
        <Show when=move || window.state.get() != State::Gone && is_running.get()>
            <Composer room on_send=send />
        </Show>
    }
}

#[component]
fn RoomHead(room: RoomId) -> impl IntoView {
    let words = words();
    let inbox = expect_context::<Inbox>();
    let directory = directory();
    let name = move || {
        inbox.rooms.keys.track();
        let row = inbox.rooms.row(&room.to_string())?;
        Some(directory.audience(row.with(|row| row.audience)).get())
    };
    let title = erased::memo(move || name().unwrap_or_else(|| "…".to_owned()));
    Effect::new(move |_| document().set_title(&format!("{} · Schulhof", title.get())));
    view! {
        <header class="room-head">
            <a
                class="button ghost only-icon room-back"
                href="/app/messages"
                aria-label=words.messenger.back
            >
                <Icon shape=Shape::Back />
            </a>
            <h2>{title}</h2>
        </header>
    }
}

/// A message's key, whether it opens a day, and whether it goes on where its author left off.
type Placed = (Key, bool, bool);

#[component]
fn Lines(window: Window<Messages>, room: RoomId) -> impl IntoView {
    let words = words();
    let placed = erased::memo(move || window.keys.with(|keys| placed(window, keys)));
    let remove = RwSignal::new(None::<u64>);
    let reaches_all = reaches_all(room);
    let older = Callback::new(move |()| window.load_more());
    let count = erased::derive(move || window.keys.with(Vec::len));
    view! {
        <More more=window.more count on_more=older />
        <Show when=move || !window.more.get()>
            <p class="beginning">{words.messenger.beginning}</p>
        </Show>
        <ol class="lines">
            <Each each=move || placed.get() key=|line| format!("{} {} {}", line.0, line.1, line.2) let:line>
                {window
                    .row(&line.0)
                    .map(|row| {
                        let on_remove = Callback::new(move |number| remove.set(Some(number)));
                        view! { <Line row opens_day=line.1 goes_on=line.2 reaches_all on_remove /> }
                    })}
            </Each>
        </ol>
        <Removal room remove />
    }
}

/// The messages from the oldest held to the newest.
fn placed(window: Window<Messages>, keys: &[Key]) -> Vec<Placed> {
    let mut before: Option<MessageRow> = None;
    let mut lines = Vec::with_capacity(keys.len());
    for key in keys.iter().rev() {
        let Some(row) = window.row(key).map(|row| row.get_untracked()) else {
            continue;
        };
        let opens_day = before
            .as_ref()
            .is_none_or(|before| !when::same_day(before.at, row.at));
        let goes_on = !opens_day
            && before.as_ref().is_some_and(|before| {
                before.author == row.author && row.at.saturating_sub(before.at) < TOGETHER
            });
        lines.push((key.clone(), opens_day, goes_on));
        before = Some(row);
    }
    lines
}

fn newest(window: Window<Messages>, many: usize) -> Vec<MessageRow> {
    window.keys.with_untracked(|keys| {
        let rows = keys.iter().take(many).filter_map(|key| window.row(key));
        rows.map(|row| row.get_untracked()).collect()
    })
}

#[component]
fn Removal(room: RoomId, remove: RwSignal<Option<u64>>) -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let toasts = toasts();
    let by = me().person;
    let open = open_while(remove);
    let yes = Callback::new(move |()| {
        let Some(number) = remove.get_untracked() else {
            return;
        };
        spawn_local(async move {
            let path = format!("/api/messenger/rooms/{room}/command");
            let command = RoomCommand::RemoveMessage { number, by };
            if let Err(trouble) = ask.command(&path, &command).await {
                toasts.complain(&trouble, words);
            }
        });
    });
    view! {
        <Question
            open
            title=words.messenger.remove_title
            text=words.messenger.remove_text
            yes=words.messenger.remove_yes
            on_yes=yes
        />
    }
}

#[derive(Serialize)]
struct UpTo {
    up_to: u64,
}

/// Marks what is on the screen as read, while the reader looks at this tab.
fn mark_read(room: RoomId, window: Window<Messages>, ask: Ask) {
    let inbox = expect_context::<Inbox>();
    let looks = RwSignal::new(browser::is_visible());
    let listener = window_event_listener(leptos::ev::visibilitychange, move |_| {
        looks.try_set(browser::is_visible());
    });
    on_cleanup(move || listener.remove());
    let marked = StoredValue::new(0_u64);
    Effect::new(move |_| {
        window.keys.track();
        let last = newest(window, 1).first().map_or(0, |row| row.number);
        let known = inbox.reads.state.get() == State::Ready;
        if !looks.get() || !known || last <= inbox.read_up_to(room).max(marked.get_value()) {
            return;
        }
        marked.set_value(last);
        spawn_local(async move {
            let path = format!("/api/messenger/rooms/{room}/read");
            if ask.command(&path, &UpTo { up_to: last }).await.is_err() {
                // The next message, or the next look, tries again.
                marked.try_update_value(|marked| *marked = 0);
            }
        });
    });
}
