//! The spaces that a reader can open: their own first, then those of their groups.

use crate::ask::Query;
use crate::erased;
use crate::parts::{Each, Empty, Icon, Page, Rows, Shape, in_order};
use crate::session::me;
use crate::store::{Window, directory, store};
use crate::words::{fill, words};
use events::Audience;
use events::files::view::{SpaceRow, Spaces};
use leptos::prelude::*;

/// The list of spaces.
#[component]
pub(crate) fn SpacesPage() -> impl IntoView {
    let words = words();
    let window: Window<Spaces> = store().window(|| {
        Some(Query {
            limit: 500,
            ..Query::default()
        })
    });
    let me = me().person;
    let directory = directory();
    let sorted = erased::memo(move || {
        let spaces: Vec<SpaceRow> = window.keys.with(|keys| {
            let rows = keys.iter().filter_map(|key| window.row(key));
            rows.map(|row| row.get()).collect()
        });
        in_order(spaces, |space| match space.audience {
            Audience::Group(group) => format!("1{}", directory.group_order(group)),
            Audience::Person(_) | Audience::Pair(..) => String::new(),
        })
    });
    let empty = move || {
        view! {
            <Empty
                shape=Shape::Folder
                title=words.files.no_spaces
                text=words.files.no_spaces_text
            />
        }
    };
    view! {
        <Page title=words.files.files>
            <Rows window empty>
                <ul class="list roomy">
                    <Each each=move || sorted.get() key=|space| space.space.to_string() let:space>
                        <SpaceLink is_own=space.audience == Audience::Person(me) space />
                    </Each>
                </ul>
            </Rows>
        </Page>
    }
}

#[component]
fn SpaceLink(space: SpaceRow, is_own: bool) -> impl IntoView {
    let words = words();
    let name = directory().audience(space.audience);
    let title = move || {
        if is_own {
            words.files.own_space.to_owned()
        } else {
            name.get()
        }
    };
    let note = move || {
        if is_own {
            words.files.own_space_text.to_owned()
        } else {
            fill(words.files.group_space_text, &[("name", &name.get())])
        }
    };
    let shape = if is_own { Shape::Lock } else { Shape::Folder };
    view! {
        <li class="row">
            <a class="row-main" href=format!("/app/files/{}", space.space)>
                <span class="row-sign">
                    <Icon shape />
                </span>
                <span class="row-text">
                    <span class="row-title">{title}</span>
                    <span class="row-note">{note}</span>
                </span>
                <Icon shape=Shape::Next />
            </a>
        </li>
    }
}
