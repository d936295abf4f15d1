//! Changing what is known about a person: their name, their roles, their login name.

use super::orders::Orders;
use super::rename::{RenameDialog, Renaming};
use super::rights::may_keep;
use super::terms::all_roles;
use crate::areas::privacy::ForgetDialog;
use crate::ask::Trouble;
use crate::erased;
use crate::parts::{Dialog, DialogForm, Field, Icon, Menu, MenuItem, Shape, Show, Ticks, toasts};
use crate::session::me;
use crate::store::directory;
use crate::words::words;
use events::accounts::{PersonCommand, PersonName, Role};
use events::ids::PersonId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The menu of changes; nothing for whoever may change nothing here.
#[component]
pub(super) fn PersonActions(person: PersonId) -> impl IntoView {
    let words = words();
    let toasts = toasts();
    let orders = Orders::to_person(person);
    let [naming, giving_roles, giving_login, forgetting] =
        std::array::from_fn(|_| RwSignal::new(false));
    let give_login = Callback::new(move |login| -> Renaming {
        Box::pin(async move {
            orders.give(&PersonCommand::GiveLoginName { login }).await?;
            toasts.say(words.keeping.login_changed);
            Ok(())
        })
    });
    let is_administrator = me().is(Role::Administrator);
    let more = is_administrator.then(|| {
        let roles = Callback::new(move |()| giving_roles.set(true));
        let login = Callback::new(move |()| giving_login.set(true));
        (roles, login)
    });
    let items = move || {
        more.map(|(roles, login)| {
            view! {
                <MenuItem shape=Shape::People label=words.keeping.change_roles on_choose=roles />
                <MenuItem shape=Shape::Key label=words.keeping.change_login on_choose=login />
            }
        })
    };
    let keeps_accounts = me().keeps_accounts();
    let erase = move || {
        let on_choose = Callback::new(move |()| forgetting.set(true));
        keeps_accounts.then(|| {
            view! { <MenuItem shape=Shape::Trash label=words.privacy.forget on_choose /> }
        })
    };
    let may_keep = may_keep(person);
    view! {
        <Show when=move || may_keep.get()>
            <Menu
                label=words.keeping.edit_person
                class="button only-icon"
                face=move || view! { <Icon shape=Shape::Dots /> }
            >
                <MenuItem
                    shape=Shape::Pencil
                    label=words.keeping.rename_person
                    on_choose=Callback::new(move |()| naming.set(true))
                />
                {items()}
                {erase()}
            </Menu>
            <Dialog open=naming title=words.keeping.rename_person>
                <NameForm person open=naming />
            </Dialog>
            <ForgetDialog person open=forgetting />
            <Dialog open=giving_roles title=words.keeping.change_roles>
                <RolesForm person open=giving_roles />
            </Dialog>
            <RenameDialog
                id="new-login"
                open=giving_login
                title=words.keeping.change_login
                label=words.keeping.new_login
                present=String::new()
                rename=give_login
            />
        </Show>
    }
}

#[component]
fn NameForm(person: PersonId, open: RwSignal<bool>) -> impl IntoView {
    let words = words();
    let toasts = toasts();
    let orders = Orders::to_person(person);
    let present = directory().person(person).get_untracked();
    let (given, family) = present.map_or_else(Default::default, |name| (name.given, name.family));
    let (given, family) = (RwSignal::new(given), RwSignal::new(family));
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let complaint = erased::derive(move || trouble.get().map(|trouble| trouble.text(words)));
    let ready = erased::derive(move || {
        [given, family]
            .iter()
            .all(|part| part.with(|text| !text.trim().is_empty()))
    });
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        let [given, family] =
            [given, family].map(|part| part.with_untracked(|text| text.trim().to_owned()));
        let name = PersonName { given, family };
        spawn_local(async move {
            let renamed = orders.give(&PersonCommand::RenamePerson { name }).await;
            busy.try_set(false);
            match renamed {
                Ok(()) => {
                    toasts.say(words.keeping.person_renamed);
                    open.set(false);
                }
                Err(reason) => drop(trouble.try_set(Some(reason))),
            }
        });
    });
    view! {
        <DialogForm open yes=words.keeping.save ready busy on_submit>
            <Field id="new-given" label=words.keeping.given value=given autofocus=true />
            <Field id="new-family" label=words.keeping.family value=family complaint />
        </DialogForm>
    }
}

#[component]
fn RolesForm(person: PersonId, open: RwSignal<bool>) -> impl IntoView {
    let words = words();
    let toasts = toasts();
    let orders = Orders::to_person(person);
    let row = directory().people.find(person.to_string());
    let before =
        row.with_untracked(|found| found.row().map(|row| row.roles.clone()).unwrap_or_default());
    let ticked = RwSignal::new(before.clone());
    let before = StoredValue::new(before);
    let busy = RwSignal::new(false);
    let ready = erased::derive(move || ticked.with(|ticked| !ticked.is_empty()));
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        let (before, after) = (before.get_value(), ticked.get_untracked());
        spawn_local(async move {
            let changed = change_roles(orders, &before, &after).await;
            busy.try_set(false);
            match changed {
                Ok(()) => toasts.say(words.keeping.roles_changed),
                Err(trouble) => toasts.complain(&trouble, words),
            }
            open.set(false);
        });
    });
    view! {
        <DialogForm open yes=words.keeping.save ready busy on_submit>
            <Ticks label=words.keeping.roles ticked options=all_roles(words) />
        </DialogForm>
    }
}

/// Gives first and takes then, so that nobody is without a role in between.
async fn change_roles(orders: Orders, before: &[Role], after: &[Role]) -> Result<(), Trouble> {
    for role in after.iter().filter(|role| !before.contains(role)) {
        orders
            .give(&PersonCommand::GiveRole { role: *role })
            .await?;
    }
    for role in before.iter().filter(|role| !after.contains(role)) {
        orders
            .give(&PersonCommand::TakeRole { role: *role })
            .await?;
    }
    Ok(())
}
