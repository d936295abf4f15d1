//! The way from the top of a space down to a folder. Rows know their parent only, so it is climbed one by one.

use crate::erased;
use crate::parts::{Each, Icon, Shape};
use crate::session::me;
use crate::store::{Lookup, directory, store};
use crate::words::words;
use events::files::view::{FileRow, Files, Spaces};
use events::ids::{NodeId, SpaceId};
use events::{Audience, Scope};
use leptos::prelude::*;

/// Deeper than this nobody nests folders; it also ends a climb that a damaged row would send in circles.
const DEEPEST: usize = 64;

/// The folder and those above it, from the top down, as far as they are known.
pub(super) fn way_to(files: Lookup<Files>, folder: Option<NodeId>) -> Vec<FileRow> {
    let mut way = Vec::new();
    let mut next = folder;
    while let (Some(node), true) = (next, way.len() < DEEPEST) {
        let row = files
            .find(node.to_string())
            .with(|found| found.row().cloned());
        let Some(row) = row else { break };
        next = row.parent;
        way.push(row);
    }
    way.reverse();
    way
}

/// Whom a space is for, once that is known.
pub(super) fn audience_of(space: SpaceId) -> Signal<Option<Audience>> {
    let spaces: Lookup<Spaces> = store().lookup(Some(Scope::Space(space)));
    let row = spaces.find(space.to_string());
    erased::derive(move || row.with(|found| found.row().map(|row| row.audience)))
}

/// What a space is called.
pub(super) fn space_name(audience: Signal<Option<Audience>>) -> Signal<String> {
    let words = words();
    let directory = directory();
    let me = me().person;
    let name = erased::memo(move || match audience.get() {
        None => None,
        Some(Audience::Person(person)) if person == me => None,
        Some(audience) => Some(directory.audience_of(audience, me)),
    });
    erased::derive(move || match (audience.get(), name.get()) {
        (Some(_), Some(name)) => name.get(),
        (Some(_), None) => words.files.own_space.to_owned(),
        (None, _) => words.files.files.to_owned(),
    })
}

/// A link is drawn anew when its folder is called otherwise.
fn key(row: &FileRow) -> String {
    let name = row.name.get().map_or("", |name| name);
    format!("{} {name}", row.node)
}

/// The way, as links.
#[component]
pub(super) fn Crumbs(
    space: SpaceId,
    #[prop(into)] space_name: Signal<String>,
    #[prop(into)] way: Signal<Vec<FileRow>>,
) -> impl IntoView {
    let words = words();
    let last = move || way.with(|way| way.last().map(|row| row.node));
    view! {
        <nav class="crumbs" aria-label=words.files.path>
            <ol>
                <li>
                    <a href="/app/files">{words.files.files}</a>
                </li>
                <li>
                    <Icon shape=Shape::Next />
                    <a
                        href=format!("/app/files/{space}")
                        aria-current=move || last().is_none().then_some("page")
                    >
                        {space_name}
                    </a>
                </li>
                <Each each=move || way.get() key=key let:row>
                    <li>
                        <Icon shape=Shape::Next />
                        <a
                            href=format!("/app/files/{space}/{}", row.node)
                            aria-current=move || (last() == Some(row.node)).then_some("page")
                        >
                            {row.name.get().cloned().unwrap_or_else(|| "…".to_owned())}
                        </a>
                    </li>
                </Each>
            </ol>
        </nav>
    }
}
