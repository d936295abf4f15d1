//! Two states of one view side by side. What is compared stands in the address, so that it can be sent on; the address names times and
//! a consent, and nobody.

use super::Tab;
use super::consent::consented;
use super::difference::{Difference, difference_row};
use super::proof::{Proof, Verdict};
use super::replay::withheld;
use super::views::Named;
use crate::ask::{Ask, Trouble};
use crate::browser::{encoded, wait};
use crate::parts::{Each, Empty, Icon, More, Page, Progress, Shape, Sorry, live};
use crate::session::me;
use crate::when;
use crate::words::{fill, words};
use events::accounts::Role;
use events::ids::InspectionId;
use events::{Millis, Position};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use serde::Deserialize;
use web_sys::AbortController;

/// How often the machine is asked how far it has come, in milliseconds.
const EVERY: i32 = 700;

/// What is compared, as the address has it.
#[derive(Clone, PartialEq)]
struct Asked {
    view: String,
    one: Millis,
    other: Millis,
    all: bool,
}

/// One of the two states.
#[derive(Clone, Copy, PartialEq, Deserialize)]
struct Side {
    until: Position,
    at: Millis,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
struct Counted {
    new: usize,
    gone: usize,
    changed: usize,
    same: usize,
}

/// A page of the comparison, and those before it.
#[derive(Clone, Deserialize)]
struct Compared {
    sides: [Side; 2],
    counted: Counted,
    rows: Vec<Difference>,
    next: Option<String>,
    withheld: Vec<String>,
}

/// The comparison that is shown; copies are the same.
#[derive(Clone, Copy)]
struct Comparing {
    shown: RwSignal<Option<Result<Compared, Trouble>>>,
    busy: RwSignal<bool>,
    percent: RwSignal<Option<u8>>,
    /// Breaks the running one off.
    current: StoredValue<Option<AbortController>, LocalStorage>,
    inspection: Option<InspectionId>,
    ask: Ask,
}

#[derive(Deserialize)]
struct Working {
    done: u64,
    of: u64,
}

impl Comparing {
    fn address(self, asked: &Asked, before: Option<&Compared>) -> String {
        let mut address = format!("/api/audit/compare?view={}&limit=200", encoded(&asked.view));
        // Further pages are of the states that the first one showed.
        match before {
            Some(Compared {
                sides: [one, other],
                next,
                ..
            }) => {
                let after = next.as_deref().unwrap_or_default();
                address.push_str(&format!(
                    "&one={}&other={}&after={}",
                    one.until,
                    other.until,
                    encoded(after)
                ));
            }
            None => address.push_str(&format!(
                "&one_time={}&other_time={}",
                asked.one, asked.other
            )),
        }
        if asked.all {
            address.push_str("&all=true");
        }
        if let Some(inspection) = self.inspection {
            address.push_str(&format!("&inspection={inspection}"));
        }
        address
    }

    fn stop(self) {
        let current = self.current.try_update_value(Option::take).flatten();
        if let Some(current) = current {
            current.abort();
        }
    }

