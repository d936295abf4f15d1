//! A dialog with one field, for giving a new name to something in the area.

use crate::ask::Trouble;
use crate::erased;
use crate::parts::{Dialog, DialogForm, Field};
use crate::words::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;

/// What a new name leads to.
pub(super) type Renaming = Pin<Box<dyn Future<Output = Result<(), Trouble>>>>;

/// Asks for a new name, beginning with the present one.
#[component]
pub(super) fn RenameDialog(
    id: &'static str,
    open: RwSignal<bool>,
    title: &'static str,
    label: &'static str,
    #[prop(into)] present: Signal<String>,
    rename: Callback<String, Renaming>,
) -> impl IntoView {
    view! {
        <Dialog open title>
            <Form id open label present rename />
        </Dialog>
    }
}

#[component]
fn Form(
    id: &'static str,
    open: RwSignal<bool>,
    label: &'static str,
    present: Signal<String>,
    rename: Callback<String, Renaming>,
) -> impl IntoView {
    let words = words();
    let name = RwSignal::new(present.get_untracked());
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let complaint = erased::derive(move || trouble.get().map(|trouble| trouble.text(words)));
    let ready = erased::derive(move || name.with(|name| !name.trim().is_empty()));
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        let renaming = rename.run(name.with_untracked(|name| name.trim().to_owned()));
        spawn_local(async move {
            let renamed = renaming.await;
            busy.try_set(false);
            match renamed {
                Ok(()) => open.set(false),
                Err(reason) => drop(trouble.try_set(Some(reason))),
            }
        });
    });
    view! {
        <DialogForm open yes=words.keeping.save ready busy on_submit>
            <Field id label value=name complaint autofocus=true />
        </DialogForm>
    }
}
