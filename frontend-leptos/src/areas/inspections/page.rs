//! All requests: those that wait for the reader, their own, and the others'.

use super::request::RequestButton;
use super::row::inspection;
use super::waiting::{Waiting, is_waiting};
use crate::areas::{accounts, audit};
use crate::ask::Query;
use crate::erased;
use crate::parts::{Each, Empty, Page, Shape, live, section};
use crate::session::me;
use crate::store::{Window, store};
use crate::words::words;
use events::Scope;
use events::audit::view::{InspectionRow, Inspections};
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn InspectionsPage() -> impl IntoView {
    let words = words();
    let (decides, keeps) = (me().oversees(), me().keeps_accounts());
    let actions = || view! { <RequestButton /> }.into_any();
    let mut parts = match keeps {
        true => {
            vec![view! { <accounts::AreaTabs current=accounts::Tab::Inspections /> }.into_any()]
        }
        false => vec![view! { <audit::AreaTabs current=audit::Tab::Inspections /> }.into_any()],
    };
    if decides {
        parts.push(to_decide());
    }
    parts.push(own());
    if decides {
        parts.push(others());
    }
    view! {
        <Page
            title=words.inspection.title
            lead=Signal::stored(words.inspection.lead.to_owned())
            actions
        >
            {parts}
        </Page>
    }
}

fn to_decide() -> AnyView {
    let words = words();
    let waiting = expect_context::<Waiting>();
    let empty = move || {
        let (title, text) = (words.inspection.none, words.inspection.none_text);
        view! { <Empty shape=Shape::Shield title text /> }.into_any()
    };
    let keys = of_others(waiting, is_waiting);
    let list = list(waiting.window, keys, empty);
    section("to-decide-title", words.inspection.to_decide, list)
}

fn of_others(waiting: Waiting, is_wanted: fn(&InspectionRow) -> bool) -> Memo<Vec<String>> {
    erased::memo(move || waiting.keys(is_wanted))
}

fn own() -> AnyView {
    let words = words();
    let person = me().person;
    let window: Window<Inspections> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Person(person)),
            limit: 100,
            ..Query::default()
        })
    });
    let empty = move || view! { <p class="quiet">{words.inspection.none_own}</p> }.into_any();
    let keys = erased::memo(move || window.keys.get());
    section("own-title", words.inspection.own, list(window, keys, empty))
}

fn others() -> AnyView {
    let words = words();
    let waiting = expect_context::<Waiting>();
    let keys = of_others(waiting, |row| !is_waiting(row));
    live(move || match keys.with(Vec::is_empty) {
        true => ().into_any(),
        false => {
            let list = list(waiting.window, keys, || ().into_any());
            section("others-title", words.inspection.others, list)
        }
    })
}

fn list(
    window: Window<Inspections>,
    keys: Memo<Vec<String>>,
    empty: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let is_empty = erased::memo(move || keys.with(Vec::is_empty));
    live(move || match is_empty.get() {
        true => empty(),
        false => view! {
            <ul class="list">
                <Each each=move || keys.get() key=Clone::clone let:key>
                    {window.row(&key).map(|row| live(move || inspection(&row.get())))}
                </Each>
            </ul>
        }
        .into_any(),
    })
}
