//! The form of a dialog: its fields, and the two ways out below them.

use crate::words::words;
use leptos::prelude::*;

/// Fields with "cancel" and the button that sends them. It sends only what is `ready`, and not twice at once.
#[component]
pub(crate) fn DialogForm(
    open: RwSignal<bool>,
    #[prop(into)] yes: String,
    #[prop(into)] ready: Signal<bool>,
    busy: RwSignal<bool>,
    on_submit: Callback<()>,
    children: Children,
) -> impl IntoView {
    let words = words();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if ready.get_untracked() && !busy.get_untracked() {
            on_submit.run(());
        }
    };
    view! {
        <form on:submit=submit>
            {children()}
            <div class="dialog-foot">
                <button type="button" class="button" on:click=move |_| open.set(false)>
                    {words.common.cancel}
                </button>
                <button
                    type="submit"
                    class="button accent"
                    aria-busy=move || busy.get().to_string()
                    disabled=move || !ready.get() || busy.get()
                >
                    {yes}
                </button>
            </div>
        </form>
    }
}
