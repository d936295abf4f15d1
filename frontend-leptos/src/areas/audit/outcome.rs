//! What a comparison shows: the two states, each proven, how many rows differ, and the rows.

use super::difference::{difference_key, difference_row};
use super::proof::{Proof, Verdict};
use super::replay::withheld;
use crate::ask::{Ask, Trouble};
use crate::parts::{Each, Empty, Icon, More, Shape, live};
use crate::session::me;
use crate::when;
use crate::words::{fill, words};
use events::{Millis, Position};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value};

/// One of the two states.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Side {
    pub(super) until: Position,
    at: Millis,
}

/// A page of the comparison as the machine answers it, with the rows of those before it. It is read where it is drawn: a type for
/// each part of it would be kilobytes.
pub(super) type Compared = Map<String, Value>;

pub(super) fn number(from: &Value, name: &str) -> u64 {
    from.get(name).and_then(Value::as_u64).unwrap_or_default()
}

pub(super) fn side(page: &Compared, index: usize) -> Side {
    let side = page.get("sides").and_then(|sides| sides.get(index));
    let side = side.unwrap_or(&Value::Null);
    Side {
        until: number(side, "until"),
        at: number(side, "at"),
    }
}

pub(super) fn list(page: &Compared, name: &str) -> Vec<Value> {
    let list = page.get(name).and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

/// Draws a page of a comparison; `again` fetches the next.
pub(super) fn outcome(page: Compared, again: Callback<Option<Compared>>) -> AnyView {
    let words = words();
    let counted = page.get("counted").unwrap_or(&Value::Null);
    let names = ["new", "gone", "changed", "same"];
    let counts = names.map(|name| number(counted, name).to_string());
    let values: Vec<(&str, &str)> = names
        .into_iter()
        .zip(counts.iter().map(String::as_str))
        .collect();
    let counted = fill(words.compare.counted, &values);
    let [one, other] = [0, 1].map(|index| side(&page, index));
    let rows = list(&page, "rows");
    let hides: Vec<String> = list(&page, "withheld")
        .iter()
        .filter_map(|field| field.as_str().map(str::to_owned))
        .collect();
    let more = Signal::stored(page.get("next").is_some_and(Value::is_string));
    let count = Signal::stored(rows.len());
    let before = page;
    let on_more = Callback::new(move |()| again.run(Some(before.clone())));
    let empty = rows.is_empty().then(|| {
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
    let hidden = withheld(&hides);
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
            <Each each=move || rows.clone() key=difference_key let:row>
                {difference_row(&row, &hides)}
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
    let checks = me().audits();
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
