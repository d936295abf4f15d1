//! One person: what they are, where they belong, how to write to them, and their access for those who look after it.

use super::access::Access;
use super::keep_person::PersonActions;
use super::rights::may_talk;
use super::terms::Roles;
use crate::areas::messenger::talk_to;
use crate::ask::Ask;
use crate::erased;
use crate::parts::{Avatar, Icon, Page, Shape, Show};
use crate::store::{Found, directory};
use crate::words::words;
use events::accounts::MemberRole;
use events::accounts::view::PersonRow;
use events::ids::{GroupId, PersonId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;
use serde::Deserialize;

/// A group that a person belongs to, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(super) struct Belonging {
    pub(super) group: GroupId,
    pub(super) role: MemberRole,
}

/// The groups of a person; none until they are known, and none when they are not the reader's to see.
pub(super) fn belongings(person: PersonId) -> RwSignal<Option<Vec<Belonging>>> {
    let ask = expect_context::<Ask>();
    let groups = RwSignal::new(None);
    spawn_local(async move {
        let path = format!(
            "/api/accounts/people/{person}/groups?at_least={}",
            ask.written()
        );
        if let Ok(found) = ask.get(&path).await {
            groups.try_set(Some(found));
        }
    });
    groups
}

/// A person's page; the person is in the address.
#[component]
pub(crate) fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let person =
        erased::memo(move || params.with(|params| params.get("person")?.parse::<PersonId>().ok()));
    move || person.get().map(|person| view! { <Person person /> })
}

#[component]
fn Person(person: PersonId) -> impl IntoView {
    let directory = directory();
    let name = directory.name(person);
    let row = directory.people.find(person.to_string());
    let groups = belongings(person);
    let about = move || match row.get() {
        Found::There(row) => view! { <About row /> }.into_any(),
        Found::Asking | Found::Missing => ().into_any(),
    };
    view! {
        <Page
            title=name
            actions=move || {
                view! {
                    <WriteTo person />
                    <PersonActions person />
                }
            }
        >
            {about}
            <Belongings groups />
            <Access person groups />
        </Page>
    }
}

#[component]
fn About(row: PersonRow) -> impl IntoView {
    let words = words();
    let name = row.name.get().cloned();
    let closed = (!row.open).then(|| {
        view! {
            <p class="banner warn">
                <Icon shape=Shape::Lock />
                <span>{words.accounts.account_closed}</span>
            </p>
        }
    });
    view! {
        <div class="person-about">
            <Avatar name=erased::derive(move || name.clone()) />
            <Roles roles=row.roles />
        </div>
        {closed}
    }
}

#[component]
fn WriteTo(person: PersonId) -> impl IntoView {
    let words = words();
    let talk = talk_to();
    let may_talk = may_talk(person);
    view! {
        <Show when=move || may_talk.get()>
            <button type="button" class="button" on:click=move |_| talk.run(person)>
                <Icon shape=Shape::Chat />
                <span>{words.accounts.write}</span>
            </button>
        </Show>
    }
}

#[component]
fn Belongings(groups: RwSignal<Option<Vec<Belonging>>>) -> impl IntoView {
    let words = words();
    let directory = directory();
    let link = move |belonging: Belonging| {
        let name = directory.group(belonging.group);
        let leads = belonging.role == MemberRole::Leader;
        view! {
            <li class="row">
                <a class="row-main" href=format!("/app/groups/{}", belonging.group)>
                    <span class="row-sign">
                        <Icon shape=Shape::Group />
                    </span>
                    <span class="row-title">{name}</span>
                </a>
                {leads.then(|| view! { <span class="chip">{words.accounts.leader}</span> })}
            </li>
        }
    };
    move || {
        groups.get().map(|groups| {
            let list = if groups.is_empty() {
                view! { <p class="quiet">{words.accounts.no_groups_of}</p> }.into_any()
            } else {
                let links = groups.into_iter().map(link).collect_view();
                view! { <ul class="list">{links}</ul> }.into_any()
            };
            view! {
                <section class="section" aria-labelledby="belongs-title">
                    <h2 id="belongs-title">{words.accounts.groups}</h2>
                    {list}
                </section>
            }
        })
    }
}
