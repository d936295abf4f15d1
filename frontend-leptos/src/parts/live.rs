//! What follows its signals, without its type: leptos compiles an effect, a state and a way to draw for every closure in a view,
//! which are kilobytes each; here the closures are left out before it.

use crate::erased;
use leptos::prelude::*;

/// A text that follows.
pub(crate) fn text(said: impl Fn() -> String + Send + 'static) -> AnyView {
    let said: Box<dyn Fn() -> String + Send> = Box::new(said);
    follow_text(said)
}

fn follow_text(said: Box<dyn Fn() -> String + Send>) -> AnyView {
    (move || said()).into_any()
}

/// A piece of a page that follows.
pub(crate) fn live(drawn: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    follow(Box::new(drawn))
}

fn follow(drawn: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || drawn()).into_any()
}

/// Leptos' own component of this name, without the type of its condition.
#[component]
pub(crate) fn Show<W: Fn() -> bool + Send + Sync + 'static>(
    /// When the children are shown.
    when: W,
    /// What is shown otherwise.
    #[prop(optional, into)]
    fallback: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    show(Box::new(when), fallback, children)
}

fn show(
    when: Box<dyn Fn() -> bool + Send + Sync>,
    fallback: ViewFn,
    children: ChildrenFn,
) -> AnyView {
    let when = erased::memo(when);
    live(move || match when.get() {
        true => children(),
        false => fallback.run(),
    })
}

/// Items in the order of their keys. Every sort of another type is compiled anew, and is two kilobytes.
pub(crate) fn in_order<T>(items: Vec<T>, key: impl Fn(&T) -> String) -> Vec<T> {
    let mut keys = Vec::with_capacity(items.len());
    for item in &items {
        keys.push((key(item), keys.len()));
    }
    sort(&mut keys);
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(items.len());
    for (_, at) in keys {
        ordered.extend(items.get_mut(at).and_then(Option::take));
    }
    ordered
}

fn sort(keys: &mut [(String, usize)]) {
    keys.sort_unstable();
}
