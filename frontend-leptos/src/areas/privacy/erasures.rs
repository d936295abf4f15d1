//! What is proposed to be forgotten, what is gone, and what falls due.

use super::depth_named;
use super::due::Due;
use crate::areas::{accounts, audit};
use crate::ask::{Ask, Query};
use crate::erased;
use crate::parts::{Each, Empty, Icon, Page, Question, Rows, Shape, toasts};
use crate::session::me;
use crate::store::{Window, directory, store};
use crate::when;
use crate::words::{Words, counted, fill, words};
use events::Scope;
use events::ids::PersonId;
use events::privacy::view::{ErasureRow, Erasures, Stage};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The page.
#[component]
pub(crate) fn ErasuresPage() -> impl IntoView {
    let words = words();
    let window: Window<Erasures> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Oversight),
            limit: 100,
            ..Query::default()
        })
    });
    let empty = move || {
        view! { <Empty shape=Shape::Shield title=words.privacy.none text=words.privacy.none_text /> }
    };
    view! {
        <Page title=words.privacy.erasures lead=Signal::stored(words.privacy.lead.to_owned())>
            {tabs()}
            <Rows window empty>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {window
                            .row(&key)
                            .map(|row| move || view! { <Erasure row=row.get() /> }.into_any())}
                    </Each>
                </ul>
            </Rows>
            <Due />
        </Page>
    }
}

/// The ways beside this page: from the people, or from the log for whoever only watches.
fn tabs() -> AnyView {
    match me().keeps_accounts() {
        true => view! { <accounts::AreaTabs current=accounts::Tab::Erasures /> }.into_any(),
        false => view! { <audit::AreaTabs current=audit::Tab::Erasures /> }.into_any(),
    }
}

/// The names of those concerned, as far as they are known: a few, and how many more.
fn names(people: &[PersonId], words: &Words) -> String {
    const SHOWN: usize = 3;
    let known = people.iter().take(SHOWN);
    let known: Vec<String> = known
        .map(|person| directory().name(*person).get())
        .collect();
    let mut text = known.join(", ");
    if people.len() > SHOWN {
        let more = (people.len() - SHOWN).to_string();
        text.push_str(&fill(words.privacy.and_more, &[("count", &more)]));
    }
    text
}

fn stage(row: &ErasureRow, words: &Words) -> (&'static str, &'static str) {
    match row.stage {
        Stage::Planned => ("chip warn", words.privacy.waits),
        Stage::Withdrawn => ("chip plain", words.privacy.withdrawn),
        Stage::Executed => ("chip warn", words.privacy.running),
        Stage::Completed => ("chip ok", words.privacy.gone),
    }
}

#[component]
fn Erasure(row: ErasureRow) -> impl IntoView {
    let words = words();
    let (ask, toasts, reader) = (expect_context::<Ask>(), toasts(), me().person);
    let batch = row.batch;
    let (class, stage_text) = stage(&row, words);
    let is_gone = matches!(row.stage, Stage::Executed | Stage::Completed);
    let people = row.people.clone();
    let aged = row.aged.as_ref().map(|aged| {
        // Rules count in days of UTC.
        let day = |at| when::day_named(when::machine(at).get(..10).unwrap_or_default(), words);
        let (from, to) = (day(aged.from), day(aged.before.saturating_sub(1)));
        fill(words.privacy.sign_ins, &[("from", &from), ("to", &to)])
    });
    let title = erased::derive(move || match is_gone {
        _ if aged.is_some() => aged.clone().unwrap_or_default(),
        true => counted(people.len(), words.privacy.person, words.privacy.people),
        false => names(&people, words),
    });
    let depth = depth_named(row.depth, words);
    // Whoever agrees is told once more to what.
    let question = erased::derive(move || {
        let what = title.get();
        format!("{what} – {depth}. {}", words.privacy.agree_text)
    });
    let by = match row.planned_by {
        Some(by) => directory().name(by),
        None => Signal::stored(words.privacy.by_rule.to_owned()),
    };
    let planned = when::moment(row.planned, words);
    let give = move |what: &'static str, done: &'static str| {
        spawn_local(async move {
            let path = format!("/api/privacy/erasures/{batch}/{what}");
            match ask.command(&path, &serde_json::json!({})).await {
                Ok(_) => toasts.say(done),
                Err(trouble) => toasts.complain(&trouble, words),
            }
        });
    };
    let asking = RwSignal::new(false);
    let agree = Callback::new(move |()| give("agree", words.privacy.agreed));
    let may_agree = row.planned_by != Some(reader) && !row.people.contains(&reader);
    let actions = match row.stage {
        Stage::Planned if !me().keeps_accounts() => ().into_any(),
        Stage::Planned => view! {
            <span class="row-actions">
                <button
                    type="button"
                    class="button small"
                    on:click=move |_| give("withdraw", words.privacy.is_withdrawn)
                >
                    {words.privacy.withdraw}
                </button>
                {may_agree
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button small danger"
                                on:click=move |_| asking.set(true)
                            >
                                {words.privacy.agree}
                            </button>
                            <Question
                                open=asking
                                title=words.privacy.agree_title
                                text=question
                                yes=words.privacy.agree
                                on_yes=agree
                            />
                        }
                    })}
            </span>
        }
        .into_any(),
        Stage::Completed => view! {
            <span class="row-actions">
                <a
                    class="button small"
                    href=format!("/api/privacy/erasures/{batch}/certificate.pdf")
                    download=format!("bescheinigung-{batch}.pdf")
                >
                    <Icon shape=Shape::Download />
                    <span>{words.privacy.certificate}</span>
                </a>
                <a
                    class="button small"
                    href=format!("/api/privacy/erasures/{batch}/certificate")
                    download=format!("bescheinigung-{batch}.json")
                >
                    "JSON"
                </a>
            </span>
        }
        .into_any(),
        Stage::Withdrawn | Stage::Executed => ().into_any(),
    };
    let waits = (row.stage == Stage::Planned && !may_agree && me().keeps_accounts())
        .then(|| view! { <span class="row-note">{words.privacy.second}</span> });
    view! {
        <li class="row erasure">
            <div class="row-main">
                <span class="row-text">
                    <span class="row-title">{title}</span>
                    <span class="row-note">{planned} " · " {by} " · " {row.basis} " · " {depth}</span>
                    {waits}
                </span>
            </div>
            <span class=class>{stage_text}</span>
            {actions}
        </li>
    }
}
