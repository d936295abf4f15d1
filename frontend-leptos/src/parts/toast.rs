//! Short notes at the edge of the page: what was done, with a way back, or what went wrong. Read out by screen readers.

use super::{Each, Icon, Shape};
use crate::ask::Trouble;
use crate::browser;
use crate::words::words;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How long a note stays, in milliseconds: long enough to change one's mind.
const STAYS: i32 = 10_000;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    bad: bool,
    undo: Option<Callback<()>>,
}

/// The notes on the screen; copies are the same notes.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            shown: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        }
    }

    /// Says what was done.
    pub(crate) fn say(self, text: impl Into<String>) {
        self.show(text.into(), false, None);
    }

    /// Says what was done, and offers to take it back.
    pub(crate) fn say_undoable(self, text: impl Into<String>, undo: Callback<()>) {
        self.show(text.into(), false, Some(undo));
    }

    /// Says what went wrong.
    pub(crate) fn complain(self, trouble: &Trouble, words: &crate::words::Words) {
        self.show(trouble.text(words), true, None);
    }

    fn show(self, text: String, bad: bool, undo: Option<Callback<()>>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| {
            // Three notes are enough to read; the oldest makes room.
            if shown.len() == 3 {
                shown.remove(0);
            }
            shown.push(Toast {
                id,
                text,
                bad,
                undo,
            });
        });
        spawn_local(async move {
            browser::wait(STAYS).await;
            self.dismiss(id);
        });
    }

    fn dismiss(self, id: u64) {
        self.shown
            .try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// The notes, for a component that is being drawn.
pub(crate) fn toasts() -> Toasts {
    expect_context::<Toasts>()
}

/// Where the notes appear.
#[component]
pub(crate) fn ToastTray() -> impl IntoView {
    let toasts = toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <Each each=move || toasts.shown.get() key=|toast| toast.id.to_string() let:toast>
                <ToastNote toasts toast />
            </Each>
        </div>
    }
}

#[component]
fn ToastNote(toasts: Toasts, toast: Toast) -> impl IntoView {
    let words = words();
    let id = toast.id;
    let undo = toast.undo.map(|undo| {
        let take_back = move |_| {
            toasts.dismiss(id);
            undo.run(());
        };
        view! {
            <button type="button" class="button small" on:click=take_back>
                {words.common.undo}
            </button>
        }
    });
    let shape = if toast.bad {
        Shape::Alert
    } else {
        Shape::Check
    };
    view! {
        <div class="toast" class:bad=toast.bad>
            <Icon shape />
            <p>{toast.text}</p>
            {undo}
            <button
                type="button"
                class="button ghost only-icon"
                aria-label=words.common.close
                on:click=move |_| toasts.dismiss(id)
            >
                <Icon shape=Shape::Close />
            </button>
        </div>
    }
}
