//! Two states of one view side by side. What is compared stands in the address, so that it can be sent on; the address names times and
//! a consent, and nobody.

use super::Tab;
use super::consent::consented;
use super::outcome::{Compared, list, number, outcome, side};
use super::views::Named;
use crate::ask::{Ask, Trouble};
use crate::browser::{encoded, wait};
use crate::erased;
use crate::parts::{Page, Progress, Sorry, live};
use crate::when;
use crate::words::words;
use events::Millis;
use events::ids::InspectionId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use serde_json::Value;
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

impl Comparing {
    fn address(self, asked: &Asked, before: Option<&Compared>) -> String {
        let mut address = format!("/api/audit/compare?view={}&limit=200", encoded(&asked.view));
        // Further pages are of the states that the first one showed.
        match before {
            Some(page) => {
                let [one, other] = [0, 1].map(|index| side(page, index));
                let after = page.get("next").and_then(Value::as_str).unwrap_or_default();
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
                    let mut rows = list(&before, "rows");
                    rows.extend(list(&page, "rows"));
                    page.insert("rows".to_owned(), Value::Array(rows));
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
                let told = self.ask.get::<Value>("/api/audit/working").await;
                let told = told.unwrap_or(Value::Null);
                let done = (number(&told, "done") * 100).checked_div(number(&told, "of"));
                self.percent
                    .try_set(done.and_then(|done| u8::try_from(done).ok()));
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
    let asked = erased::memo(move || {
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
        // A field shows seconds: what it was filled with stays exact, so that asking again asks the same.
        let before = asked.get_untracked();
        let exact = |field: RwSignal<String>, asked: Option<Millis>| {
            let shown = field.get_untracked();
            let same = asked.filter(|asked| when::for_input(*asked) == shown);
            same.or_else(|| when::from_input(&shown))
        };
        let one = exact(one, before.as_ref().map(|asked| asked.one));
        let other = exact(other, before.as_ref().map(|asked| asked.other));
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
            <div class="buttons">
                <button
                    type="submit"
                    class="button accent"
                    aria-busy=move || comparing.busy.get().to_string()
                >
                    {words.compare.go}
                </button>
                <label class="tick">
                    <input type="checkbox" name="only" bind:checked=only />
                    <span>{words.compare.only}</span>
                </label>
            </div>
        </form>
    }
    .into_any()
}
