//! The witnesses of the log, for those who look after the school and those who audit it; and the alarm on the start page.

use crate::ask::{Ask, Trouble};
use crate::parts::CopyField;
use crate::session::me;
use crate::when;
use crate::words::{Words, fill, words};
use events::Millis;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

/// What `/api/audit/witnesses` answers.
#[derive(Clone, Deserialize)]
struct Outlook {
    need: usize,
    fresh: usize,
    alarm: bool,
    witnesses: Vec<Witness>,
    key: String,
    own_key: Option<String>,
    witnessed: Vec<Witnessed>,
}

#[derive(Clone, Deserialize)]
struct Witness {
    name: String,
    size: u64,
    at: Option<Millis>,
    fresh: bool,
    trouble: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Witnessed {
    origin: String,
    size: u64,
}

type Looked = RwSignal<Option<Result<Outlook, Trouble>>>;

/// Asks, when the reader is one who may see it.
fn look() -> Looked {
    let looked: Looked = RwSignal::new(None);
    let (ask, me) = (expect_context::<Ask>(), me());
    if me.keeps_accounts() || me.audits() {
        spawn_local(async move {
            looked.try_set(Some(ask.get("/api/audit/witnesses").await));
        });
    }
    looked
}

/// The alarm on the start page; nothing while enough witnesses sign, and for whoever does not look after it.
#[component]
pub(crate) fn WitnessAlarm() -> impl IntoView {
    let words = words();
    let looked = look();
    move || match looked.get() {
        Some(Ok(outlook)) if outlook.alarm => Some(view! {
            {standing(&outlook, words)}
            <a href="/app/settings">{words.witness.to_witnesses}</a>
        }),
        Some(Ok(_) | Err(_)) | None => None,
    }
}

/// The section among the settings; nothing for whoever does not look after it.
#[component]
pub(crate) fn WitnessSection() -> impl IntoView {
    let words = words();
    let looked = look();
    move || {
        let looked = looked.get()?;
        let content = match looked {
            Ok(outlook) => content(outlook, words).into_any(),
            Err(trouble) => view! { <p class="banner bad">{trouble.text(words)}</p> }.into_any(),
        };
        Some(view! {
            <section class="section witnesses" aria-labelledby="witnesses-title">
                <h2 id="witnesses-title">{words.witness.witnesses}</h2>
                <p class="quiet">{words.witness.lead}</p>
                {content}
            </section>
        })
    }
}

fn standing(outlook: &Outlook, words: &Words) -> impl IntoView + use<> {
    let (class, text) = if outlook.alarm {
        ("banner bad", words.witness.alarm)
    } else if outlook.need == 0 {
        ("banner warn", words.witness.none)
    } else {
        ("banner ok", words.witness.fine)
    };
    let (fresh, need) = (outlook.fresh.to_string(), outlook.need.to_string());
    let text = fill(text, &[("fresh", &fresh), ("need", &need)]);
    let role = if outlook.alarm { "alert" } else { "status" };
    view! {
        <p class=class role=role>
            {text}
        </p>
    }
}

fn content(outlook: Outlook, words: &'static Words) -> impl IntoView {
    let standing = standing(&outlook, words);
    let witnesses = outlook.witnesses.iter().map(|witness| {
        let at = witness.at.map(|at| when::moment(at, words));
        let at = at.unwrap_or_else(|| words.witness.never.to_owned());
        let state = state(witness, words);
        line(&witness.name, &at, witness.size, state, words)
    });
    let witnessed = outlook.witnessed.iter();
    let witnessed =
        witnessed.map(|log| line(&log.origin, words.witness.for_others, log.size, "", words));
    let lines = witnesses.chain(witnessed).collect_view();
    view! {
        {standing}
        <ul class="list">{lines}</ul>
        <CopyField label=words.witness.own_log value=outlook.key />
        {outlook.own_key.map(|key| view! { <CopyField label=words.witness.own_key value=key /> })}
    }
}

fn line(name: &str, at: &str, size: u64, state: &str, words: &Words) -> impl IntoView + use<> {
    let about = fill(
        words.witness.line,
        &[("at", at), ("size", &size.to_string()), ("state", state)],
    );
    view! {
        <li class="row">
            <span class="row-main">
                <span class="row-title">{name.to_owned()}</span>
                <span class="quiet">{about}</span>
            </span>
        </li>
    }
}

fn state(witness: &Witness, words: &Words) -> &'static str {
    match witness.trouble.as_deref() {
        Some("ahead") => words.witness.ahead,
        Some("disagrees") => words.witness.disagrees,
        Some("other_key") => words.witness.wrong_key,
        Some("unknown") => words.witness.unknown,
        Some(_) => words.witness.silent,
        None if witness.fresh => "",
        None => words.witness.late,
    }
}
