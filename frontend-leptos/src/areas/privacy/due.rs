//! The calendar of what the retention rules make due.

use crate::ask::Ask;
use crate::when;
use crate::words::{counted, fill, words};
use events::accounts::Date;
use events::ids::PersonId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

#[derive(Clone, Deserialize)]
struct Calendar {
    pack: Pack,
    due: Vec<Day>,
}

#[derive(Clone, Deserialize)]
struct Pack {
    name: String,
    title: String,
    #[serde(rename = "rule")]
    rules: Vec<Rule>,
}

#[derive(Clone, Deserialize)]
struct Rule {
    name: String,
    title: String,
    after_days: u32,
    basis: String,
    source: String,
}

#[derive(Clone, Deserialize)]
struct Day {
    on: Date,
    rule: String,
    people: Vec<PersonId>,
    events: Option<Events>,
}

#[derive(Clone, Deserialize)]
struct Events {
    month: Date,
    count: usize,
}

/// What is due within a year; the rules propose it by themselves when its day comes.
#[component]
pub(super) fn Due() -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let calendar = RwSignal::new(None::<Calendar>);
    spawn_local(async move {
        // Without the calendar the page does what it is for.
        if let Ok(found) = ask.get("/api/privacy/due").await {
            calendar.try_set(Some(found));
        }
    });
    move || {
        let Calendar { pack, due } = calendar.get()?;
        let (heading, rules) = (
            format!("{} ({})", pack.title, pack.name),
            pack.rules.clone(),
        );
        let rule = |rule: Rule| {
            let days = rule.after_days.to_string();
            let note = fill(
                words.privacy.rule_note,
                &[("days", &days), ("basis", &rule.basis)],
            );
            view! {
                <li class="row">
                    <span class="row-main row-text">
                        <span class="row-title">{rule.title}</span>
                        <span class="row-note">{note}</span>
                        <span class="row-note">{rule.source}</span>
                    </span>
                </li>
            }
        };
        let rules = rules.into_iter().map(rule).collect_view();
        let title = move |name: &str| {
            let rule = pack.rules.iter().find(|rule| rule.name == name);
            rule.map_or_else(String::new, |rule| rule.title.clone())
        };
        let line = |day: &Day| {
            let count = match &day.events {
                None => counted(day.people.len(), words.privacy.person, words.privacy.people),
                Some(Events { month, count }) => {
                    let count = counted(*count, words.privacy.entry, words.privacy.entries);
                    let mut parts = month.as_str().split('-');
                    let [year, month] = [(); 2].map(|()| parts.next().unwrap_or_default());
                    format!("{count} ({month}/{year})")
                }
            };
            view! {
                <li class="row">
                    <span class="row-main row-text">
                        <span class="row-title">{when::day_named(day.on.as_str(), words)} " · " {count}</span>
                        <span class="row-note">{title(&day.rule)}</span>
                    </span>
                </li>
            }
        };
        let content = match due.is_empty() {
            true => view! { <p class="quiet">{words.privacy.nothing_due}</p> }.into_any(),
            false => {
                let lines = due.iter().map(line).collect_view();
                view! { <ul class="list">{lines}</ul> }.into_any()
            }
        };
        Some(view! {
            <section class="section" aria-labelledby="due-title">
                <h2 id="due-title">{words.privacy.due}</h2>
                <p class="quiet">{words.privacy.due_text}</p>
                {content}
                <h3>{words.privacy.rules} ": " {heading}</h3>
                <ul class="list">{rules}</ul>
            </section>
        })
    }
}
