//! The list of entries: newest first, filtered by kind, time and words. It is a look at one moment, not a live list: every look
//! is itself an entry.

use super::{AreaTabs, Tab};
use crate::ask::{Ask, Trouble};
use crate::browser::encoded;
use crate::erased;
use crate::parts::{Each, Empty, More, Page, Search, Shape, Show, Skeleton, Sorry, folded};
use crate::when;
use crate::words::words;
use events::any::COARSE_KINDS;
use events::audit::view::EntryRow;
use events::ids::Pseudonym;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The kind of an auditor's look.
const LOOK: &str = "Viewed";

/// What is filtered by; times as the browser's fields hold them.
#[derive(Clone, Copy)]
struct Filter {
    /// A kind's name in the log; empty for all kinds.
    kind: RwSignal<String>,
    search: RwSignal<String>,
    from: RwSignal<String>,
    until: RwSignal<String>,
    /// Whether auditors' own looks are listed.
    looks: RwSignal<bool>,
}

impl Filter {
    fn address(self, after: Option<&str>) -> String {
        let mut address = "/api/audit/entries?order=desc&limit=100".to_owned();
        let mut add = |name: &str, value: String| {
            address.push_str(&format!("&{name}={}", encoded(&value)));
        };
        if let Some(from) = when::from_input(&self.from.get_untracked()) {
            add("from", from.to_string());
        }
        if let Some(until) = when::from_input(&self.until.get_untracked()) {
            add("until", until.to_string());
        }
        if !self.looks.get_untracked() && self.kind.get_untracked() != LOOK {
            add("looks", "false".to_owned());
        }
        if let Some(after) = after {
            add("after", after.to_owned());
        }
        address
    }

    /// The words to find: the machine's search knows kinds by their names.
    fn words(self) -> String {
        format!(
            "{} {}",
            self.kind.get_untracked(),
            self.search.get_untracked()
        )
    }

    fn clear(self) {
        for field in [self.kind, self.search, self.from, self.until] {
            field.set(String::new());
        }
        self.looks.set(false);
    }
}

/// The entries that were fetched so far; copies are the same.
#[derive(Clone, Copy)]
struct Fetched {
    rows: RwSignal<Vec<EntryRow>>,
    next: RwSignal<Option<String>>,
    state: RwSignal<Option<Result<(), Trouble>>>,
    busy: StoredValue<bool>,
    /// Counts the searches: an answer to an earlier one comes too late.
    round: StoredValue<u32>,
    filter: Filter,
    ask: Ask,
}

impl Fetched {
    fn begin(self) {
        self.state.set(None);
        self.rows.set(Vec::new());
        self.next.set(None);
        self.busy.set_value(false);
        self.round.update_value(|round| *round += 1);
        self.fetch();
    }

    /// Fetches the next page. What is rare may lie many pages further: those that hold nothing are passed over.
    fn fetch(self) {
        if self.busy.get_value() {
            return;
        }
        self.busy.set_value(true);
        let round = self.round.get_value();
        spawn_local(async move {
            let is_current = || self.round.try_get_value() == Some(round);
            let mut outcome = self.page().await;
            while is_current()
                && matches!(outcome, Ok(0))
                && self.next.with_untracked(Option::is_some)
            {
                outcome = self.page().await;
            }
            if is_current() {
                self.busy.set_value(false);
                self.state.set(Some(outcome.map(drop)));
            }
        });
    }

    /// Fetches one page, and tells how many of its entries are shown.
    async fn page(self) -> Result<usize, Trouble> {
        let round = self.round.get_value();
        let address = self.filter.address(self.next.get_untracked().as_deref());
        let (words, kind) = (self.filter.words(), self.filter.kind.get_untracked());
        let page = self.ask.find::<EntryRow>(&address, &words).await?;
        if self.round.try_get_value() != Some(round) {
            return Ok(0);
        }
        // One kind's name may be a part of another's.
        let is_wanted = |row: &EntryRow| kind.is_empty() || row.kind == kind;
        let fresh = page.rows.into_iter().map(|keyed| keyed.row);
        let fresh: Vec<EntryRow> = fresh.filter(is_wanted).collect();
        let count = fresh.len();
        self.rows.update(|rows| rows.extend(fresh));
        self.next.set(page.next);
        Ok(count)
    }
}

/// The page of entries.
#[component]
pub(crate) fn EntriesPage() -> impl IntoView {
    let words = words();
    let filter = Filter {
        kind: RwSignal::new(String::new()),
        search: RwSignal::new(String::new()),
        from: RwSignal::new(String::new()),
        until: RwSignal::new(String::new()),
        looks: RwSignal::new(false),
    };
    let fetched = Fetched {
        rows: RwSignal::new(Vec::new()),
        next: RwSignal::new(None),
        state: RwSignal::new(None),
        busy: StoredValue::new(false),
        round: StoredValue::new(0),
        filter,
        ask: expect_context(),
    };
    fetched.begin();
    let lead = erased::derive(move || words.audit.logged.to_owned());
    let retry = Callback::new(move |()| fetched.begin());
    view! {
        <Page title=words.audit.audit lead=lead>
            <AreaTabs current=Tab::Entries />
            {number_form()}
            <FilterForm fetched />
            {move || match fetched.state.get() {
                None => view! { <Skeleton lines=10 /> }.into_any(),
                Some(Err(trouble)) => view! { <Sorry trouble on_retry=retry /> }.into_any(),
                Some(Ok(())) => view! { <Entries fetched /> }.into_any(),
            }}
        </Page>
    }
}

