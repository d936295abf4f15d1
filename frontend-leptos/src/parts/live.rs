//! What follows its signals, without its type: leptos compiles an effect, a state and a way to draw for every closure in a view,
//! which are kilobytes each; here the closures are left out before it.

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
