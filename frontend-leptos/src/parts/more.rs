//! The end of a list that has further pages: they are fetched as the end comes into sight, or by a button.

use super::Show;
use crate::words::words;
use js_sys::Array;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{IntersectionObserver, IntersectionObserverEntry};

/// The end of a list of `count` rows; calls `on_more` while `more` is true and the end is in sight.
#[component]
pub(crate) fn More(
    #[prop(into)] more: Signal<bool>,
    #[prop(into)] count: Signal<usize>,
    on_more: Callback<()>,
) -> impl IntoView {
    let words = words();
    let element = NodeRef::<html::Div>::new();
    let watched = StoredValue::new_local(None::<Watched>);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        // Watched anew with every page: a short page leaves the end in sight, and sight alone is told only once.
        count.track();
        watched.set_value(Watched::new(&element, move || {
            if more.try_get_untracked() == Some(true) {
                on_more.run(());
            }
        }));
    });
    view! {
        <div class="more" node_ref=element>
            <Show when=move || more.get()>
                <button type="button" class="button ghost" on:click=move |_| on_more.run(())>
                    {words.common.more}
                </button>
            </Show>
        </div>
    }
}

/// An element that is watched for coming into sight; no longer when this is dropped.
struct Watched {
    observer: IntersectionObserver,
    _seen: Closure<dyn FnMut(Array)>,
}

impl Watched {
    fn new(element: &web_sys::Element, on_sight: impl Fn() + 'static) -> Option<Self> {
        let seen = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            let in_sight = entries.iter().any(|entry| {
                let entry = entry.unchecked_into::<IntersectionObserverEntry>();
                entry.is_intersecting()
            });
            if in_sight {
                on_sight();
            }
        });
        let observer = IntersectionObserver::new(seen.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _seen: seen,
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
