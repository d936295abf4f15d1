//! Small pieces that many rows and pages are made of, each compiled once.

use super::text;
use leptos::prelude::*;

/// A quieter line below a row's title.
pub(crate) fn note(content: AnyView) -> AnyView {
    view! { <span class="row-note">{content}</span> }.into_any()
}

/// The same of a text that follows.
pub(crate) fn text_note(said: impl Fn() -> String + Send + 'static) -> AnyView {
    note(text(said))
}

/// A button with a label.
pub(crate) fn button(class: &'static str, label: &'static str, press: Callback<()>) -> AnyView {
    view! {
        <button type="button" class=class on:click=move |_| press.run(())>
            {label}
        </button>
    }
    .into_any()
}

/// A link with a label.
pub(crate) fn link(class: &'static str, href: String, label: &'static str) -> AnyView {
    view! {
        <a class=class href=href>
            {label}
        </a>
    }
    .into_any()
}

/// A part of a page with its heading.
pub(crate) fn section(id: &'static str, title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="section" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            {content}
        </section>
    }
    .into_any()
}

/// What is opened by its title.
pub(crate) fn folded(class: &'static str, open: bool, title: AnyView, content: AnyView) -> AnyView {
    view! {
        <details class=class open=open>
            <summary>{title}</summary>
            {content}
        </details>
    }
    .into_any()
}

/// A notice with where to go.
pub(crate) fn notice(said: String, href: &'static str, label: &'static str) -> AnyView {
    view! {
        <p class="banner warn" role="status">
            <span>{said} " " {link("", href.to_owned(), label)}</span>
        </p>
    }
    .into_any()
}

/// Facts, each with its name.
pub(crate) fn facts(facts: Vec<(&'static str, String)>) -> AnyView {
    let mut lines = Vec::with_capacity(facts.len());
    for (label, value) in facts {
        let line = view! {
            <div class="fact">
                <dt>{label}</dt>
                <dd>{value}</dd>
            </div>
        };
        lines.push(line.into_any());
    }
    view! { <dl class="facts">{lines}</dl> }.into_any()
}
