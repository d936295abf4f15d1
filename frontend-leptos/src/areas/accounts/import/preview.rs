//! What an import would change: how many of each kind, and who.

use super::change_set::{ChangeSet, Entry, Group, Moved, Note, Renamed, Shown};
use crate::parts::folded;
use crate::words::{fill, words};
use leptos::prelude::*;

/// Entries of one kind that are listed; more would not be read.
const LISTED: usize = 100;

/// The change set as counts, each with its list behind it.
#[component]
pub(super) fn Preview(change_set: ChangeSet) -> impl IntoView {
    let words = words();
    let set = change_set;
    let refused_whole = set.is_refused_whole();
    let (tone, text) = match (refused_whole, set.refused.len() + set.doubtful.len()) {
        (true, _) => ("banner bad", words.import.all_refused),
        (false, 0) => ("banner ok", words.import.no_change),
        (false, _) => ("banner warn", words.import.no_change_but),
    };
    let nothing = (!set.changes_something()).then(|| {
        view! {
            <p class=tone role=refused_whole.then_some("alert")>
                {text}
            </p>
        }
    });
    let people = |entries: &[Entry]| entries.iter().map(Entry::shown).collect::<Vec<_>>();
    let notes = |notes: &[Note]| {
        notes
            .iter()
            .map(|note| note.shown(words))
            .collect::<Vec<_>>()
    };
    let moved = set.moved.iter().map(Moved::shown).collect();
    let renamed = set.renamed.iter().map(Renamed::shown).collect();
    let groups = set.groups.iter().map(Group::shown).collect();
    view! {
        <section class="section" aria-labelledby="preview-title">
            <h2 id="preview-title">{words.import.preview}</h2>
            {nothing}
            <Kind
                title=words.import.refused
                tone="bad"
                shown=notes(&set.refused)
                open=refused_whole
            />
            <Kind title=words.import.doubtful tone="warn" shown=people(&set.doubtful) />
            <Kind title=words.import.warnings tone="warn" shown=notes(&set.warnings) />
            <Kind title=words.import.leaving tone="bad" shown=people(&set.leaving) />
            <Kind title=words.import.new tone="ok" shown=people(&set.new) />
            <Kind title=words.import.moved tone="plain" shown=moved />
            <Kind title=words.import.renamed tone="plain" shown=renamed />
            <Kind title=words.import.changed tone="plain" shown=people(&set.changed) />
            <Kind title=words.import.groups tone="plain" shown=groups />
            <Kind title=words.import.guardians tone="plain" shown=people(&set.guardians) />
        </section>
    }
}

/// One kind of change; nothing when there is none.
#[component]
fn Kind(
    title: &'static str,
    tone: &'static str,
    shown: Vec<Shown>,
    #[prop(optional)] open: bool,
) -> impl IntoView {
    let words = words();
    let count = shown.len();
    let beyond = count.saturating_sub(LISTED);
    let line = move |shown: Shown| {
        let note = shown.note(words);
        view! {
            <li>
                <span>{shown.text}</span>
                {note.map(|note| view! { <span class="row-note">{note}</span> })}
            </li>
        }
    };
    (count > 0).then(move || {
        let lines = shown.into_iter().take(LISTED).map(line).collect_view();
        let more = (beyond > 0).then(|| {
            let text = fill(words.import.and_more, &[("n", &beyond.to_string())]);
            view! { <li class="quiet">{text}</li> }
        });
        let title = view! {
            <span class=format!("change-count {tone}")>{count}</span>
            <span>{title}</span>
        };
        let content = view! { <ul>{lines} {more}</ul> };
        folded("change", open, title.into_any(), content.into_any())
    })
}
