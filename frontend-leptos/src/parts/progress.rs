//! A bar that fills.

use leptos::prelude::*;

/// How far something is, from 0 to 100; none while that is not known.
#[component]
pub(crate) fn Progress(
    #[prop(into)] percent: Signal<Option<u8>>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    view! {
        <div
            class="progress"
            class:unsure=move || percent.get().is_none()
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent.get().map(|percent| percent.to_string())
        >
            <span style:width=move || percent.get().map(|percent| format!("{percent}%"))></span>
        </div>
    }
}
