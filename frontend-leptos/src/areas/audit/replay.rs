//! Any view as it was at a past moment, folded anew from the log by the school's machine.

use super::AreaTabs;
use super::field::Reader;
use crate::ask::{Ask, Trouble};
use crate::browser::encoded;
use crate::parts::{More, Page, Skeleton, Sorry};
use crate::store::directory;
use crate::when;
use crate::words::{Words, counted, fill, words};
use events::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The views that can be replayed, each with its words.
fn views(words: &Words) -> [(&'static str, &'static str); 11] {
    let words = &words.audit;
    [
        ("people", words.people),
        ("groups", words.groups),
        ("members", words.members),
        ("sessions", words.sessions),
        ("records", words.records),
        ("spaces", words.spaces),
        ("files", words.files),
        ("rooms", words.rooms),
        ("messages", words.messages),
        ("reads", words.reads),
        ("entries", words.entries),
    ]
}

/// A page of a replayed view.
#[derive(Clone, Debug, Deserialize)]
struct Replayed {
    until: Position,
    rows: Vec<Row>,
    total: usize,
    next: Option<String>,
    /// The fields that are empty because they are withheld.
    withheld: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Row {
    row: Map<String, Value>,
}

/// What is asked and what came of it; copies are the same.
#[derive(Clone, Copy)]
struct Replay {
    view: RwSignal<String>,
    moment: RwSignal<String>,
    shown: RwSignal<Option<Result<Replayed, Trouble>>>,
    busy: RwSignal<bool>,
    ask: Ask,
}

impl Replay {
    fn fetch(self, after: Option<String>) {
        if self.busy.get_untracked() {
            return;
        }
        let view = self.view.get_untracked();
        let mut address = format!("/api/audit/replay?view={}&limit=100", encoded(&view));
        // Further pages are of the state that the first one showed, whatever has happened since.
        let before = after
            .as_ref()
            .and_then(|_| self.shown.get_untracked()?.ok());
        match (&before, when::from_input(&self.moment.get_untracked())) {
            (Some(before), _) => address.push_str(&format!("&until={}", before.until)),
            (None, Some(moment)) => address.push_str(&format!("&time={moment}")),
            (None, None) => {}
        }
        if let Some(after) = &after {
            address.push_str(&format!("&after={}", encoded(after)));
        } else {
            self.shown.set(None);
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = self.ask.get::<Replayed>(&address).await;
            self.busy.try_set(false);
            self.shown.try_set(Some(answer.map(|mut page| {
                if let Some(before) = before {
                    page.rows.splice(0..0, before.rows);
                }
                page
            })));
        });
    }
}

/// The page of past states.
#[component]
pub(crate) fn ReplayPage() -> impl IntoView {
    let words = words();
    let replay = Replay {
        view: RwSignal::new("people".to_owned()),
        moment: RwSignal::new(when::now_for_input()),
        shown: RwSignal::new(None),
        busy: RwSignal::new(false),
        ask: expect_context(),
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        replay.fetch(None);
    };
    let option =
        |(name, label): (&'static str, &'static str)| view! { <option value=name>{label}</option> };
    let retry = Callback::new(move |()| replay.fetch(None));
    let lead = Signal::derive(move || words.audit.replay_text.to_owned());
    view! {
        <Page title=words.audit.replay lead=lead>
            <AreaTabs replay=true />
            <form class="filter" on:submit=submit>
                <label>
                    <span>{words.audit.view}</span>
                    <select name="view" bind:value=replay.view>
                        {views(words).map(option).collect_view()}
                    </select>
                </label>
                <label>
                    <span>{words.audit.moment}</span>
                    <input name="moment" type="datetime-local" step="1" required bind:value=replay.moment />
                </label>
                <div class="buttons">
                    <button
                        type="submit"
                        class="button accent"
                        aria-busy=move || replay.busy.get().to_string()
                    >
                        {words.audit.show}
                    </button>
                </div>
            </form>
            {move || match (replay.shown.get(), replay.busy.get()) {
                (None, true) => view! { <Skeleton /> }.into_any(),
                (None, false) => ().into_any(),
                (Some(Err(trouble)), _) => view! { <Sorry trouble on_retry=retry /> }.into_any(),
                (Some(Ok(page)), _) => view! { <State replay page /> }.into_any(),
            }}
        </Page>
    }
}

#[component]
fn State(replay: Replay, page: Replayed) -> impl IntoView {
    let words = words();
    let as_of = fill(words.audit.as_of, &[("n", &page.until.to_string())]);
    let total = counted(page.total, words.audit.rows_one, words.audit.rows_many);
    let more = Signal::stored(page.next.is_some());
    let count = Signal::stored(page.rows.len());
    let next = page.next.clone();
    let on_more = Callback::new(move |()| replay.fetch(next.clone()));
    let none = page
        .rows
        .is_empty()
        .then(|| view! { <p class="quiet">{words.audit.no_rows}</p> });
    let columns = columns(&page.rows);
    let head = columns
        .iter()
        .map(|name| view! { <th scope="col">{words.columns.named(name).to_owned()}</th> })
        .collect_view();
    let reader = Reader {
        directory: directory(),
        words,
    };
    let body = page
        .rows
        .into_iter()
        .map(|row| cells(row, &columns, &page.withheld, reader))
        .collect_view();
    view! {
        <p class="state-of" role="status">
            {as_of} " · " {total}
        </p>
        {none}
        <div class="table-scroll" tabindex="0" role="region" aria-label=words.audit.replay>
            <table class="table replay-table">
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        <More more count on_more />
    }
}

/// The names of the rows' fields, in the order in which they first occur.
fn columns(rows: &[Row]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for name in rows.iter().flat_map(|row| row.row.keys()) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

fn cells(row: Row, columns: &[String], withheld: &[String], reader: Reader) -> AnyView {
    let row = Arc::new(row.row);
    let cell = |name: &String| {
        let (row, name, is_withheld) = (row.clone(), name.clone(), withheld.contains(name));
        view! { <td>{move || reader.field(&row, &name, is_withheld)}</td> }
    };
    let cells = columns.iter().map(cell).collect_view();
    view! { <tr>{cells}</tr> }.into_any()
}
