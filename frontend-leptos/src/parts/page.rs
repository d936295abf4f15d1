//! A page: its title in the window and as its one heading, which takes the focus when one comes from another page.

use leptos::html;
use leptos::prelude::*;

/// A page of an area. `actions` stand beside the heading.
#[component]
pub(crate) fn Page(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] lead: Option<Signal<String>>,
    #[prop(optional, into)] actions: ViewFn,
    #[prop(default = "page")] class: &'static str,
    children: Children,
) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    Effect::new(move |before: Option<String>| {
        let title = title.get();
        document().set_title(&format!("{title} · Schulhof"));
        // The same page may come to show something else; whoever pressed a link that is gone stands at its heading then.
        let body = document().body().map(web_sys::Element::from);
        if before.is_some_and(|before| before != title)
            && document().active_element() == body
            && let Some(heading) = heading.get_untracked()
        {
            heading.focus().ok();
        }
        title
    });
    Effect::new(move |_| {
        // The very first page leaves the focus to the browser.
        if let Some(heading) = heading.get() {
            let first = document().body().is_some_and(|body| {
                let started = body.has_attribute("data-ready");
                body.set_attribute("data-ready", "").ok();
                !started
            });
            if !first {
                heading.focus().ok();
            }
        }
    });
    view! {
        <div class=class>
            <header class="page-head">
                <div class="page-title">
                    <h1 node_ref=heading tabindex="-1">
                        {title}
                    </h1>
                    {lead.map(|lead| view! { <p class="page-lead">{lead}</p> })}
                </div>
                <div class="page-actions">{actions.run()}</div>
            </header>
            {children()}
        </div>
    }
}

/// Links between the pages of one area.
#[component]
pub(crate) fn Tabs(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {children()}
        </nav>
    }
}

/// One of those links.
#[component]
pub(crate) fn TabLink(
    href: &'static str,
    #[prop(into)] label: String,
    #[prop(optional)] current: bool,
) -> impl IntoView {
    view! {
        <a class="tab" href=href aria-current=current.then_some("page")>
            {label}
        </a>
    }
}
