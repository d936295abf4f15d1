//! Initials in a circle, so that people are told apart at a glance.

use events::accounts::PersonName;
use leptos::prelude::*;

/// How many tints there are in `parts.css`.
const TINTS: u32 = 8;

/// A person's initials; always beside their name, hence hidden from screen readers.
#[component]
pub(crate) fn Avatar(#[prop(into)] name: Signal<Option<PersonName>>) -> impl IntoView {
    let initials = move || {
        name.with(|name| {
            name.as_ref().map_or_else(String::new, |name| {
                let first = |text: &str| text.chars().find(|letter| letter.is_alphabetic());
                first(&name.given)
                    .into_iter()
                    .chain(first(&name.family))
                    .collect()
            })
        })
    };
    let tint = move || {
        name.with(|name| {
            let text = name.as_ref().map(ToString::to_string).unwrap_or_default();
            let sum = text.chars().fold(7_u32, |sum, letter| {
                sum.wrapping_mul(31) ^ u32::from(letter)
            });
            format!("avatar tint-{}", sum % TINTS)
        })
    };
    view! {
        <span class=tint aria-hidden="true">
            {initials}
        </span>
    }
}
