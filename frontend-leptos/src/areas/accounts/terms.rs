//! Roles and kinds of groups in words.

use crate::parts::Options;
use crate::words::Words;
use events::accounts::{GroupKind, Role};
use leptos::prelude::*;

/// A role in words.
pub(crate) fn role(role: Role, words: &Words) -> &'static str {
    match role {
        Role::Pupil => words.accounts.pupil,
        Role::Teacher => words.accounts.teacher,
        Role::Staff => words.accounts.staff,
        Role::Head => words.accounts.head,
        Role::Administrator => words.accounts.administrator,
        Role::Auditor => words.accounts.auditor,
        Role::DataProtection => words.accounts.data_protection,
    }
}

/// A role or a task in a group by its name in the log, in words.
pub(crate) fn role_named(name: &str, words: &Words) -> Option<&'static str> {
    Some(match name {
        "pupil" => words.accounts.pupil,
        "teacher" => words.accounts.teacher,
        "staff" => words.accounts.staff,
        "head" => words.accounts.head,
        "administrator" => words.accounts.administrator,
        "auditor" => words.accounts.auditor,
        "data_protection" => words.accounts.data_protection,
        "leader" => words.accounts.leader,
        "member" => words.accounts.member,
        _ => return None,
    })
}

/// A kind of group by its name in the log, in words.
pub(crate) fn group_kind(name: &str, words: &Words) -> Option<&'static str> {
    Some(match name {
        "class" => words.accounts.class,
        "course" => words.accounts.course,
        "club" => words.accounts.club,
        "staff" => words.accounts.staff_group,
        _ => return None,
    })
}

/// All roles with their words, for choosing among them.
pub(super) fn all_roles(words: &Words) -> Options<Role> {
    [
        Role::Pupil,
        Role::Teacher,
        Role::Staff,
        Role::Head,
        Role::Administrator,
        Role::Auditor,
        Role::DataProtection,
    ]
    .map(|held| (held, role(held, words)))
    .into()
}

/// Several roles in words.
pub(super) fn roles_text(roles: &[Role], words: &Words) -> String {
    let named: Vec<&str> = roles.iter().map(|held| role(*held, words)).collect();
    named.join(", ")
}

/// A kind of group in words.
pub(super) fn kind(kind: GroupKind, words: &Words) -> &'static str {
    match kind {
        GroupKind::Class => words.accounts.class,
        GroupKind::Course => words.accounts.course,
        GroupKind::Club => words.accounts.club,
        GroupKind::Staff => words.accounts.staff_group,
    }
}

/// A school year as it is written: `2026/27`.
pub(super) fn school_year(year: u16) -> String {
    format!("{year}/{:02}", (year + 1) % 100)
}

/// The roles of a person, each as a chip.
#[component]
pub(super) fn Roles(roles: Vec<Role>) -> impl IntoView {
    let words = crate::words::words();
    let chip = move |held: Role| view! { <li class="chip">{role(held, words)}</li> };
    view! { <ul class="chips">{roles.into_iter().map(chip).collect_view()}</ul> }
}
