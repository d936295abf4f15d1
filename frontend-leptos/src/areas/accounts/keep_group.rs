//! Changing a group: its name, whether it goes on, who belongs to it and who leads it.

use super::choice::PersonChoice;
use super::orders::Orders;
use super::rename::{RenameDialog, Renaming};
use crate::erased;
use crate::parts::{Dialog, Field, Icon, Menu, MenuItem, Question, Shape, toasts};
use crate::session::me;
use crate::store::{Window, directory};
use crate::when;
use crate::words::{fill, words};
use events::accounts::view::{MemberRow, Members, PersonRow};
use events::accounts::{Date, GroupCommand, GroupKind, MemberRole, Role};
use events::ids::GroupId;
use leptos::prelude::*;

/// Whether the reader may change a group. The machine decides; this only leaves out what it would refuse.
pub(super) fn may_keep(group: GroupId, members: Window<Members>) -> Memo<bool> {
    let me = me();
    let keeps_all = me.keeps_accounts();
    let may_lead = me.is(Role::Teacher) || me.is(Role::Staff);
    let row = directory().groups.find(group.to_string());
    erased::memo(move || {
        let own_kind = row.with(|found| {
            found
                .row()
                .is_some_and(|row| matches!(row.kind, GroupKind::Course | GroupKind::Club))
        });
        let leads = || {
            members.keys.with(|keys| {
                let mut rows = keys.iter().filter_map(|key| members.row(key));
                rows.any(|row| {
                    row.with(|row| row.person == me.person && row.role == MemberRole::Leader)
                })
            })
        };
        keeps_all || (may_lead && own_kind && leads())
    })
}

/// The actions upon the group as a whole.
#[component]
pub(super) fn GroupActions(group: GroupId, members: Window<Members>) -> impl IntoView {
    let words = words();
    let toasts = toasts();
    let orders = Orders::to_group(group);
    let name = directory().group(group);
    let row = directory().groups.find(group.to_string());
    let is_open = move || row.with(|found| found.row().is_none_or(|row| row.open));
    let [adding, renaming, closing] = std::array::from_fn(|_| RwSignal::new(false));
    let rename = Callback::new(move |name| -> Renaming {
        Box::pin(async move {
            orders.give(&GroupCommand::RenameGroup { name }).await?;
            toasts.say(words.keeping.group_renamed);
            Ok(())
        })
    });
    let close = Callback::new(move |()| {
        orders.say_undoable(
            GroupCommand::CloseGroup,
            words.keeping.group_closed,
            GroupCommand::ReopenGroup,
        );
    });
    let reopen = Callback::new(move |()| {
        orders.say(GroupCommand::ReopenGroup, words.keeping.group_reopened);
    });
    let title =
        erased::derive(move || fill(words.keeping.close_group_title, &[("name", &name.get())]));
    let is_open = erased::memo(is_open);
    let end = move || {
        if is_open.get() {
            let ask = Callback::new(move |()| closing.set(true));
            view! { <MenuItem shape=Shape::Lock label=words.keeping.close_group on_choose=ask /> }
        } else {
            view! {
                <MenuItem shape=Shape::Restore label=words.keeping.reopen_group on_choose=reopen />
            }
        }
    };
    view! {
        <button type="button" class="button" on:click=move |_| adding.set(true)>
            <Icon shape=Shape::Plus />
            <span>{words.keeping.add_member}</span>
        </button>
        <Menu
            label=words.keeping.edit_group
            class="button only-icon"
            face=move || view! { <Icon shape=Shape::Dots /> }
        >
            <MenuItem
                shape=Shape::Pencil
                label=words.keeping.rename_group
                on_choose=Callback::new(move |()| renaming.set(true))
            />
            {end}
        </Menu>
        <Dialog open=adding title=words.keeping.add_member>
            <AddMember orders members adding />
        </Dialog>
        <RenameDialog
            id="group-new-name"
            open=renaming
            title=words.keeping.rename_group
            label=words.keeping.group_name
            present=name
            rename
        />
        <Question
            open=closing
            title
            text=words.keeping.close_group_text
            yes=words.keeping.close_group
            on_yes=close
        />
    }
}

/// Asks who joins, and from which day on.
#[component]
fn AddMember(orders: Orders, members: Window<Members>, adding: RwSignal<bool>) -> impl IntoView {
    let words = words();
    let from = RwSignal::new(when::today());
    let except = erased::derive(move || {
        members.keys.with(|keys| {
            let rows = keys.iter().filter_map(|key| members.row(key));
            rows.map(|row| row.with(|row| row.person)).collect()
        })
    });
    let choose = Callback::new(move |row: PersonRow| {
        let Ok(from) = from.with_untracked(|from| from.parse::<Date>()) else {
            return;
        };
        adding.set(false);
        let person = row.person;
        let name = row.name.get().map(ToString::to_string).unwrap_or_default();
        let join = GroupCommand::AddMember {
            person,
            role: MemberRole::Member,
            from: from.clone(),
        };
        orders.say_undoable(
            join,
            fill(words.keeping.member_added, &[("name", &name)]),
            GroupCommand::RemoveMember {
                person,
                until: from,
            },
        );
    });
    view! {
        <Field id="member-from" kind="date" label=words.keeping.from value=from />
        <PersonChoice except choose />
    }
}

/// The menu of one member.
#[component]
pub(super) fn MemberMenu(group: GroupId, row: MemberRow) -> impl IntoView {
    let words = words();
    let orders = Orders::to_group(group);
    let (person, role) = (row.person, row.role);
    // Another role begins no membership anew: the first day stays, also when a removal is taken back.
    let from = StoredValue::new(row.from);
    let name = directory().name(person);
    let place = move |role| {
        from.try_get_value()
            .map(|from| GroupCommand::AddMember { person, role, from })
    };
    let (shape, label, other) = match role {
        MemberRole::Member => (Shape::Key, words.keeping.make_leader, MemberRole::Leader),
        MemberRole::Leader => (Shape::People, words.keeping.make_member, MemberRole::Member),
    };
    let change = Callback::new(move |()| {
        if let (Some(change), Some(back)) = (place(other), place(role)) {
            orders.say_undoable(change, words.keeping.member_changed, back);
        }
    });
    let remove = Callback::new(move |()| {
        if let (Some(until), Some(back)) = (orders.today(), place(role)) {
            let done = fill(
                words.keeping.member_removed,
                &[("name", &name.get_untracked())],
            );
            orders.say_undoable(GroupCommand::RemoveMember { person, until }, done, back);
        }
    });
    let about = erased::derive(move || format!("{}: {}", words.common.actions, name.get()));
    view! {
        <Menu label=about face=move || view! { <Icon shape=Shape::Dots /> }>
            <MenuItem shape label on_choose=change />
            <MenuItem
                shape=Shape::Trash
                label=words.keeping.remove_member
                on_choose=remove
                danger=true
            />
        </Menu>
    }
}
