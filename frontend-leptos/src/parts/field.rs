//! Text fields with their labels, hints and complaints.

use super::{Icon, Shape};
use leptos::prelude::*;

/// A labelled text field. A complaint is read out when it appears.
#[component]
pub(crate) fn Field(
    id: &'static str,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] complaint: Signal<Option<String>>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let note = format!("{id}-note");
    let hint = hint.map(|hint| view! { <p class="field-hint" id=note.clone()>{hint}</p> });
    let has_hint = hint.is_some();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type=kind
                autocomplete=autocomplete
                autofocus=autofocus
                aria-describedby=has_hint.then_some(note)
                aria-invalid=move || complaint.with(Option::is_some).then_some("true")
                bind:value=value
            />
            {hint}
            <p class="field-complaint" role="alert">
                {complaint}
            </p>
        </div>
    }
}

/// A search field; what it finds is shown as one types.
#[component]
pub(crate) fn Search(
    id: &'static str,
    #[prop(into)] label: String,
    value: RwSignal<String>,
) -> impl IntoView {
    view! {
        <div class="search" role="search">
            <Icon shape=Shape::Search />
            <input
                id=id
                type="search"
                aria-label=label.clone()
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                bind:value=value
            />
        </div>
    }
}
