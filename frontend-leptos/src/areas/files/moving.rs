//! The dialog that asks where a node should go: one walks through the folders of the space.

use super::command::Orders;
use super::crumbs::way_to;
use crate::ask::Query;
use crate::erased;
use crate::parts::{Dialog, Each, Icon, More, Rows, Shape, open_while};
use crate::store::{Lookup, Window, store};
use crate::words::{fill, words};
use events::Scope;
use events::files::view::{FileRow, Files, NodeKind};
use events::ids::{NodeId, SpaceId};
use leptos::prelude::*;

/// Asks where to; open while there is a node.
#[component]
pub(super) fn MoveDialog(space: SpaceId, row: RwSignal<Option<FileRow>>) -> impl IntoView {
    let words = words();
    let orders = Orders::new(space);
    let open = open_while(row);
    let title = erased::derive(move || {
        let name = row.with(|row| row.as_ref().map(|row| orders.name(row)));
        fill(
            words.files.move_title,
            &[("name", &name.unwrap_or_default())],
        )
    });
    view! {
        <Dialog open title>
            {move || row.get().map(|row| view! { <Walk space open row /> })}
        </Dialog>
    }
}

#[component]
fn Walk(space: SpaceId, open: RwSignal<bool>, row: FileRow) -> impl IntoView {
    let words = words();
    let orders = Orders::new(space);
    let moved = row.node;
    let from = row.parent;
    let here = RwSignal::new(from);
    let files: Lookup<Files> = store().lookup(Some(Scope::Space(space)));
    let way = erased::memo(move || way_to(files, here.get()));
    let window: Window<Files> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Space(space)),
            // Folders sort before files, and are marked so at the front of the sort text.
            prefix: format!("{}0", Files::inside(here.get())),
            limit: 200,
            ..Query::default()
        })
    });
    let up = move |_| {
        let above = way.with_untracked(|way| way.last().and_then(|row| row.parent));
        here.set(above);
    };
    let place = move || {
        let folder = way.with(|way| way.last().map(|row| orders.name(row)));
        folder.unwrap_or_else(|| words.files.files.to_owned())
    };
    let row = StoredValue::new(row);
    let agree = move |_| {
        open.set(false);
        row.with_value(|row| orders.move_to(row, here.get_untracked()));
    };
    let empty = move || view! { <p class="quiet">{words.files.no_folders}</p> };
    let count = erased::derive(move || window.keys.with(Vec::len));
    let on_more = Callback::new(move |()| window.load_more());
    view! {
        <div class="walk-head">
            <button
                type="button"
                class="button ghost only-icon"
                aria-label=words.files.up
                disabled=move || here.get().is_none()
                on:click=up
            >
                <Icon shape=Shape::Back />
            </button>
            <strong aria-live="polite">{place}</strong>
        </div>
        <div class="choices">
            <Rows window empty>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {window
                            .row(&key)
                            .map(|row| row.get_untracked())
                            .filter(|row| row.node != moved && row.kind == NodeKind::Folder)
                            .map(|row| view! { <Way name=orders.name(&row) node=row.node here /> })}
                    </Each>
                </ul>
                <More more=window.more count on_more />
            </Rows>
        </div>
        <div class="dialog-foot">
            <button type="button" class="button" on:click=move |_| open.set(false)>
                {words.common.cancel}
            </button>
            <button
                type="button"
                class="button accent"
                disabled=move || here.get() == from
                on:click=agree
            >
                {words.files.move_here}
            </button>
        </div>
    }
}

#[component]
fn Way(name: String, node: NodeId, here: RwSignal<Option<NodeId>>) -> impl IntoView {
    view! {
        <li class="row">
            <button type="button" class="row-main" on:click=move |_| here.set(Some(node))>
                <span class="row-sign">
                    <Icon shape=Shape::Folder />
                </span>
                <span class="row-title">{name}</span>
                <Icon shape=Shape::Next />
            </button>
        </li>
    }
}
