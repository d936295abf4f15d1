//! The imports so far, each with the way back.

use super::{Import, Step};
use crate::parts::{Each, Icon, Question, Shape, Show};
use crate::store::directory;
use crate::when;
use crate::words::{Words, fill, words};
use events::Millis;
use events::ids::{ImportId, PersonId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

/// An import that was applied, as `/api/accounts/imports` lists it.
#[derive(Clone, Deserialize)]
struct PastImport {
    id: ImportId,
    at: Millis,
    by: Option<PersonId>,
    added: u32,
    changed: u32,
    closed: u32,
    undone: bool,
}

impl PastImport {
    fn counts(&self, words: &Words) -> String {
        let [added, changed, closed] =
            [self.added, self.changed, self.closed].map(|count| count.to_string());
        let values = [
            ("added", added.as_str()),
            ("changed", changed.as_str()),
            ("closed", closed.as_str()),
        ];
        fill(words.import.counts, &values)
    }
}

/// The list; nothing while there was no import.
#[component]
pub(super) fn Past(import: Import) -> impl IntoView {
    let words = words();
    let imports = RwSignal::new(Vec::<PastImport>::new());
    spawn_local(async move {
        let path = format!("/api/accounts/imports?at_least={}", import.ask.written());
        // Without the list an import goes on as before.
        if let Ok(found) = import.ask.get(&path).await {
            imports.try_set(found);
        }
    });
    view! {
        <Show when=move || !imports.with(Vec::is_empty)>
            <section class="section" aria-labelledby="past-title">
                <h2 id="past-title">{words.import.past}</h2>
                <ul class="list">
                    <Each each=move || imports.get() key=|past| format!("{} {}", past.id, past.undone) let:past>
                        <PastRow import past />
                    </Each>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn PastRow(import: Import, past: PastImport) -> impl IntoView {
    let words = words();
    let (id, moment, counts) = (past.id, when::moment(past.at, words), past.counts(words));
    let by = match past.by {
        Some(by) => directory().name(by),
        None => Signal::stored(words.import.console.to_owned()),
    };
    let asking = RwSignal::new(false);
    let yes = Callback::new(move |()| import.undo(id));
    let title = fill(words.import.undo_title, &[("time", &moment)]);
    let label = fill(words.import.undo_label, &[("time", &moment)]);
    let end = if past.undone {
        view! { <span class="chip plain">{words.import.is_undone}</span> }.into_any()
    } else {
        view! {
            <button
                type="button"
                class="button small"
                aria-label=label
                disabled=move || import.step.with(Step::is_busy)
                on:click=move |_| asking.set(true)
            >
                <Icon shape=Shape::Restore />
                <span>{words.import.undo_short}</span>
            </button>
            <Question
                open=asking
                title
                text=words.import.undo_text
                yes=words.import.undo
                on_yes=yes
            />
        }
        .into_any()
    };
    view! {
        <li class="row">
            <div class="row-main">
                <span class="row-text">
                    <span class="row-title">{moment} " · " {by}</span>
                    <span class="row-note">{counts}</span>
                </span>
            </div>
            {end}
        </li>
    }
}
