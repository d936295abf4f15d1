//! A dialog over the page, with the browser's own `<dialog>`: it keeps the focus inside, closes with Escape and gives the
//! focus back to its opener.

use super::{Icon, Shape, Show};
use crate::words::words;
use leptos::html;
use leptos::prelude::*;

/// A dialog that is open while `open` is true.
#[component]
pub(crate) fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let words = words();
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        if open.get() && !element.open() {
            // Fails only when the dialog has left the page, and then there is nothing to show.
            element.show_modal().ok();
        } else if !open.get() && element.open() {
            element.close();
        }
    });
    let shade = move |event: leptos::ev::MouseEvent| {
        // A press on the dialog element itself is one beside its content.
        let target = event.target().map(wasm_bindgen::JsValue::from);
        if element.get().map(wasm_bindgen::JsValue::from) == target {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=element
            class="dialog"
            aria-label=title
            on:close=move |_| open.set(false)
            on:mousedown=shade
        >
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2>{title}</h2>
                    <button
                        type="button"
                        class="button ghost only-icon"
                        aria-label=words.common.close
                        on:click=move |_| open.set(false)
                    >
                        <Icon shape=Shape::Close />
                    </button>
                </header>
                <Show when=move || open.get()>{children()}</Show>
            </div>
        </dialog>
    }
}

/// A dialog's state that is open exactly while there is a subject; closing it lets the subject go.
pub(crate) fn open_while<T: Send + Sync + 'static>(subject: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = subject.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && subject.with_untracked(Option::is_some) {
            subject.set(None);
        }
    });
    open
}

/// A question before something that cannot be undone, or that is said with one's name; it names the object.
#[component]
pub(crate) fn Question(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] yes: Signal<String>,
    on_yes: Callback<()>,
    #[prop(default = "button danger")] class: &'static str,
) -> impl IntoView {
    let words = words();
    let agree = move |_| {
        open.set(false);
        on_yes.run(());
    };
    view! {
        <Dialog open title>
            <p>{text}</p>
            <div class="dialog-foot">
                <button type="button" class="button" on:click=move |_| open.set(false)>
                    {words.common.cancel}
                </button>
                <button type="button" class=class on:click=agree>
                    {yes}
                </button>
            </div>
        </Dialog>
    }
}
