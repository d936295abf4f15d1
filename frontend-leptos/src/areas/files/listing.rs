//! The rows of a folder: name, date, author, size, and what can be done with each.

use super::command::Orders;
use super::moving::MoveDialog;
use super::naming::RenameDialog;
use super::rights::Rights;
use crate::erased;
use crate::parts::{Each, Icon, Menu, MenuItem, Shape, Show};
use crate::store::{Window, directory};
use crate::when;
use crate::words::{fill, words};
use events::files::view::{FileRow, Files, NodeKind};
use events::ids::SpaceId;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The rows of a folder.
#[component]
pub(super) fn Listing(
    window: Window<Files>,
    space: SpaceId,
    rights: Memo<Rights>,
) -> impl IntoView {
    let words = words();
    let renamed = RwSignal::new(None::<FileRow>);
    let moved = RwSignal::new(None::<FileRow>);
    view! {
        <table class="table files-table">
            <thead>
                <tr>
                    <th scope="col">{words.files.name}</th>
                    <th scope="col" class="wide-only">
                        {words.files.by}
                    </th>
                    <th scope="col" class="wide-only">
                        {words.files.changed}
                    </th>
                    <th scope="col" class="wide-only number">
                        {words.files.size}
                    </th>
                    <th scope="col">
                        <span class="only-read">{words.common.actions}</span>
                    </th>
                </tr>
            </thead>
            <tbody>
                <Each each=move || window.keys.get() key=Clone::clone let:key>
                    {window
                        .row(&key)
                        .map(|row| {
                            move || view! { <NodeRow row=row.get() space rights renamed moved /> }
                        })}
                </Each>
            </tbody>
        </table>
        <RenameDialog space row=renamed />
        <MoveDialog space row=moved />
    }
}

#[component]
fn NodeRow(
    row: FileRow,
    space: SpaceId,
    rights: Memo<Rights>,
    renamed: RwSignal<Option<FileRow>>,
    moved: RwSignal<Option<FileRow>>,
) -> impl IntoView {
    let words = words();
    let name = Orders::new(space).name(&row);
    let author = directory().name(row.author);
    let changed = when::moment(row.changed, words);
    let size = match &row.kind {
        NodeKind::Folder => String::new(),
        NodeKind::File(blob) => when::size(blob.size, words),
    };
    let note = if size.is_empty() {
        changed.clone()
    } else {
        format!("{size} · {changed}")
    };
    view! {
        <tr>
            <td>
                <NodeLink row=row.clone() space name=name.clone() note />
            </td>
            <td class="wide-only quiet">{author}</td>
            <td class="wide-only quiet">
                <time datetime=when::machine(row.changed)>{changed}</time>
            </td>
            <td class="wide-only quiet number">{size}</td>
            <td class="table-actions">
                <NodeMenu row space rights name renamed moved />
            </td>
        </tr>
    }
}

/// The address of a file's bytes.
fn content(space: SpaceId, row: &FileRow) -> String {
    format!("/api/files/spaces/{space}/nodes/{}/content", row.node)
}

#[component]
fn NodeLink(row: FileRow, space: SpaceId, name: String, note: String) -> impl IntoView {
    let shape = shape_of(&row.kind);
    let text = view! {
        <span class="row-sign">
            <Icon shape />
        </span>
        <span class="row-text">
            <span class="row-title">{name.clone()}</span>
            <span class="row-note narrow-only">{note}</span>
        </span>
    };
    match row.kind {
        NodeKind::Folder => view! {
            <a class="row-main" href=format!("/app/files/{space}/{}", row.node)>
                {text}
            </a>
        }
        .into_any(),
        NodeKind::File(_) => view! {
            <a class="row-main" href=content(space, &row) download=name>
                {text}
            </a>
        }
        .into_any(),
    }
}

/// The icon of a kind of node.
pub(super) fn shape_of(kind: &NodeKind) -> Shape {
    match kind {
        NodeKind::Folder => Shape::Folder,
        NodeKind::File(blob) if blob.media_type.starts_with("image/") => Shape::Image,
        NodeKind::File(_) => Shape::File,
    }
}

#[component]
fn NodeMenu(
    row: FileRow,
    space: SpaceId,
    rights: Memo<Rights>,
    name: String,
    renamed: RwSignal<Option<FileRow>>,
    moved: RwSignal<Option<FileRow>>,
) -> impl IntoView {
    let words = words();
    let orders = Orders::new(space);
    let row = StoredValue::new(row);
    let label = fill(words.files.actions_for, &[("name", &name)]);
    let navigate = use_navigate();
    let fetch = Callback::new(move |()| {
        let address = row.with_value(|row| content(space, row));
        // The answer is an attachment, so the page stays where it is.
        window().location().assign(&address).ok();
    });
    let enter = Callback::new(move |()| {
        let address = row.with_value(|row| format!("/app/files/{space}/{}", row.node));
        navigate(&address, NavigateOptions::default());
    });
    let is_file = row.with_value(|row| matches!(row.kind, NodeKind::File(_)));
    let rename = Callback::new(move |()| renamed.set(Some(row.get_value())));
    let move_it = Callback::new(move |()| moved.set(Some(row.get_value())));
    let delete = Callback::new(move |()| row.with_value(|row| orders.delete(row)));
    let may_change = erased::memo(move || row.with_value(|row| rights.get().may_change(row)));
    view! {
        <Menu label face=|| view! { <Icon shape=Shape::Dots /> }>
            {if is_file {
                view! { <MenuItem shape=Shape::Download label=words.files.download on_choose=fetch /> }
            } else {
                view! { <MenuItem shape=Shape::Folder label=words.files.open on_choose=enter /> }
            }}
            <Show when=move || may_change.get()>
                <MenuItem shape=Shape::Pencil label=words.files.rename on_choose=rename />
                <MenuItem shape=Shape::Move label=words.files.move_ on_choose=move_it />
                <MenuItem
                    shape=Shape::Trash
                    label=words.files.delete
                    on_choose=delete
                    danger=true
                />
            </Show>
        </Menu>
    }
}
