//! What stands in the place of content: before it is there, when there is none, when it could not be fetched.

use super::{Icon, Shape};
use crate::ask::Trouble;
use crate::erased;
use crate::store::{AnyWindow, State};
use crate::words::words;
use leptos::prelude::*;

/// Grey lines in the shape of a list.
#[component]
pub(crate) fn Skeleton(#[prop(default = 6)] lines: usize) -> impl IntoView {
    let words = words();
    let line = || view! { <div class="skeleton-line"><span></span><span></span></div> };
    view! {
        <div class="skeleton" role="status" aria-label=words.common.loading>
            {(0..lines).map(|_| line()).collect_view()}
        </div>
    }
}

/// Nothing here: what belongs here, and how to begin.
#[component]
pub(crate) fn Empty(
    shape: Shape,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon shape />
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}

/// Something could not be fetched: what happened, and how to go on.
#[component]
pub(crate) fn Sorry(trouble: Trouble, on_retry: Callback<()>) -> impl IntoView {
    let words = words();
    let text = trouble.text(words);
    view! {
        <div class="empty" role="alert">
            <Icon shape=Shape::Alert />
            <h2>{words.common.refused}</h2>
            <p>{text}</p>
            <div class="empty-actions">
                <button type="button" class="button" on:click=move |_| on_retry.run(())>
                    {words.common.try_again}
                </button>
            </div>
        </div>
    }
}

/// A window's content in each of its states. `children` is drawn once there is at least one row.
#[component]
pub(crate) fn Rows(
    #[prop(into)] window: AnyWindow,
    /// Shown when there is no row.
    #[prop(into)]
    empty: ViewFn,
    /// Shown when the reader no longer sees the circle.
    #[prop(into, optional)]
    gone: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let is_empty = erased::memo(move || window.keys.with(Vec::is_empty));
    move || match window.state.get() {
        State::Loading => view! { <Skeleton /> }.into_any(),
        State::Gone => gone.run().into_any(),
        State::Failed(trouble) if is_empty.get() => {
            let retry = Callback::new(move |()| {
                window.state.set(State::Loading);
                window.load();
            });
            view! { <Sorry trouble on_retry=retry /> }.into_any()
        }
        State::Ready | State::Failed(_) if is_empty.get() => empty.run().into_any(),
        State::Ready | State::Failed(_) => children().into_any(),
    }
}