    fn fetch(self, asked: &Asked, before: Option<Compared>) {
        self.stop();
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let address = self.address(asked, before.as_ref());
        if before.is_none() {
            self.shown.set(None);
        }
        self.percent.set(None);
        self.busy.set(true);
        self.current.set_value(Some(controller.clone()));
        let signal = controller.signal();
        let waiting = signal.clone();
        spawn_local(async move {
            let answer = self.ask.get_while::<Compared>(&address, &waiting).await;
            if waiting.aborted() {
                return;
            }
            // The one who asks how far it has come stops with this.
            controller.abort();
            self.busy.try_set(false);
            self.shown.try_set(Some(answer.map(|mut page| {
                if let Some(before) = before {
                    page.rows.splice(0..0, before.rows);
                }
                page
            })));
        });
        spawn_local(async move {
            loop {
                wait(EVERY).await;
                if signal.aborted() {
                    return;
                }
                let told = self.ask.get::<Working>("/api/audit/working").await;
                let percent = told
                    .ok()
                    .filter(|told| told.of > 0)
                    .and_then(|told| u8::try_from(told.done * 100 / told.of).ok());
                self.percent.try_set(percent);
            }
        });
    }
}

/// The page.
#[component]
pub(crate) fn ComparePage() -> impl IntoView {
    let words = words();
    view! {
        <Page
            title=words.compare.title
            lead=Signal::stored(words.compare.lead.to_owned())
            class="page wide"
        >
            {consented(Tab::Compare, comparison)}
        </Page>
    }
}

fn comparison(inspection: Option<InspectionId>, views: Vec<Named>) -> AnyView {
    let words = words();
    let query = use_query_map();
    let first = views.first().map_or("people", |(name, _)| *name);
    let asked = Memo::new(move |_| {
        query.with(|query| {
            Some(Asked {
                view: query.get("view").unwrap_or_else(|| first.to_owned()),
                one: query.get("one")?.parse().ok()?,
                other: query.get("other")?.parse().ok()?,
                all: query.get("all").is_some(),
            })
        })
    });
    let comparing = Comparing {
        shown: RwSignal::new(None),
        busy: RwSignal::new(false),
        percent: RwSignal::new(None),
        current: StoredValue::new_local(None),
        inspection,
        ask: expect_context(),
    };
    on_cleanup(move || comparing.stop());
    Effect::new(move |_| {
        if let Some(asked) = asked.get() {
            comparing.fetch(&asked, None);
        }
    });
    let again = Callback::new(move |before: Option<Compared>| {
        if let Some(asked) = asked.get_untracked() {
            comparing.fetch(&asked, before);
        }
    });
    let progress = live(move || match comparing.busy.get() {
        true => {
            let (percent, label) = (comparing.percent, words.compare.working);
            view! { <Progress percent label /> }.into_any()
        }
        false => ().into_any(),
    });
    let shown = live(move || match comparing.shown.get() {
        None => ().into_any(),
        Some(Err(trouble)) => {
            let on_retry = Callback::new(move |()| again.run(None));
            view! { <Sorry trouble on_retry /> }.into_any()
        }
        Some(Ok(page)) => outcome(page, again),
    });
    vec![question(asked, views, comparing), progress, shown].into_any()
}

/// The view, the two moments, and whether rows that are the same are shown.
fn question(asked: Memo<Option<Asked>>, views: Vec<Named>, comparing: Comparing) -> AnyView {
    const WEEK: Millis = 7 * 24 * 3600 * 1000;
    let words = words();
    let query = use_query_map();
    let asked_view = query.with_untracked(|query| query.get("view"));
    let known = views
        .iter()
        .find(|(name, _)| asked_view.as_deref() == Some(*name));
    let first = known.or(views.first()).map_or("people", |(name, _)| *name);
    let now = when::now();
    let begin = asked.get_untracked();
    let view_name = RwSignal::new(first.to_owned());
    let moment = |at: Option<Millis>, usual| RwSignal::new(when::for_input(at.unwrap_or(usual)));
    let one = moment(
        begin.as_ref().map(|asked| asked.one),
        now.saturating_sub(WEEK),
    );
    let other = moment(begin.as_ref().map(|asked| asked.other), now);
    let only = RwSignal::new(begin.is_none_or(|asked| !asked.all));
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let [one, other] = [one, other].map(|at| when::from_input(&at.get_untracked()));
        let (Some(one), Some(other)) = (one, other) else {
            return;
        };
        let mut address = format!(
            "/app/audit/compare?view={}&one={one}&other={other}",
            view_name.get_untracked()
        );
        if !only.get_untracked() {
            address.push_str("&all=1");
        }
        if let Some(inspection) = comparing.inspection {
            address.push_str(&format!("&inspection={inspection}"));
        }
        navigate(&address, NavigateOptions::default());
        // The same address again is a wish to see it again.
        comparing.shown.update(|shown| {
            if shown.as_ref().is_some_and(Result::is_err) {
                *shown = None;
            }
        });
    };
    let option = |(name, label): Named| view! { <option value=name>{label}</option> };
    let field = |label: &'static str, name: &'static str, value: RwSignal<String>| {
        view! {
            <label>
                <span>{label}</span>
                <input name=name type="datetime-local" step="1" required bind:value=value />
            </label>
        }
    };
    view! {
        <form class="filter" on:submit=submit>
            <label>
                <span>{words.audit.view}</span>
                <select name="view" bind:value=view_name>
                    {views.into_iter().map(option).collect_view()}
                </select>
            </label>
            {field(words.compare.one, "one", one)}
            {field(words.compare.other, "other", other)}
            <label class="tick">
                <input type="checkbox" name="only" bind:checked=only />
                <span>{words.compare.only}</span>
            </label>
            <div class="buttons">
                <button
                    type="submit"
                    class="button accent"
                    aria-busy=move || comparing.busy.get().to_string()
                >
                    {words.compare.go}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn outcome(page: Compared, again: Callback<Option<Compared>>) -> AnyView {
    let words = words();
    let counted = page.counted;
    let [new, gone, changed, same] =
        [counted.new, counted.gone, counted.changed, counted.same].map(|count| count.to_string());
    let values = [
        ("new", new.as_str()),
        ("gone", &gone),
        ("changed", &changed),
        ("same", &same),
    ];
    let counted = fill(words.compare.counted, &values);
    let [one, other] = page.sides;
    let (more, count) = (
        Signal::stored(page.next.is_some()),
        Signal::stored(page.rows.len()),
    );
    let before = page.clone();
    let on_more = Callback::new(move |()| again.run(Some(before.clone())));
    let empty = page.rows.is_empty().then(|| {
        view! {
            <Empty shape=Shape::Check title=words.compare.nothing text=words.compare.nothing_text />
        }
    });
    // On a phone one side is shown at a time, or both under one another.
    let shown = RwSignal::new("both");
    let choice = move |value: &'static str, label: &'static str| {
        view! {
            <label class="tick">
                <input
                    type="radio"
                    name="side"
                    prop:checked=move || shown.get() == value
                    on:change=move |_| shown.set(value)
                />
                <span>{label}</span>
            </label>
        }
    };
    let hidden = withheld(&page.withheld);
    let (hides, rows) = (page.withheld, page.rows);
    view! {
        <div class="sides">
            {side_card(words.compare.one, one)}
            {side_card(words.compare.other, other)}
        </div>
        <div class="outcome">
            <p class="state-of" role="status">
                {counted}
            </p>
            <button type="button" class="button small" on:click=|_| drop(window().print())>
                <Icon shape=Shape::Print />
                <span>{words.compare.print}</span>
            </button>
        </div>
        {hidden}
        {empty}
        <fieldset class="side-choice narrow-only">
            <legend>{words.compare.show_side}</legend>
            {choice("both", words.compare.both)}
            {choice("one", words.compare.one)}
            {choice("other", words.compare.other)}
        </fieldset>
        <div class="differences" data-side=move || shown.get()>
            <Each each=move || rows.clone() key=|row| row.key.clone() let:row>
                {difference_row(row, hides.clone())}
            </Each>
        </div>
        <More more count on_more />
    }
    .into_any()
}

/// When a state was, and that its last entry is part of the signed log, checked here.
fn side_card(title: &'static str, side: Side) -> AnyView {
    let words = words();
    let ask = expect_context::<Ask>();
    let Side { until, at } = side;
    if until == 0 {
        return view! {
            <section class="side">
                <h2>{title}</h2>
                <p>{words.compare.before_all}</p>
            </section>
        }
        .into_any();
    }
    let entry = fill(words.compare.after_entry, &[("n", &until.to_string())]);
    let proof = RwSignal::new(None::<Result<Proof, Trouble>>);
    // Proofs are for auditors; whoever reads under a consent alone is shown the state.
    let checks = me().is(Role::Auditor);
    if checks {
        spawn_local(async move {
            let found = ask.get(&format!("/api/audit/proof/{until}")).await;
            proof.try_set(Some(found));
        });
    }
    let verdict = live(move || match proof.get() {
        None => view! { <p class="quiet" role="status">{words.compare.checking}</p> }.into_any(),
        Some(Err(trouble)) => view! { <p class="banner bad">{trouble.text(words)}</p> }.into_any(),
        Some(Ok(proof)) => {
            let holds = matches!(proof.check(until), Verdict::Holds { .. });
            let (class, shape, text) = match holds {
                true => ("verdict ok", Shape::Shield, words.audit.holds),
                false => ("verdict bad", Shape::Alert, words.audit.fails),
            };
            view! {
                <p class=class data-verdict=if holds { "holds" } else { "fails" }>
                    <Icon shape />
                    <a href=format!("/app/audit/{until}")>{text}</a>
                </p>
            }
            .into_any()
        }
    });
    view! {
        <section class="side">
            <h2>{title}</h2>
            <p>{when::exact(at)} " · " {entry}</p>
            {checks.then_some(verdict)}
        </section>
    }
    .into_any()
}