/// The way to one entry by its number.
fn number_form() -> AnyView {
    let words = words();
    let number = RwSignal::new(String::new());
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let address = format!("/app/audit/{}", number.get_untracked());
        navigate(&address, NavigateOptions::default());
    };
    view! {
        <form class="filter go" on:submit=submit>
            <label>
                <span>{words.audit.number}</span>
                <input
                    name="number"
                    type="number"
                    min="1"
                    step="1"
                    required
                    bind:value=number
                />
            </label>
            <button type="submit" class="button">
                {words.audit.go}
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn FilterForm(fetched: Fetched) -> impl IntoView {
    let words = words();
    let filter = fetched.filter;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        fetched.begin();
    };
    let option = |(_, name, label): (u16, &'static str, &'static str)| view! { <option value=name>{label}</option> };
    let clear = move |_| {
        filter.clear();
        fetched.begin();
    };
    // On a phone the entries come first, and the filter when it is asked for.
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    let form = view! {
        <form class="filter" on:submit=submit>
            <label>
                <span>{words.audit.kind}</span>
                <select name="kind" bind:value=filter.kind>
                    <option value="">{words.audit.all_kinds}</option>
                    {words.kinds.all().map(option).collect::<Vec<_>>()}
                </select>
            </label>
            <Search id="audit-search" label=words.audit.filter value=filter.search />
            <label>
                <span>{words.audit.from}</span>
                <input type="datetime-local" bind:value=filter.from />
            </label>
            <label>
                <span>{words.audit.until}</span>
                <input type="datetime-local" bind:value=filter.until />
            </label>
            <label class="tick">
                <input
                    type="checkbox"
                    name="looks"
                    prop:checked=filter.looks
                    on:change=move |event| {
                        filter.looks.set(event_target_checked(&event));
                        fetched.begin();
                    }
                />
                <span>{words.audit.with_looks}</span>
            </label>
            <div class="buttons">
                <button type="submit" class="button accent">
                    {words.audit.apply}
                </button>
                <button type="button" class="button ghost" on:click=clear>
                    {words.audit.clear}
                </button>
            </div>
        </form>
    };
    let title = words.audit.apply.into_any();
    folded("filters", width >= Some(700.0), title, form.into_any())
}

#[component]
fn Entries(fetched: Fetched) -> impl IntoView {
    let words = words();
    let rows = fetched.rows;
    let more = erased::derive(move || fetched.next.with(Option::is_some));
    let count = erased::derive(move || rows.with(Vec::len));
    let on_more = Callback::new(move |()| fetched.fetch());
    let empty = move || {
        view! { <Empty shape=Shape::Shield title=words.audit.nothing text=words.audit.nothing_text /> }
    };
    view! {
        <Show when=move || !rows.with(Vec::is_empty) fallback=empty>
            <table class="table audit-table">
                <thead>
                    <tr>
                        <th scope="col" class="number">
                            {words.audit.position}
                        </th>
                        <th scope="col">{words.audit.kind}</th>
                        <th scope="col">{words.audit.time}</th>
                        <th scope="col" class="wide-only">
                            {words.audit.actor}
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <Each each=move || rows.get() key=|row| row.position.to_string() let:row>
                        <Entry row />
                    </Each>
                </tbody>
            </table>
            <More more count on_more />
        </Show>
    }
}

/// An actor as the log shows it: the beginning of the pseudonym tells two apart.
pub(super) fn actor(actor: Pseudonym, machine: &str) -> String {
    if actor == Pseudonym::MACHINE {
        machine.to_owned()
    } else {
        actor.to_string().chars().take(8).collect()
    }
}

#[component]
fn Entry(row: EntryRow) -> impl IntoView {
    let words = words();
    let kind = words.kinds.named(&row.kind).to_owned();
    let time = when::logged(row.at, COARSE_KINDS.contains(&row.kind.as_str()), words);
    let actor = actor(row.actor, words.audit.machine);
    view! {
        <tr>
            <td class="number quiet">{row.position}</td>
            <td>
                <a class="row-title" href=format!("/app/audit/{}", row.position)>
                    {kind}
                </a>
                <span class="row-note mono narrow-only">{actor.clone()}</span>
            </td>
            <td class="quiet number-like">
                <time datetime=when::machine(row.at)>{time}</time>
            </td>
            <td class="wide-only quiet mono">{actor}</td>
        </tr>
    }
}
