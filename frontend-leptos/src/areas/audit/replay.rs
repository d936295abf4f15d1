//! Any view as it was at a past moment, folded anew from the log by the school's machine.

use super::Tab;
use super::consent::{consented, named_consent};
use super::field::{Reader, without_ids};
use super::views::Named;
use crate::areas::inspections::RequestButton;
use crate::ask::{Ask, Trouble};
use crate::browser::encoded;
use crate::erased;
use crate::parts::{Icon, More, Page, Shape, Skeleton, Sorry, link, live, text};
use crate::store::directory;
use crate::when;
use crate::words::{counted, fill, words};
use events::Position;
use events::ids::InspectionId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

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
    /// A position that the address names, and how its time stands in the field: until another time is chosen, that state is meant.
    named: StoredValue<Option<(String, Position)>>,
    shown: RwSignal<Option<Result<Replayed, Trouble>>>,
    busy: RwSignal<bool>,
    /// The consent under which content is read.
    inspection: Option<InspectionId>,
    ask: Ask,
}

impl Replay {
    fn fetch(self, after: Option<String>) {
        if self.busy.get_untracked() {
            return;
        }
        let view = self.view.get_untracked();
        let mut address = format!("/api/audit/replay?view={}&limit=100", encoded(&view));
        if let Some(inspection) = self.inspection {
            address.push_str(&format!("&inspection={inspection}"));
        }
        // Further pages are of the state that the first one showed, whatever has happened since.
        let before = after
            .as_ref()
            .and_then(|_| self.shown.get_untracked()?.ok());
        let moment = self.moment.get_untracked();
        let named = self.named.get_value().filter(|named| named.0 == moment);
        let until = before.as_ref().map(|before| before.until);
        match (
            until.or(named.map(|named| named.1)),
            when::from_input(&moment),
        ) {
            (Some(until), _) => address.push_str(&format!("&until={until}")),
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

/// The page of past states; under a consent that the address names, of content.
#[component]
pub(crate) fn ReplayPage() -> impl IntoView {
    let words = words();
    let inspection = named_consent();
    let title = erased::derive(move || match inspection.get() {
        None => words.audit.replay,
        Some(_) => words.inspection.title,
    });
    let title = erased::derive(move || title.get().to_owned());
    let lead = erased::derive(move || match inspection.get() {
        None => words.audit.replay_text.to_owned(),
        Some(_) => words.inspection.lead.to_owned(),
    });
    view! {
        <Page title=title lead=lead>
            {consented(Tab::Replay, states)}
        </Page>
    }
}

fn states(inspection: Option<InspectionId>, views: Vec<Named>) -> AnyView {
    let words = words();
    let query = use_query_map();
    let asked = query.with_untracked(|query| query.get("view"));
    let named = query.with_untracked(|query| {
        let at = query.get("at")?.parse().ok()?;
        Some((when::for_input(at), query.get("until")?.parse().ok()?))
    });
    let moment = named.as_ref().map(|(moment, _)| moment.clone());
    let first = views
        .iter()
        .find(|(name, _)| asked.as_deref() == Some(*name));
    let first = first.or(views.first()).map_or("people", |(name, _)| *name);
    let replay = Replay {
        view: RwSignal::new(first.to_owned()),
        moment: RwSignal::new(moment.unwrap_or_else(when::now_for_input)),
        named: StoredValue::new(named.clone()),
        shown: RwSignal::new(None),
        busy: RwSignal::new(false),
        inspection,
        ask: expect_context(),
    };
    if named.is_some() {
        replay.fetch(None);
    }
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        replay.fetch(None);
    };
    let option = |(name, label): Named| view! { <option value=name>{label}</option> };
    let retry = Callback::new(move |()| replay.fetch(None));
    let compare = inspection.map(|inspection| {
        let href = format!("/app/audit/compare?inspection={inspection}&view={first}");
        link("button", href, words.compare.compare)
    });
    let shown = live(move || match (replay.shown.get(), replay.busy.get()) {
        (None, true) => view! { <Skeleton /> }.into_any(),
        (None, false) => ().into_any(),
        (Some(Err(trouble)), _) => view! { <Sorry trouble on_retry=retry /> }.into_any(),
        (Some(Ok(page)), _) => view! { <State replay page /> }.into_any(),
    });
    view! {
        <form class="filter" on:submit=submit>
            <label>
                <span>{words.audit.view}</span>
                <select name="view" bind:value=replay.view>
                    {views.into_iter().map(option).collect_view()}
                </select>
            </label>
            <label>
                <span>{words.audit.moment}</span>
                <input
                    name="moment"
                    type="datetime-local"
                    step="1"
                    required
                    bind:value=replay.moment
                />
            </label>
            <div class="buttons">
                <button
                    type="submit"
                    class="button accent"
                    aria-busy=move || replay.busy.get().to_string()
                >
                    {words.audit.show}
                </button>
                {compare}
            </div>
        </form>
        {shown}
    }
    .into_any()
}

/// What is hidden, and how to come to read it.
pub(super) fn withheld(fields: &[String]) -> AnyView {
    let words = words();
    if fields.is_empty() {
        return ().into_any();
    }
    let mut named: Vec<&str> = Vec::new();
    for field in fields {
        named.push(words.columns.named(field));
    }
    let said = fill(words.inspection.hidden, &[("fields", &named.join(", "))]);
    view! {
        <div class="banner withheld">
            <Icon shape=Shape::Lock />
            <span>{said}</span>
            <RequestButton />
        </div>
    }
    .into_any()
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
    let hidden = withheld(&page.withheld);
    let columns = without_ids(columns(&page.rows));
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
        .map(|row| {
            let file = replay
                .inspection
                .and_then(|inspection| file_address(&row.row, inspection, page.until));
            cells(row, &columns, &page.withheld, (reader, file))
        })
        .collect_view();
    view! {
        <p class="state-of" role="status">
            {as_of} " · " {total}
        </p>
        {hidden}
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

/// Where the bytes of a row's file are handed out under a consent; none for what is no file, or is forgotten.
fn file_address(
    row: &Map<String, Value>,
    inspection: InspectionId,
    until: Position,
) -> Option<String> {
    row.get("kind")?.get("File")?;
    let field = |name: &str| row.get(name)?.as_str();
    let (space, node, _) = (field("space")?, field("node")?, field("name")?);
    Some(format!(
        "/api/audit/inspections/{inspection}/files/{space}/{node}?until={until}"
    ))
}

/// The fields of a row; with the address of its file, its name is the way to it.
fn cells(
    row: Row,
    columns: &[String],
    withheld: &[String],
    (reader, file): (Reader, Option<String>),
) -> AnyView {
    let row = Arc::new(row.row);
    let cell = |name: &String| {
        let href = file.clone().filter(|_| name == "name");
        let (row, name, is_withheld) = (row.clone(), name.clone(), withheld.contains(name));
        let said = text(move || reader.field(&row, &name, is_withheld));
        let content = match href {
            // In a tab of its own: there a refusal says why.
            Some(href) => view! {
                <a class="fetched" href=href target="_blank" rel="noopener">
                    <Icon shape=Shape::Download />
                    {said}
                </a>
            }
            .into_any(),
            None => said,
        };
        view! { <td>{content}</td> }
    };
    let cells = columns.iter().map(cell).collect_view();
    view! { <tr>{cells}</tr> }.into_any()
}
