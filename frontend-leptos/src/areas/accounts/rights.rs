//! What the reader may do about a person: the table of the accounts' policy, so that nothing is offered that the machine
//! refuses. The machine decides.

use super::person::{Belonging, belongings};
use crate::erased;
use crate::session::{Me, me};
use crate::store::{Directory, directory};
use events::accounts::{GroupKind, MemberRole, Role};
use events::ids::{GroupId, PersonId};
use leptos::prelude::*;

/// Whether the reader may change a person's name, and open and close their account: administrators everybody's, heads
/// those of people without a role that reaches as far as theirs.
pub(super) fn may_keep(person: PersonId) -> Memo<bool> {
    let me = me();
    let (everybody, ordinary) = (me.is(Role::Administrator), me.is(Role::Head));
    let directory = directory();
    erased::memo(move || everybody || (ordinary && is_ordinary(directory, person)))
}

/// Whether the reader may make a one-time code: beside those who keep accounts, whoever leads a class for the pupils in
/// it.
pub(super) fn may_mint(person: PersonId, groups: RwSignal<Option<Vec<Belonging>>>) -> Memo<bool> {
    let me = me();
    let may_keep = may_keep(person);
    let directory = directory();
    let may_lead = me.is(Role::Teacher) || me.is(Role::Staff);
    let own = may_lead.then(|| belongings(me.person));
    let leads = move |belonging: &Belonging| {
        let own = own.and_then(|own| own.get()).unwrap_or_default();
        let same = own.iter().find(|own| own.group == belonging.group);
        same.is_some_and(|own| own.role == MemberRole::Leader)
            && is_running_class(directory, belonging.group)
    };
    erased::memo(move || {
        let led = || groups.get().unwrap_or_default().iter().any(leads);
        may_keep.get() || (has_only(directory, person, Role::Pupil) && led())
    })
}

/// Whether the reader may begin a conversation: with staff everybody, among pupils those who share a group.
pub(super) fn may_talk(person: PersonId) -> Memo<bool> {
    let me = me();
    let directory = directory();
    let works_here = works_here(&me);
    let own = (!works_here).then(|| belongings(me.person));
    let me = me.person;
    erased::memo(move || {
        let is_staff = || !has_only(directory, person, Role::Pupil);
        let shares_group = || {
            let own = own.and_then(|own| own.get()).unwrap_or_default();
            own.iter().any(|own| {
                directory.is_running(own.group) && directory.member(own.group, person).is_some()
            })
        };
        person != me && directory.is_open(person) && (works_here || is_staff() || shares_group())
    })
}

fn works_here(me: &Me) -> bool {
    me.roles.iter().any(|role| *role != Role::Pupil)
}

fn roles(directory: Directory, person: PersonId) -> Option<Vec<Role>> {
    let row = directory.people.find(person.to_string());
    row.with(|found| found.row().map(|row| row.roles.clone()))
}

fn is_ordinary(directory: Directory, person: PersonId) -> bool {
    let ordinary = |role: &Role| matches!(role, Role::Pupil | Role::Teacher | Role::Staff);
    roles(directory, person).is_some_and(|roles| roles.iter().all(ordinary))
}

fn has_only(directory: Directory, person: PersonId, role: Role) -> bool {
    roles(directory, person).is_some_and(|roles| roles == [role])
}

fn is_running_class(directory: Directory, group: GroupId) -> bool {
    let row = directory.groups.find(group.to_string());
    row.with(|found| {
        found
            .row()
            .is_some_and(|row| row.open && row.kind == GroupKind::Class)
    })
}
