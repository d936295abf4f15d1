//! Where a message is written. What is written stays with its room until it is sent.

use super::Inbox;
use crate::parts::{Icon, Shape};
use crate::words::words;
use events::ids::RoomId;
use events::messenger::LONGEST_TEXT;
use leptos::html;
use leptos::prelude::*;

/// The field and its button.
#[component]
pub(super) fn Composer(room: RoomId, on_send: Callback<String>) -> impl IntoView {
    let words = words();
    let drafts = expect_context::<Inbox>().drafts;
    let text = RwSignal::new(
        drafts
            .with_value(|drafts| drafts.get(&room).cloned())
            .unwrap_or_default(),
    );
    let field = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        let now = text.get();
        drafts.update_value(|drafts| {
            drafts.insert(room, now);
        });
        if let Some(field) = field.get() {
            grow(&field);
        }
    });
    let send = move || {
        let said = text.get_untracked().trim().to_owned();
        if !said.is_empty() {
            text.set(String::new());
            on_send.run(said);
        }
        if let Some(field) = field.get_untracked() {
            field.focus().ok();
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        // While letters are being composed (accents, other scripts), Enter belongs to the keyboard.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    view! {
        <form class="composer" on:submit=on_submit>
            <textarea
                node_ref=field
                id="composer"
                rows="1"
                maxlength=LONGEST_TEXT.to_string()
                aria-label=words.messenger.write
                aria-describedby="composer-hint"
                placeholder=words.messenger.write
                on:keydown=on_key
                bind:value=text
            ></textarea>
            <p class="only-read" id="composer-hint">
                {words.messenger.hint}
            </p>
            <button
                type="submit"
                class="button accent only-icon"
                aria-label=words.messenger.send
                disabled=move || text.with(|text| text.trim().is_empty())
            >
                <Icon shape=Shape::Send />
            </button>
        </form>
    }
}

/// Makes the field as high as its text; the style sheet sets the limit.
fn grow(field: &web_sys::HtmlTextAreaElement) {
    let style = web_sys::HtmlElement::style(field);
    style.set_property("height", "auto").ok();
    let height = format!("{}px", field.scroll_height() + 2);
    style.set_property("height", &height).ok();
}
