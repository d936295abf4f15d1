//! One folder of a space: its page, its buttons, and the place to drop files on.

use super::crumbs::{Crumbs, audience_of, space_name, way_to};
use super::listing::Listing;
use super::naming::NewFolder;
use super::rights::rights;
use super::uploads::Uploads;
use crate::ask::Query;
use crate::erased;
use crate::parts::{DropZone, Empty, Icon, More, Page, Rows, Shape, Show, listed};
use crate::session::me;
use crate::store::{Lookup, State, Window, store};
use crate::words::{fill, words};
use events::files::view::Files;
use events::ids::{NodeId, SpaceId};
use events::{Audience, Scope};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// A folder's page; space and folder are in the address.
#[component]
pub(crate) fn FolderPage() -> impl IntoView {
    let params = use_params_map();
    let space =
        erased::memo(move || params.with(|params| params.get("space")?.parse::<SpaceId>().ok()));
    let folder =
        erased::memo(move || params.with(|params| params.get("folder")?.parse::<NodeId>().ok()));
    move || space.get().map(|space| view! { <Folder space folder /> })
}

#[component]
fn Folder(space: SpaceId, folder: Memo<Option<NodeId>>) -> impl IntoView {
    let words = words();
    let files: Lookup<Files> = store().lookup(Some(Scope::Space(space)));
    let way = erased::memo(move || way_to(files, folder.get()));
    let audience = audience_of(space);
    let name = space_name(audience);
    let title = erased::memo(move || {
        let folder = way.with(|way| way.last().and_then(|row| row.name.get().cloned()));
        folder.unwrap_or_else(|| name.get())
    });
    let me = me().person;
    let lead = erased::derive(move || match audience.get() {
        Some(Audience::Person(person)) if person == me => words.files.who_sees_own.to_owned(),
        Some(_) => fill(words.files.who_sees, &[("name", &name.get())]),
        None => String::new(),
    });
    let window: Window<Files> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Space(space)),
            prefix: Files::inside(folder.get()),
            limit: 200,
            ..Query::default()
        })
    });
    let uploads = expect_context::<Uploads>();
    let rights = rights(audience);
    let take = Callback::new(move |chosen| {
        if rights.get_untracked().add {
            uploads.add(space, folder.get_untracked(), chosen);
        }
    });
    let empty = move || {
        view! { <Empty shape=Shape::Folder title=words.files.empty text=words.files.empty_text /> }
    };
    let gone = move || {
        view! { <Empty shape=Shape::Lock title=words.files.gone text=words.files.gone_text /> }
    };
    let count = erased::derive(move || window.keys.with(Vec::len));
    let on_more = Callback::new(move |()| window.load_more());
    let is_there = move || window.state.get() != State::Gone;
    let may_add = move || is_there() && rights.get().add;
    let actions = move || {
        view! {
            <Show when=may_add>
                <FolderActions space folder take />
            </Show>
        }
    };
    view! {
        <Crumbs space space_name=name way />
        <Page title=title lead=lead actions=actions>
            <DropZone on_files=take hint=words.files.drop>
                <Rows window empty gone>
                    <Listing window space rights />
                    <More more=window.more count on_more />
                </Rows>
            </DropZone>
            <Show when=is_there>
                <p class="page-foot">
                    <a class="quiet-link" href=format!("/app/files/{space}/deleted")>
                        <Icon shape=Shape::Trash />
                        {words.files.deleted}
                    </a>
                </p>
            </Show>
        </Page>
    }
}

#[component]
fn FolderActions(
    space: SpaceId,
    folder: Memo<Option<NodeId>>,
    take: Callback<Vec<web_sys::File>>,
) -> impl IntoView {
    let words = words();
    let input = NodeRef::<html::Input>::new();
    let naming = RwSignal::new(false);
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        if let Some(files) = input.files() {
            take.run(listed(&files));
        }
        // So that the same file can be chosen again.
        input.set_value("");
    };
    view! {
        <button type="button" class="button" on:click=move |_| naming.set(true)>
            <Icon shape=Shape::Plus />
            <span>{words.files.new_folder}</span>
        </button>
        <button type="button" class="button accent" on:click=choose>
            <Icon shape=Shape::Upload />
            <span>{words.files.upload}</span>
        </button>
        <input
            node_ref=input
            class="only-read"
            type="file"
            multiple
            tabindex="-1"
            aria-label=words.files.upload
            on:change=chosen
        />
        <NewFolder space folder open=naming />
    }
}
