//! One message, sent or on its way.

use super::pending::{Pending, Waiting};
use crate::erased;
use crate::parts::{Avatar, Icon, Shape, Show};
use crate::session::me;
use crate::store::{Row, directory};
use crate::when;
use crate::words::{fill, words};
use events::messenger::view::MessageRow;
use leptos::prelude::*;

/// One message. `opens_day` puts the day above it, `goes_on` leaves out its author, who spoke just before.
#[component]
pub(super) fn Line(
    row: Row<MessageRow>,
    opens_day: bool,
    goes_on: bool,
    /// Whether the reader may remove what others said here.
    reaches_all: Memo<bool>,
    on_remove: Callback<u64>,
) -> impl IntoView {
    let words = words();
    let me = me();
    let first = row.get_untracked();
    let (number, author, at) = (first.number, first.author, first.at);
    let mine = author == me.person;
    let may_remove = move || mine || reaches_all.get();
    let directory = directory();
    let name = directory.name(author);
    let day = opens_day.then(|| view! { <li class="day">{when::day_of(at, words)}</li> });
    let removed = {
        let row = row.clone();
        erased::memo(move || row.with(|row| row.removed_by))
    };
    let text = move || match removed.get() {
        Some(by) if by == author => {
            view! { <p class="said removed">{words.messenger.removed_self}</p> }.into_any()
        }
        Some(by) => {
            let by = directory.name(by);
            let text = move || fill(words.messenger.removed_by, &[("name", &by.get())]);
            view! { <p class="said removed">{text}</p> }.into_any()
        }
        None => {
            let text = row.with(|row| row.text.get().cloned());
            let forgotten = text.is_none();
            let text = text.unwrap_or_else(|| words.common.forgotten.to_owned());
            view! { <p class="said" class:removed=forgotten>{text}</p> }.into_any()
        }
    };
    let head = (!goes_on).then(|| {
        view! {
            <p class="line-head">
                <span class="line-author">{name}</span>
                <time datetime=when::machine(at)>{when::spoken(at, words)}</time>
            </p>
        }
    });
    let sign = (!goes_on && !mine).then(|| view! { <Avatar name=directory.person(author) /> });
    view! {
        {day}
        <li class="message" class:mine=mine class:goes-on=goes_on>
            <span class="message-sign">{sign}</span>
            <div class="message-body">{head} {text}</div>
            <Show when=move || may_remove() && removed.get().is_none()>
                <button
                    type="button"
                    class="button ghost only-icon message-remove"
                    aria-label=words.messenger.remove
                    on:click=move |_| on_remove.run(number)
                >
                    <Icon shape=Shape::Trash />
                </button>
            </Show>
        </li>
    }
}

/// A message on its way.
#[component]
pub(super) fn WaitingLine(waiting: Waiting, pending: Pending) -> impl IntoView {
    let words = words();
    let message = waiting.message;
    let text = waiting.text.clone();
    let state = match &waiting.trouble {
        None => view! { <p class="line-state">{words.messenger.sending}</p> }.into_any(),
        Some(trouble) => {
            let reason = trouble.text(words);
            let again = waiting.clone();
            view! {
                <div class="line-state bad" role="alert">
                    <p>{words.messenger.not_sent} ": " {reason}</p>
                    <button
                        type="button"
                        class="button small"
                        on:click=move |_| pending.send_again(&again)
                    >
                        {words.messenger.send_again}
                    </button>
                    <button
                        type="button"
                        class="button ghost small"
                        on:click=move |_| pending.discard(message)
                    >
                        {words.messenger.discard}
                    </button>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <li class="message mine waiting">
            <span class="message-sign"></span>
            <div class="message-body">
                <p class="said">{text}</p>
                {state}
            </div>
        </li>
    }
}
