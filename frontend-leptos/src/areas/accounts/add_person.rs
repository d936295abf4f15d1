//! Taking in a single person, beside the import of whole lists.

use super::terms::all_roles;
use crate::ask::{Ask, Trouble};
use crate::erased;
use crate::parts::{Dialog, DialogForm, Field, Icon, Shape, Ticks, toasts};
use crate::session::me;
use crate::words::{fill, words};
use events::accounts::{PersonName, Role};
use events::ids::PersonId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct AddPerson {
    name: PersonName,
    roles: Vec<Role>,
    login: Option<String>,
}

#[derive(Deserialize)]
struct Added {
    person: PersonId,
    login: String,
}

/// The button and its dialog; nothing for whoever may not add people.
#[component]
pub(super) fn AddPersonButton() -> impl IntoView {
    let words = words();
    let open = RwSignal::new(false);
    me().is(Role::Administrator).then(|| {
        view! {
            <button type="button" class="button" on:click=move |_| open.set(true)>
                <Icon shape=Shape::Plus />
                <span>{words.keeping.add_person}</span>
            </button>
            <Dialog open title=words.keeping.add_person>
                <PersonForm open />
            </Dialog>
        }
    })
}

#[component]
fn PersonForm(open: RwSignal<bool>) -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let toasts = toasts();
    let navigate = use_navigate();
    let [given, family, login] = std::array::from_fn(|_| RwSignal::new(String::new()));
    let roles = RwSignal::new(vec![Role::Pupil]);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let complaint = erased::derive(move || trouble.get().map(|trouble| trouble.text(words)));
    let filled = |text: RwSignal<String>| text.with(|text| !text.trim().is_empty());
    let ready = erased::derive(move || {
        filled(given) && filled(family) && roles.with(|roles| !roles.is_empty())
    });
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        let trimmed = |text: RwSignal<String>| text.with_untracked(|text| text.trim().to_owned());
        let name = PersonName {
            given: trimmed(given),
            family: trimmed(family),
        };
        let wanted = AddPerson {
            name: name.clone(),
            roles: roles.get_untracked(),
            login: Some(trimmed(login)).filter(|login| !login.is_empty()),
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            let added = ask.order::<Added>("/api/accounts/people", &wanted).await;
            busy.try_set(false);
            match added {
                Ok(added) => {
                    let name = name.to_string();
                    let values = [("name", name.as_str()), ("login", &added.login)];
                    toasts.say(fill(words.keeping.person_added, &values));
                    open.set(false);
                    navigate(
                        &format!("/app/people/{}", added.person),
                        NavigateOptions::default(),
                    );
                }
                Err(reason) => drop(trouble.try_set(Some(reason))),
            }
        });
    });
    view! {
        <DialogForm open yes=words.keeping.add ready busy on_submit>
            <Field id="person-given" label=words.keeping.given value=given autofocus=true />
            <Field id="person-family" label=words.keeping.family value=family />
            <Ticks label=words.keeping.roles ticked=roles options=all_roles(words) />
            <Field
                id="person-login"
                label=words.keeping.login
                value=login
                hint=words.keeping.login_hint
                complaint
            />
        </DialogForm>
    }
}
