//! One request: who asks what for, what became of it, and what the reader may do about it.

use super::terms::{about_text, purpose_text};
use crate::areas::accounts::role;
use crate::ask::Ask;
use crate::erased;
use crate::parts::{Question, button, link, note, text, text_note, toasts};
use crate::session::me;
use crate::store::directory;
use crate::when;
use crate::words::{Words, counted, fill, words};
use events::audit::About;
use events::audit::view::{InspectionRow, InspectionStage as Stage};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Whether a consent holds now.
pub(crate) fn holds(row: &InspectionRow) -> bool {
    row.stage == Stage::Agreed && row.expires.is_some_and(|expires| when::now() < expires)
}

fn stage(row: &InspectionRow, words: &Words) -> (&'static str, String) {
    let words_of = &words.inspection;
    let plain = |text: &str| ("chip plain", text.to_owned());
    match row.stage {
        Stage::Waiting => ("chip warn", words_of.waits.to_owned()),
        Stage::Agreed if holds(row) => {
            let at = row.expires.map(|at| when::moment(at, words));
            let text = fill(words_of.open_until, &[("at", &at.unwrap_or_default())]);
            ("chip ok", text)
        }
        Stage::Agreed => plain(words_of.expired),
        Stage::Refused => plain(words_of.refused),
        Stage::Ended if row.decided.is_none() => plain(words_of.withdrawn),
        Stage::Ended => plain(words_of.ended),
    }
}

fn span(row: &InspectionRow, words: &Words) -> Option<String> {
    let [from, until] = [row.from, row.until].map(|at| at.map(|at| when::day_of(at, words)));
    let values = [
        ("from", from.as_deref().unwrap_or_default()),
        ("until", until.as_deref().unwrap_or_default()),
    ];
    let text = match (&from, &until) {
        (None, None) => return None,
        (Some(_), Some(_)) => words.inspection.span_both,
        (Some(_), None) => words.inspection.span_since,
        (None, Some(_)) => words.inspection.span_to,
    };
    Some(fill(text, &values))
}

/// One line of a list of requests.
pub(super) fn inspection(row: &InspectionRow) -> AnyView {
    let words = words();
    let directory = directory();
    let reader = me();
    let (class, stage_text) = stage(row, words);
    let about = row.about;
    let title = text(move || about_text(about, directory, words));
    let (by, as_role) = (directory.name(row.by), role(row.role, words));
    let asked = when::moment(row.requested, words);
    let line = text_note(move || {
        let values = [("name", &*by.get()), ("role", as_role), ("at", &*asked)];
        fill(words.inspection.line, &values)
    });
    let reason = row
        .reason
        .get()
        .map_or(words.common.forgotten, String::as_str);
    let purpose = format!("{}: {reason}", purpose_text(row.purpose, words));
    let is_own = row.by == reader.person;
    let concerned = row.about.concerned().contains(&reader.person);
    let may_decide = !is_own && !concerned && reader.oversees();
    let mut notes = vec![line, note(purpose.into_any())];
    notes.extend(span(row, words).map(|span| note(span.into_any())));
    notes.extend(decided(row));
    view! {
        <li class="row erasure">
            <div class="row-main">
                <span class="row-text">
                    <span class="row-title">{title}</span>
                    {notes}
                </span>
            </div>
            <span class=class>{stage_text}</span>
            <span class="row-actions">{deeds(row, is_own, may_decide)}</span>
        </li>
    }
    .into_any()
}

fn decided(row: &InspectionRow) -> Option<AnyView> {
    let words = words();
    let said = match row.stage {
        Stage::Refused => words.inspection.refused_by,
        _ => words.inspection.agreed_by,
    };
    let name = directory().name(row.decided_by?);
    let (one, many) = (words.inspection.read_one, words.inspection.read_many);
    let pages = match row.readings {
        0 => String::new(),
        pages => format!(" · {}", counted(pages as usize, one, many)),
    };
    Some(text_note(move || {
        fill(said, &[("name", &name.get())]) + &pages
    }))
}

/// What the reader may do about it.
fn deeds(row: &InspectionRow, is_own: bool, may_decide: bool) -> Vec<AnyView> {
    let words = words();
    let (ask, toasts) = (expect_context::<Ask>(), toasts());
    let inspection = row.inspection;
    let give = move |what: &'static str, done: &'static str| {
        Callback::new(move |()| {
            spawn_local(async move {
                let path = format!("/api/audit/inspections/{inspection}/{what}");
                match ask.command(&path, &serde_json::json!({})).await {
                    Ok(_) => toasts.say(done),
                    Err(trouble) => toasts.complain(&trouble, words),
                }
            });
        })
    };
    let words_of = &words.inspection;
    let end = give("end", words_of.is_ended);
    match row.stage {
        Stage::Waiting if is_own => vec![button("button small", words_of.withdraw, end)],
        Stage::Waiting if may_decide => {
            let refuse = give("refuse", words_of.is_refused);
            vec![
                button("button small", words_of.refuse, refuse),
                agree(row, give("agree", words_of.is_agreed)),
            ]
        }
        Stage::Agreed if holds(row) => {
            let mut deeds = vec![button("button small", words_of.end, end)];
            if is_own {
                let view = match row.about {
                    About::Person(_) | About::Room { .. } => "messages",
                    About::Space { .. } => "files",
                };
                let href = format!("/app/audit/replay?inspection={inspection}&view={view}");
                deeds.push(link("button small accent", href, words_of.read));
            }
            deeds
        }
        Stage::Waiting | Stage::Agreed | Stage::Refused | Stage::Ended => Vec::new(),
    }
}

/// The button to agree, and what is asked before.
fn agree(row: &InspectionRow, on_yes: Callback<()>) -> AnyView {
    let words = words();
    let directory = directory();
    let asking = RwSignal::new(false);
    let (name, about) = (directory.name(row.by), row.about);
    let said = erased::derive(move || {
        let values = [name.get(), about_text(about, directory, words)];
        let values = [("name", &*values[0]), ("about", &*values[1])];
        fill(words.inspection.agree_text, &values)
    });
    let press = Callback::new(move |()| asking.set(true));
    view! {
        {button("button small accent", words.inspection.agree, press)}
        <Question
            open=asking
            title=words.inspection.agree_title
            text=said
            yes=words.inspection.agree
            on_yes
            class="button accent"
        />
    }
    .into_any()
}
