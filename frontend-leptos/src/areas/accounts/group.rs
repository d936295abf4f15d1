//! One group: who leads it, who belongs to it, and the ways to its files and its conversation.

use super::keep_group::{GroupActions, MemberMenu, may_keep};
use super::people::PersonLink;
use super::terms::{kind, school_year};
use crate::areas::messenger::Inbox;
use crate::ask::Query;
use crate::erased;
use crate::parts::{Each, Empty, Icon, More, Page, Rows, Shape, Show, in_order};
use crate::store::{Found, Lookup, Window, directory, store};
use crate::words::{Words, fill, words};
use events::accounts::MemberRole;
use events::accounts::view::{GroupRow, MemberRow, Members, People};
use events::files::view::Spaces;
use events::ids::GroupId;
use events::{Audience, Scope, View as _};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// A group's page; the group is in the address.
#[component]
pub(crate) fn GroupPage() -> impl IntoView {
    let params = use_params_map();
    let group =
        erased::memo(move || params.with(|params| params.get("group")?.parse::<GroupId>().ok()));
    move || group.get().map(|group| view! { <Group group /> })
}

fn lead(row: &GroupRow, words: &Words) -> String {
    let year = fill(
        words.accounts.school_year,
        &[("year", &school_year(row.year))],
    );
    let closed = if row.open {
        String::new()
    } else {
        format!(" · {}", words.accounts.closed)
    };
    format!("{} · {year}{closed}", kind(row.kind, words))
}

#[component]
fn Group(group: GroupId) -> impl IntoView {
    let words = words();
    let directory = directory();
    let name = directory.group(group);
    let row = directory.groups.find(group.to_string());
    let about = erased::derive(move || {
        row.with(|found| found.row().map(|row| lead(row, words)).unwrap_or_default())
    });
    let window: Window<Members> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Roll(group)),
            prefix: Members::CURRENT.to_owned(),
            limit: 200,
            ..Query::default()
        })
    });
    let empty = move || {
        view! {
            <Empty shape=Shape::People title=words.accounts.members text=words.accounts.no_members />
        }
    };
    let gone = empty;
    let count = erased::derive(move || window.keys.with(Vec::len));
    let on_more = Callback::new(move |()| window.load_more());
    let may_keep = may_keep(group, window);
    let actions = move || {
        view! {
            <GroupPlaces group />
            <Show when=move || may_keep.get()>
                <GroupActions group members=window />
            </Show>
        }
    };
    let sorted = erased::memo(move || sorted(window, directory.people));
    view! {
        <Page title=name lead=about actions>
            <Rows window empty gone>
                <ul class="list">
                    <Each each=move || sorted.get() key=Clone::clone let:key>
                        {window
                            .row(&key)
                            .map(|row| move || view! { <Member group row=row.get() may_keep /> })}
                    </Each>
                </ul>
                <More more=window.more count on_more />
            </Rows>
        </Page>
    }
}

/// Leaders first, then everybody by name, as far as names are known; the view itself knows no names.
fn sorted(window: Window<Members>, people: Lookup<People>) -> Vec<String> {
    let members: Vec<(String, String)> = window.keys.with(|keys| {
        let placed = keys.iter().filter_map(|key| {
            let member = window.row(key)?.get();
            let name = people.find(member.person.to_string()).with(|found| {
                let row = found.row()?;
                Some(People::place(row).sort)
            });
            let is_member = u8::from(member.role == MemberRole::Member);
            let place = format!("{is_member}{}", name.unwrap_or_default());
            Some((place, key.clone()))
        });
        placed.collect()
    });
    let members = in_order(members, |(place, _)| place.clone());
    members.into_iter().map(|(_, key)| key).collect()
}

#[component]
fn Member(group: GroupId, row: MemberRow, may_keep: Memo<bool>) -> impl IntoView {
    let words = words();
    let person = directory().people.find(row.person.to_string());
    let note = (row.role == MemberRole::Leader).then(|| words.accounts.leader.to_owned());
    let member = row;
    move || match person.get() {
        Found::There(row) => {
            let note = note.clone().unwrap_or_default();
            let member = member.clone();
            let menu = move || {
                may_keep
                    .get()
                    .then(|| view! { <MemberMenu group row=member.clone() /> })
            };
            view! { <PersonLink row note menu /> }.into_any()
        }
        Found::Asking | Found::Missing => ().into_any(),
    }
}

/// The ways to the group's conversation and files, for those who belong to it.
#[component]
fn GroupPlaces(group: GroupId) -> impl IntoView {
    let words = words();
    let inbox = expect_context::<Inbox>();
    let room = erased::memo(move || {
        let rooms = inbox.all_rooms();
        let of = rooms
            .iter()
            .find(|room| room.audience == Audience::Group(group));
        of.map(|room| room.room)
    });
    let spaces: Window<Spaces> = store().window(|| {
        Some(Query {
            limit: 500,
            ..Query::default()
        })
    });
    let space = erased::memo(move || {
        spaces.keys.with(|keys| {
            let rows = keys.iter().filter_map(|key| spaces.row(key));
            let mut rows = rows.map(|row| row.get());
            rows.find(|space| space.audience == Audience::Group(group))
                .map(|space| space.space)
        })
    });
    let to_room = move |room| {
        view! {
            <a class="button" href=format!("/app/messages/{room}")>
                <Icon shape=Shape::Chat />
                <span>{words.accounts.group_room}</span>
            </a>
        }
    };
    let to_space = move |space| {
        view! {
            <a class="button" href=format!("/app/files/{space}")>
                <Icon shape=Shape::Folder />
                <span>{words.accounts.group_files}</span>
            </a>
        }
    };
    view! {
        {move || room.get().map(to_room)}
        {move || space.get().map(to_space)}
    }
}
