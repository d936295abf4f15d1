//! Proposing to forget somebody: what it would destroy, why, and how deep.

use super::depth_named;
use crate::ask::{Ask, Trouble};
use crate::erased;
use crate::parts::{Dialog, DialogForm, Field, Select, toasts};
use crate::store::directory;
use crate::words::{fill, words};
use events::ids::PersonId;
use events::privacy::{Counts, Depth};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

/// The dialog; nothing is destroyed by it, a second person must agree.
#[component]
pub(crate) fn ForgetDialog(person: PersonId, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=words().privacy.forget>
            <ForgetForm person open />
        </Dialog>
    }
}

#[component]
fn ForgetForm(person: PersonId, open: RwSignal<bool>) -> impl IntoView {
    let words = words();
    let (ask, toasts) = (expect_context::<Ask>(), toasts());
    let name = directory().name(person);
    let counts = RwSignal::new(None::<Counts>);
    let basis = RwSignal::new(words.privacy.usual_basis.to_owned());
    let depth = RwSignal::new(Depth::Ciphertext);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let complaint = erased::derive(move || trouble.get().map(|trouble| trouble.text(words)));
    spawn_local(async move {
        let people = json!({ "people": [person] });
        match ask.order("/api/privacy/erasures/dry-run", &people).await {
            Ok(found) => drop(counts.try_set(Some(found))),
            Err(reason) => drop(trouble.try_set(Some(reason))),
        }
    });
    let would = move || {
        counts.get().map(|counts| {
            let [events, blobs] = [counts.events, counts.blobs].map(|count| count.to_string());
            let values = [("events", events.as_str()), ("files", blobs.as_str())];
            fill(words.privacy.would, &values)
        })
    };
    let ready = erased::derive(move || {
        counts.with(Option::is_some) && basis.with(|basis| !basis.trim().is_empty())
    });
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        trouble.set(None);
        let body = json!({
            "people": [person],
            "basis": basis.get_untracked(),
            "depth": depth.get_untracked(),
        });
        spawn_local(async move {
            let planned = ask.command("/api/privacy/erasures", &body).await;
            busy.try_set(false);
            match planned {
                Ok(_) => {
                    open.set(false);
                    toasts.say(words.privacy.proposed);
                }
                Err(reason) => drop(trouble.try_set(Some(reason))),
            }
        });
    });
    let depths = [Depth::Key, Depth::Ciphertext, Depth::Header];
    let depths = depths.map(|depth| (depth, depth_named(depth, words)));
    view! {
        <DialogForm open yes=words.privacy.propose ready busy on_submit>
            <p>
                <strong>{name}</strong>
            </p>
            <p>{words.privacy.forget_text}</p>
            <p class="quiet" role="status">
                {would}
            </p>
            <Field id="forget-basis" label=words.privacy.basis value=basis complaint />
            <Select id="forget-depth" label=words.privacy.depth value=depth options=depths.to_vec() />
        </DialogForm>
    }
}
