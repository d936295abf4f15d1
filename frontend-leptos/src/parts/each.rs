//! A list that follows its items. Leptos' own `For` is compiled for every kind of item and of view, which was a twenty-fifth of
//! the app; here they are left out before it.

use leptos::prelude::*;
use std::sync::Arc;

/// An item that is drawn when it gets its place in the list.
struct Item {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// Draws each item once, and keeps it as long as its key is there.
#[component]
pub(crate) fn Each<T, I, K, C, N>(
    /// The items; they are followed.
    each: I,
    /// What tells an item from the others.
    key: K,
    /// Draws an item.
    children: C,
) -> impl IntoView
where
    T: Send + 'static,
    I: Fn() -> Vec<T> + Send + 'static,
    K: Fn(&T) -> String + Send + 'static,
    C: Fn(T) -> N + Send + Sync + 'static,
    N: IntoView + 'static,
{
    let children = Arc::new(children);
    list(Box::new(move || {
        let mut items = Vec::new();
        for item in each() {
            let children = children.clone();
            items.push(Item {
                key: key(&item),
                draw: Box::new(move || children(item).into_any()),
            });
        }
        items
    }))
}

fn list(items: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    let key = |item: &Item| item.key.clone();
    view! { <For each=items key=key children=|item| (item.draw)() /> }.into_any()
}
