//! The warning above every page when the log does not fit what this browser has seen: what it means, what to do, whom to tell.

use super::check::Reason;
use super::watch;
use crate::ask::Ask;
use crate::sync::Line;
use crate::words::{fill, words};
use leptos::prelude::*;

/// The warning; nothing while the log fits.
#[component]
pub(crate) fn LogWarning(line: RwSignal<Line>) -> impl IntoView {
    let words = words();
    let found = watch(line, expect_context::<Ask>());
    move || {
        found.get().map(|(doubt, before, now)| {
            let text = match doubt.reason {
                Reason::Smaller => words.witness.smaller,
                Reason::Rewritten => words.witness.rewritten,
                Reason::NotSigned => words.witness.not_signed,
                Reason::OtherKey => words.witness.other_key,
            };
            let sizes = [
                ("before", &*doubt.before.to_string()),
                ("now", &*doubt.now.to_string()),
            ];
            view! {
                <section class="banner bad log-warning" role="alert">
                    <div>
                        <strong>{words.witness.warning}</strong>
                        <p>{fill(text, &sizes)}</p>
                        <p>{words.witness.what_to_do}</p>
                        <details>
                            <summary>{words.witness.evidence}</summary>
                            <pre>{before}</pre>
                            <pre>{now}</pre>
                        </details>
                    </div>
                </section>
            }
        })
    }
}
