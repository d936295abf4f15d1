//! A value to hand on: large, exact, with a button that copies it.

use super::toasts;
use crate::browser;
use crate::words::words;
use leptos::prelude::*;

/// A labelled value in plain type.
#[component]
pub(crate) fn CopyField(#[prop(into)] label: String, #[prop(into)] value: String) -> impl IntoView {
    let words = words();
    let toasts = toasts();
    let text = value.clone();
    let copy = move |_| {
        browser::copy(&text);
        toasts.say(words.common.copied);
    };
    view! {
        <div class="copy-field">
            <p class="copy-label">{label}</p>
            <p class="copy-value">{value}</p>
            <button type="button" class="button small" on:click=copy>
                {words.common.copy}
            </button>
        </div>
    }
}
