//! The start page: what is unread, one's own classes and groups, and with whom one spoke last.

use crate::areas::backup::backup_alarm;
use crate::areas::inspections::consent_notice;
use crate::areas::messenger::{Inbox, RoomLink};
use crate::areas::witnesses::WitnessAlarm;
use crate::ask::Query;
use crate::erased;
use crate::parts::{Each, Icon, Page, Shape, Show, in_order};
use crate::session::me;
use crate::store::{Window, directory, store};
use crate::when;
use crate::words::{fill, words};
use events::Audience;
use events::files::view::{SpaceRow, Spaces};
use events::ids::{GroupId, RoomId, SpaceId};
use events::messenger::view::RoomRow;
use leptos::prelude::*;

/// How many conversations the start page names.
const RECENT: usize = 6;

/// The start page.
#[component]
pub(crate) fn StartPage() -> impl IntoView {
    let words = words();
    let greeting = match when::hour() {
        0..=10 => words.shell.good_morning,
        11..=17 => words.shell.good_day,
        _ => words.shell.good_evening,
    };
    let title = fill(greeting, &[("name", &me().name.given)]);
    view! {
        <Page title=title class="page start">
            {consent_notice()}
            <WitnessAlarm />
            {backup_alarm()}
            <div class="columns">
                <div>
                    <Unread />
                    <Recent />
                </div>
                <OwnGroups />
            </div>
        </Page>
    }
}

#[component]
fn Unread() -> impl IntoView {
    let words = words();
    let inbox = expect_context::<Inbox>();
    let rooms = erased::memo(move || inbox.unread_rooms());
    view! {
        <section class="section" aria-labelledby="unread-title">
            <h2 id="unread-title">{words.shell.unread}</h2>
            <Show
                when=move || !rooms.with(Vec::is_empty)
                fallback=move || view! { <p class="quiet">{words.shell.nothing_unread}</p> }
            >
                <ul class="list">
                    <Each each=move || rooms.get() key=|room| room.room.to_string() let:room>
                        <RoomLink room />
                    </Each>
                </ul>
            </Show>
        </section>
    }
}

#[component]
fn Recent() -> impl IntoView {
    let words = words();
    let inbox = expect_context::<Inbox>();
    let rooms = erased::memo(move || {
        let mut rooms = inbox.all_rooms();
        rooms.retain(|room| room.last > 0 && inbox.unread(room) == 0);
        rooms.truncate(RECENT);
        rooms
    });
    // Where everything said is still unread, there is no further conversation to name.
    let all_unread =
        erased::memo(move || rooms.with(Vec::is_empty) && !inbox.unread_rooms().is_empty());
    view! {
        <Show when=move || !all_unread.get()>
            <section class="section" aria-labelledby="recent-title">
                <h2 id="recent-title">{words.shell.recent}</h2>
                <Show
                    when=move || !rooms.with(Vec::is_empty)
                    fallback=move || view! { <p class="quiet">{words.shell.no_recent}</p> }
                >
                    <ul class="list">
                        <Each each=move || rooms.get() key=|room| format!("{} {}", room.room, room.last) let:room>
                            <RoomLink room />
                        </Each>
                    </ul>
                </Show>
            </section>
        </Show>
    }
}

/// A group of the reader with the places that belong to it.
#[derive(Clone, Copy, PartialEq)]
struct Own {
    group: GroupId,
    room: RoomId,
    space: Option<SpaceId>,
}

impl Own {
    fn key(&self) -> String {
        let space = self.space.map(|space| space.to_string());
        format!("{} {}", self.group, space.unwrap_or_default())
    }
}

fn own(rooms: Vec<RoomRow>, spaces: &[SpaceRow]) -> Vec<Own> {
    let of = |room: RoomRow| {
        let Audience::Group(group) = room.audience else {
            return None;
        };
        let space = spaces
            .iter()
            .find(|space| space.audience == Audience::Group(group));
        Some(Own {
            group,
            room: room.room,
            space: space.map(|space| space.space),
        })
    };
    rooms.into_iter().filter_map(of).collect()
}

#[component]
fn OwnGroups() -> impl IntoView {
    let words = words();
    let inbox = expect_context::<Inbox>();
    let directory = directory();
    let spaces: Window<Spaces> = store().window(|| {
        Some(Query {
            limit: 500,
            ..Query::default()
        })
    });
    let groups = erased::memo(move || {
        let spaces: Vec<SpaceRow> = spaces.keys.with(|keys| {
            let rows = keys.iter().filter_map(|key| spaces.row(key));
            rows.map(|row| row.get()).collect()
        });
        let own = own(inbox.all_rooms(), &spaces);
        // Rooms come newest first; a group keeps its place on this page whatever is said in it.
        in_order(own, |own| directory.group_order(own.group))
    });
    let own_space = me().own_space;
    view! {
        <section class="section" aria-labelledby="groups-title">
            <h2 id="groups-title">{words.shell.own_groups}</h2>
            <Show when=move || groups.with(Vec::is_empty)>
                <p class="quiet">{words.shell.no_groups}</p>
            </Show>
            <ul class="list">
                <Each each=move || groups.get() key=Own::key let:own>
                    <OwnGroup own />
                </Each>
                {own_space
                    .map(|space| {
                        view! {
                            <li class="row">
                                <a class="row-main" href=format!("/app/files/{space}")>
                                    <span class="row-sign">
                                        <Icon shape=Shape::Lock />
                                    </span>
                                    <span class="row-title">{words.shell.own_files}</span>
                                </a>
                            </li>
                        }
                    })}
            </ul>
        </section>
    }
}

#[component]
fn OwnGroup(own: Own) -> impl IntoView {
    let words = words();
    let name = directory().group(own.group);
    view! {
        <li class="row">
            <a class="row-main" href=format!("/app/groups/{}", own.group)>
                <span class="row-sign">
                    <Icon shape=Shape::Group />
                </span>
                <span class="row-title">{name}</span>
            </a>
            <a
                class="button ghost only-icon"
                href=format!("/app/messages/{}", own.room)
                aria-label=move || format!("{}: {}", words.shell.messages, name.get())
            >
                <Icon shape=Shape::Chat />
            </a>
            {own
                .space
                .map(|space| {
                    view! {
                        <a
                            class="button ghost only-icon"
                            href=format!("/app/files/{space}")
                            aria-label=move || format!("{}: {}", words.shell.files, name.get())
                        >
                            <Icon shape=Shape::Folder />
                        </a>
                    }
                })}
        </li>
    }
}
