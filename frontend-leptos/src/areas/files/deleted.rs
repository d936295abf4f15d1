//! What was deleted from a space, and the way back.

use super::command::Orders;
use super::crumbs::{Crumbs, audience_of, space_name};
use super::listing::shape_of;
use super::rights::{Rights, rights};
use crate::ask::Query;
use crate::erased;
use crate::parts::{Each, Empty, Icon, More, Page, Rows, Shape, Show};
use crate::store::{Window, store};
use crate::when;
use crate::words::words;
use events::Scope;
use events::files::view::{FileRow, Files};
use events::ids::SpaceId;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The page of deleted nodes; the space is in the address.
#[component]
pub(crate) fn DeletedPage() -> impl IntoView {
    let params = use_params_map();
    let space =
        erased::memo(move || params.with(|params| params.get("space")?.parse::<SpaceId>().ok()));
    move || space.get().map(|space| view! { <Deleted space /> })
}

#[component]
fn Deleted(space: SpaceId) -> impl IntoView {
    let words = words();
    let window: Window<Files> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Space(space)),
            prefix: Files::DELETED.to_owned(),
            limit: 100,
            ..Query::default()
        })
    });
    let audience = audience_of(space);
    let rights = rights(audience);
    let name = space_name(audience);
    let empty = move || {
        view! {
            <Empty
                shape=Shape::Trash
                title=words.files.nothing_deleted
                text=words.files.nothing_deleted_text
            />
        }
    };
    let gone = move || {
        view! { <Empty shape=Shape::Lock title=words.files.gone text=words.files.gone_text /> }
    };
    let count = erased::derive(move || window.keys.with(Vec::len));
    let on_more = Callback::new(move |()| window.load_more());
    let nowhere = Signal::derive(Vec::new);
    view! {
        <Crumbs space space_name=name way=nowhere />
        <Page title=words.files.deleted>
            <Rows window empty gone>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {window
                            .row(&key)
                            .map(|row| view! { <DeletedRow row=row.get_untracked() space rights /> })}
                    </Each>
                </ul>
                <More more=window.more count on_more />
            </Rows>
        </Page>
    }
}

#[component]
fn DeletedRow(row: FileRow, space: SpaceId, rights: Memo<Rights>) -> impl IntoView {
    let words = words();
    let orders = Orders::new(space);
    let name = orders.name(&row);
    let label = format!("{}: {name}", words.files.restore);
    let when = row.deleted.map(|at| when::moment(at, words));
    let shape = shape_of(&row.kind);
    let row = StoredValue::new(row);
    let may_restore = erased::memo(move || row.with_value(|row| rights.get().may_change(row)));
    view! {
        <li class="row">
            <div class="row-main">
                <span class="row-sign">
                    <Icon shape />
                </span>
                <span class="row-text">
                    <span class="row-title">{name}</span>
                    <span class="row-note">{when}</span>
                </span>
            </div>
            <Show when=move || may_restore.get()>
                <button
                    type="button"
                    class="button small"
                    aria-label=label.clone()
                    on:click=move |_| row.with_value(|row| orders.restore(row))
                >
                    <Icon shape=Shape::Restore />
                    <span>{words.files.restore}</span>
                </button>
            </Show>
        </li>
    }
}
