//! Where the reader is signed in, each with a way to end it.

use crate::ask::{Ask, Query};
use crate::parts::{Each, Icon, Rows, Shape, toasts};
use crate::session::me;
use crate::store::{Window, store};
use crate::when;
use crate::words::{fill, words};
use events::Scope;
use events::accounts::Way;
use events::accounts::view::{SessionRow, Sessions};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The list of sessions.
#[component]
pub(super) fn SessionList() -> impl IntoView {
    let words = words();
    let person = me().person;
    let window: Window<Sessions> = store().window(move || {
        Some(Query {
            scope: Some(Scope::Person(person)),
            limit: 100,
            ..Query::default()
        })
    });
    view! {
        <section class="section" aria-labelledby="sessions-title">
            <h2 id="sessions-title">{words.settings.sessions}</h2>
            <p class="quiet">{words.settings.sessions_text}</p>
            <Rows window empty=|| ()>
                <ul class="list">
                    <Each each=move || window.keys.get() key=Clone::clone let:key>
                        {window.row(&key).map(|row| view! { <Session row=row.get_untracked() /> })}
                    </Each>
                </ul>
            </Rows>
        </section>
    }
}

#[component]
fn Session(row: SessionRow) -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let toasts = toasts();
    let session = row.session;
    let is_this = session == me().session;
    let device = row.device.get().cloned();
    let device = device.unwrap_or_else(|| words.settings.unknown_device.to_owned());
    let way = match row.way {
        Way::Lan => words.settings.lan,
        Way::Relay => words.settings.relay,
    };
    let since = fill(
        words.settings.since,
        &[("time", &when::moment(row.since, words))],
    );
    let label = fill(words.settings.end_device, &[("device", &device)]);
    let end = move |_| {
        spawn_local(async move {
            let path = format!("/api/accounts/sessions/{session}/end");
            match ask.command(&path, &serde_json::json!({})).await {
                Ok(_) => toasts.say(words.settings.ended),
                Err(trouble) => toasts.complain(&trouble, words),
            }
        });
    };
    let side = if is_this {
        view! { <span class="chip ok">{words.settings.this_device}</span> }.into_any()
    } else {
        view! {
            <button type="button" class="button small" aria-label=label on:click=end>
                {words.settings.end}
            </button>
        }
        .into_any()
    };
    view! {
        <li class="row">
            <div class="row-main">
                <span class="row-sign">
                    <Icon shape=Shape::Device />
                </span>
                <span class="row-text">
                    <span class="row-title">{device}</span>
                    <span class="row-note">{since} ", " {way}</span>
                </span>
            </div>
            {side}
        </li>
    }
}
