//! Choosing another password.

use crate::ask::{Ask, Trouble};
use crate::erased;
use crate::parts::{Field, toasts};
use crate::session::me;
use crate::words::{Words, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;

/// The shortest password, in characters; the machine decides, this only tells sooner.
const SHORTEST: usize = 8;

#[derive(Serialize)]
struct Change {
    old: String,
    new: String,
}

/// Why the new password cannot be sent.
#[derive(Clone, PartialEq)]
enum Fault {
    Short,
    Differ,
    Refused(Trouble),
}

impl Fault {
    fn text(&self, words: &Words) -> String {
        match self {
            Self::Short => words.settings.short.to_owned(),
            Self::Differ => words.settings.differ.to_owned(),
            Self::Refused(trouble) => trouble.text(words),
        }
    }
}

fn fault(new: &str, repeat: &str) -> Option<Fault> {
    if new.chars().count() < SHORTEST {
        return Some(Fault::Short);
    }
    (new != repeat).then_some(Fault::Differ)
}

/// The form.
#[component]
pub(super) fn PasswordForm() -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let login = me().login;
    let toasts = toasts();
    let [old, new, repeat] = [(); 3].map(|()| RwSignal::new(String::new()));
    let found = RwSignal::new(None::<Fault>);
    let busy = RwSignal::new(false);
    let complaint_if = move |wanted: fn(&Fault) -> bool| {
        erased::derive(move || {
            let fault = found.get().filter(wanted);
            fault.map(|fault| fault.text(words))
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wrong = fault(&new.get_untracked(), &repeat.get_untracked());
        found.set(wrong.clone());
        if wrong.is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let change = Change {
            old: old.get_untracked(),
            new: new.get_untracked(),
        };
        spawn_local(async move {
            let answer = ask.command("/api/accounts/password", &change).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    toasts.say(words.settings.was_changed);
                    for field in [old, new, repeat] {
                        field.try_set(String::new());
                    }
                }
                Err(trouble) => drop(found.try_set(Some(Fault::Refused(trouble)))),
            }
        });
    };
    view! {
        <section class="section" aria-labelledby="password-title">
            <h2 id="password-title">{words.settings.password}</h2>
            <p class="quiet">{words.settings.password_text}</p>
            <form class="form" on:submit=submit>
                // Password managers want to know whose password it is.
                <input class="only-read" type="text" autocomplete="username" tabindex="-1" aria-hidden="true" readonly value=login />
                <Field
                    id="old-password"
                    label=words.settings.old
                    value=old
                    kind="password"
                    autocomplete="current-password"
                    complaint=complaint_if(|fault| matches!(fault, Fault::Refused(_)))
                />
                <Field
                    id="new-password"
                    label=words.settings.new
                    value=new
                    kind="password"
                    autocomplete="new-password"
                    hint=words.settings.new_hint
                    complaint=complaint_if(|fault| *fault == Fault::Short)
                />
                <Field
                    id="repeat-password"
                    label=words.settings.repeat
                    value=repeat
                    kind="password"
                    autocomplete="new-password"
                    complaint=complaint_if(|fault| *fault == Fault::Differ)
                />
                <button
                    type="submit"
                    class="button accent"
                    aria-busy=move || busy.get().to_string()
                >
                    {words.settings.change}
                </button>
            </form>
        </section>
    }
}
