//! A person's access, for those who look after it: administrators and heads, and class teachers for their classes.

use super::orders::Orders;
use super::person::Belonging;
use super::rights::{may_keep, may_mint};
use crate::ask::Ask;
use crate::erased;
use crate::parts::{CopyField, Dialog, Icon, Question, Shape, Show, toasts};
use crate::session::me;
use crate::store::directory;
use crate::words::{fill, words};
use events::accounts::PersonCommand;
use events::ids::PersonId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

/// A one-time code, as it is shown once.
#[derive(Clone, Deserialize)]
struct Code {
    login: String,
    code: String,
}

/// The section about a person's access; nothing for whoever does not look after it. What may be done is the machine's
/// decision; this only leaves out what it would refuse.
#[component]
pub(super) fn Access(person: PersonId, groups: RwSignal<Option<Vec<Belonging>>>) -> impl IntoView {
    let words = words();
    let is_self = person == me().person;
    let (may_keep, may_mint) = (may_keep(person), may_mint(person, groups));
    let may = move || !is_self && may_mint.get();
    view! {
        <Show when=may>
            <section class="section" aria-labelledby="access-title">
                <h2 id="access-title">{words.accounts.access}</h2>
                <p class="quiet">{words.accounts.access_text}</p>
                <div class="buttons">
                    <NewCode person />
                    <Show when=move || may_keep.get()>
                        <OpenOrClosed person />
                    </Show>
                </div>
            </section>
        </Show>
    }
}

#[component]
fn NewCode(person: PersonId) -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let toasts = toasts();
    let name = directory().name(person);
    let code = RwSignal::new(None::<Code>);
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        // Closed means gone: the code is nowhere but on this screen.
        if !open.get() {
            code.set(None);
        }
    });
    let mint = move |_| {
        busy.set(true);
        spawn_local(async move {
            let path = format!("/api/accounts/people/{person}/code");
            let minted = ask.order::<Code>(&path, &serde_json::json!({})).await;
            busy.try_set(false);
            match minted {
                Ok(minted) => {
                    code.try_set(Some(minted));
                    open.try_set(true);
                }
                Err(trouble) => toasts.complain(&trouble, words),
            }
        });
    };
    let title = erased::derive(move || fill(words.accounts.code_title, &[("name", &name.get())]));
    view! {
        <button
            type="button"
            class="button accent"
            aria-busy=move || busy.get().to_string()
            disabled=move || busy.get()
            on:click=mint
        >
            <Icon shape=Shape::Key />
            <span>{words.accounts.new_code}</span>
        </button>
        <Dialog open title>
            {move || code.get().map(|code| view! { <CodeSheet code /> })}
        </Dialog>
    }
}

#[component]
fn CodeSheet(code: Code) -> impl IntoView {
    let words = words();
    let print = move |_| drop(window().print());
    view! {
        <p>{words.accounts.code_text}</p>
        <CopyField label=words.accounts.code_login value=code.login />
        <CopyField label=words.accounts.code value=code.code />
        <div class="dialog-foot">
            <button type="button" class="button" on:click=print>
                <Icon shape=Shape::Print />
                <span>{words.accounts.print}</span>
            </button>
        </div>
    }
}

#[component]
fn OpenOrClosed(person: PersonId) -> impl IntoView {
    let words = words();
    let orders = Orders::to_person(person);
    let directory = directory();
    let name = directory.name(person);
    let row = directory.people.find(person.to_string());
    let is_open = erased::memo(move || row.with(|found| found.row().is_none_or(|row| row.open)));
    let asking = RwSignal::new(false);
    let close = Callback::new(move |()| {
        if let Some(on) = orders.today() {
            orders.say(
                PersonCommand::CloseAccount { on },
                words.accounts.was_closed,
            );
        }
    });
    let reopen = move |_| orders.say(PersonCommand::ReopenAccount, words.accounts.was_reopened);
    let title = erased::derive(move || fill(words.accounts.close_title, &[("name", &name.get())]));
    let text = erased::derive(move || fill(words.accounts.close_text, &[("name", &name.get())]));
    view! {
        <Show
            when=move || is_open.get()
            fallback=move || {
                view! {
                    <button type="button" class="button" on:click=reopen>
                        {words.accounts.reopen_account}
                    </button>
                }
            }
        >
            <button type="button" class="button" on:click=move |_| asking.set(true)>
                {words.accounts.close_account}
            </button>
        </Show>
        <Question open=asking title text yes=words.accounts.close_account on_yes=close />
    }
}
