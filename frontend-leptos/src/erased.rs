//! Memos and signals whose closures are left out before leptos sees them: it compiles what surrounds a closure anew for each, and
//! every byte of the app travels to an old phone.

use leptos::prelude::*;

/// [`Memo::new`].
pub(crate) fn memo<T: PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    made(Box::new(of))
}

fn made<T: PartialEq + Send + Sync + 'static>(of: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
    Memo::new(move |_| of())
}

/// [`Signal::derive`].
pub(crate) fn derive<T: Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> Signal<T> {
    derived(Box::new(of))
}

fn derived<T: Send + Sync + 'static>(of: Box<dyn Fn() -> T + Send + Sync>) -> Signal<T> {
    Signal::derive(of)
}
