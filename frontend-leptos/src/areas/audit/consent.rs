//! Pages that show content under a consent: what it is about, what for and until when stands above everything they show.

use super::views::{Named, all, opened_by};
use super::{AreaTabs, Tab};
use crate::areas::inspections::{about_text, holds, purpose_text};
use crate::erased;
use crate::parts::{Icon, Shape, Skeleton, live, notice, text};
use crate::session::me;
use crate::store::{Found, directory, store};
use crate::when;
use crate::words::{fill, words};
use events::Scope;
use events::audit::view::{InspectionRow, Inspections};
use events::ids::InspectionId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The consent that the address names.
pub(super) fn named_consent() -> Memo<Option<InspectionId>> {
    let query = use_query_map();
    erased::memo(move || query.with(|query| query.get("inspection")?.parse().ok()))
}

/// A page's tabs and what is drawn below them: of all views, or of those that the consent opens that the address names.
pub(super) fn consented(current: Tab, draw: Draw) -> AnyView {
    let words = words();
    let inspection = named_consent();
    let is_auditor = me().audits();
    live(move || {
        let tabs = match is_auditor {
            true => view! { <AreaTabs current /> }.into_any(),
            false => ().into_any(),
        };
        let content = match inspection.get() {
            None => draw(None, all(words)),
            Some(inspection) => under(inspection, draw),
        };
        vec![tabs, content].into_any()
    })
}

/// Draws a page for a consent, or none, and the views that it is about.
pub(super) type Draw = fn(Option<InspectionId>, Vec<Named>) -> AnyView;

/// What of a request decides what the page shows: that another page was read is none of it.
#[derive(Clone, PartialEq)]
enum Standing {
    Asking,
    Over,
    Holds(Box<InspectionRow>),
}

fn under(inspection: InspectionId, draw: Draw) -> AnyView {
    let words = words();
    let own = store().lookup::<Inspections>(Some(Scope::Person(me().person)));
    let row = own.find(format!("{inspection}/own"));
    let standing = erased::memo(move || match row.get() {
        Found::Asking => Standing::Asking,
        Found::There(mut row) if holds(&row) => {
            row.readings = 0;
            Standing::Holds(Box::new(row))
        }
        Found::There(_) | Found::Missing => Standing::Over,
    });
    live(move || match standing.get() {
        Standing::Asking => view! { <Skeleton lines=4 /> }.into_any(),
        Standing::Over => {
            let said = words.inspection.not_open.to_owned();
            notice(said, "/app/inspections", words.inspection.to_requests)
        }
        Standing::Holds(row) => {
            let views = opened_by(row.about, words);
            vec![banner(&row), draw(Some(inspection), views)].into_any()
        }
    })
}

fn banner(row: &InspectionRow) -> AnyView {
    let words = words();
    let directory = directory();
    let about = row.about;
    let title = text(move || {
        let about = about_text(about, directory, words);
        fill(words.inspection.reading, &[("about", &about)])
    });
    let until = row.expires.map(|at| when::moment(at, words));
    let values = [
        ("purpose", purpose_text(row.purpose, words)),
        ("until", until.as_deref().unwrap_or_default()),
    ];
    view! {
        <div class="banner">
            <Icon shape=Shape::Key />
            <span>
                <strong>{title}</strong>
                <br />
                {fill(words.inspection.reading_text, &values)}
            </span>
        </div>
    }
    .into_any()
}
