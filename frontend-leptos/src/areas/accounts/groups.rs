//! The list of classes and other groups.

use super::add_group::AddGroupButton;
use super::terms::{kind, school_year};
use super::{AreaTabs, Tab};
use crate::ask::Query;
use crate::erased;
use crate::parts::{Each, Empty, Icon, More, Page, Rows, Search, Shape};
use crate::store::{Window, store};
use crate::words::{fill, words};
use events::Scope;
use events::accounts::view::{GroupRow, Groups};
use leptos::prelude::*;

/// The page of all groups.
#[component]
pub(crate) fn GroupsPage() -> impl IntoView {
    let words = words();
    let search = RwSignal::new(String::new());
    let window: Window<Groups> = store().window(move || {
        Some(Query {
            scope: Some(Scope::School),
            search: search.get(),
            limit: 100,
            ..Query::default()
        })
    });
    let empty = move || {
        view! {
            <Empty
                shape=Shape::Group
                title=words.accounts.no_groups
                text=words.accounts.no_groups_text
            />
        }
    };
    let count = erased::derive(move || window.keys.with(Vec::len));
    let on_more = Callback::new(move |()| window.load_more());
    view! {
        <Page title=words.accounts.groups actions=|| view! { <AddGroupButton /> }>
            <AreaTabs current=Tab::Groups />
            <Search id="groups-search" label=words.accounts.search_groups value=search />
            <Rows window empty>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {window
                            .row(&key)
                            .map(|row| move || view! { <GroupLink row=row.get() /> })}
                    </Each>
                </ul>
                <More more=window.more count on_more />
            </Rows>
        </Page>
    }
}

#[component]
fn GroupLink(row: GroupRow) -> impl IntoView {
    let words = words();
    let year = fill(
        words.accounts.school_year,
        &[("year", &school_year(row.year))],
    );
    let closed =
        (!row.open).then(|| view! { <span class="chip plain">{words.accounts.closed}</span> });
    view! {
        <li class="row">
            <a class="row-main" href=format!("/app/groups/{}", row.group)>
                <span class="row-sign">
                    <Icon shape=Shape::Group />
                </span>
                <span class="row-text">
                    <span class="row-title">{row.name}</span>
                    <span class="row-note">{year}</span>
                </span>
            </a>
            {closed}
            <span class="chip">{kind(row.kind, words)}</span>
        </li>
    }
}
