//! Choosing a group: one types a part of its name and takes one of those found.

use crate::ask::Query;
use crate::parts::{Each, Empty, Icon, Rows, Search, Shape};
use crate::store::{Window, store};
use crate::words::words;
use events::Scope;
use events::accounts::view::Groups;
use events::ids::GroupId;
use leptos::prelude::*;

/// Offers all groups, those that are over too: what was said in them is still there.
#[component]
pub(super) fn GroupChoice(choose: Callback<GroupId>) -> impl IntoView {
    let words = words();
    let search = RwSignal::new(String::new());
    let window: Window<Groups> = store().window(move || {
        Some(Query {
            scope: Some(Scope::School),
            search: search.get(),
            limit: 20,
            ..Query::default()
        })
    });
    let empty = move || {
        view! {
            <Empty
                shape=Shape::Group
                title=words.inspection.no_group
                text=words.inspection.no_group_text
            />
        }
    };
    let offered = move |key: &String| {
        let row = window.row(key)?;
        let row = row.get_untracked();
        let (group, name) = (row.group, row.name);
        Some(view! {
            <li class="row">
                <button type="button" class="row-main" on:click=move |_| choose.run(group)>
                    <span class="row-sign">
                        <Icon shape=Shape::Group />
                    </span>
                    <span class="row-title">{name}</span>
                </button>
            </li>
        })
    };
    view! {
        <Search id="group-search" label=words.inspection.search_groups value=search />
        <div class="choices">
            <Rows window empty>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {offered(&key)}
                    </Each>
                </ul>
            </Rows>
        </div>
    }
}
