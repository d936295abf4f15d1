//! The warning above every page when the log does not fit what this browser has seen: what it means, what to do, whom to tell.

use super::check::Reason;
use super::{accept, seen_at, watch};
use crate::ask::Ask;
use crate::parts::folded;
use crate::sync::Line;
use crate::when;
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
            // A signature that is not genuine is no state that a school could confirm.
            let accepts = doubt.reason != Reason::NotSigned;
            let accept = move |_| accept(found);
            let accepts = accepts.then(|| {
                view! {
                    <p>{words.witness.accept_text}</p>
                    <button type="button" class="button" on:click=accept>
                        {words.witness.accept}
                    </button>
                }
            });
            let seen = seen_at().map(|at| {
                let seen = fill(words.witness.seen_at, &[("at", &when::moment(at, words))]);
                view! { <p>{seen}</p> }
            });
            let evidence = view! {
                <pre>{before}</pre>
                <pre>{now.checkpoint}</pre>
            };
            let evidence = evidence.into_any();
            view! {
                <section class="banner bad log-warning" role="alert">
                    <div>
                        <strong>{words.witness.warning}</strong>
                        <p>{fill(text, &sizes)}</p>
                        {seen}
                        <p>{words.witness.what_to_do}</p>
                        {folded("", false, words.witness.evidence.into_any(), evidence)}
                        {accepts}
                    </div>
                </section>
            }
        })
    }
}
