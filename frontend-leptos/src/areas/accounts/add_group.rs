//! Founding a single group, beside those that an import makes.

use super::terms::kind;
use crate::ask::{Ask, Trouble};
use crate::erased;
use crate::parts::{Dialog, DialogForm, Field, Icon, Select, Shape, toasts};
use crate::session::me;
use crate::words::{fill, words};
use events::accounts::{GroupKind, Role};
use events::ids::GroupId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct AddGroup {
    name: String,
    kind: GroupKind,
}

#[derive(Deserialize)]
struct Added {
    group: GroupId,
}

/// The kinds that the reader may found: teachers and staff their courses and clubs, whoever keeps the accounts all.
fn kinds() -> &'static [GroupKind] {
    let me = me();
    if me.keeps_accounts() {
        &[
            GroupKind::Class,
            GroupKind::Course,
            GroupKind::Club,
            GroupKind::Staff,
        ]
    } else if me.is(Role::Teacher) || me.is(Role::Staff) {
        &[GroupKind::Course, GroupKind::Club]
    } else {
        &[]
    }
}

/// The button and its dialog; nothing for whoever may found no group.
#[component]
pub(super) fn AddGroupButton() -> impl IntoView {
    let words = words();
    let open = RwSignal::new(false);
    let first = kinds().first().copied();
    first.map(|first| {
        view! {
            <button type="button" class="button" on:click=move |_| open.set(true)>
                <Icon shape=Shape::Plus />
                <span>{words.keeping.add_group}</span>
            </button>
            <Dialog open title=words.keeping.add_group>
                <GroupForm open first />
            </Dialog>
        }
    })
}

#[component]
fn GroupForm(open: RwSignal<bool>, first: GroupKind) -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let toasts = toasts();
    let navigate = use_navigate();
    let name = RwSignal::new(String::new());
    let chosen = RwSignal::new(first);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let complaint = erased::derive(move || trouble.get().map(|trouble| trouble.text(words)));
    let ready = erased::derive(move || name.with(|name| !name.trim().is_empty()));
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        let wanted = AddGroup {
            name: name.with_untracked(|name| name.trim().to_owned()),
            kind: chosen.get_untracked(),
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            let added = ask.order::<Added>("/api/accounts/groups", &wanted).await;
            busy.try_set(false);
            match added {
                Ok(added) => {
                    toasts.say(fill(words.keeping.group_added, &[("name", &wanted.name)]));
                    open.set(false);
                    navigate(
                        &format!("/app/groups/{}", added.group),
                        NavigateOptions::default(),
                    );
                }
                Err(reason) => drop(trouble.try_set(Some(reason))),
            }
        });
    });
    let options = kinds()
        .iter()
        .map(|one| (*one, kind(*one, words)))
        .collect();
    view! {
        <DialogForm open yes=words.keeping.create ready busy on_submit>
            <Field
                id="group-name"
                label=words.keeping.group_name
                value=name
                complaint
                autofocus=true
            />
            <Select id="group-kind" label=words.keeping.kind value=chosen options />
        </DialogForm>
    }
}
