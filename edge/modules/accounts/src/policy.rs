//! Who may ask for what about whom: pure tables, every cell filled. Nobody can give what they may not: roles come from
//! administrators alone, and whoever could open the door to a stronger account by a code may not mint one for it.

use events::accounts::{GroupCommand, GroupKind, PersonCommand, Role};

/// What is asked about a person, as far as permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PersonVerb {
    /// Take somebody in.
    Add,
    /// Name, record, guardians.
    Describe,
    /// Give or take a role.
    Roles,
    /// Another login name.
    Login,
    /// A one-time code, which opens the account.
    Mint,
    /// Close or reopen the account.
    Close,
    /// Import or take back a roster.
    Import,
}

/// How far a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Not at all.
    Nobody,
    /// Pupils, and nothing but pupils, of a class that the asker leads.
    PupilsLed,
    /// People without a role that reaches farther: pupils, teachers, staff.
    Ordinary,
    /// Everybody.
    Everybody,
}

/// Who is meant, as far as permission goes.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    /// Their roles.
    pub(crate) roles: &'a [Role],
    /// Whether the asker leads a class that they are in.
    pub(crate) led: bool,
}

/// The rows of the tables.
#[cfg(test)]
pub(crate) const ROLES: [Role; 7] = [
    Role::Pupil,
    Role::Teacher,
    Role::Staff,
    Role::Head,
    Role::Administrator,
    Role::Auditor,
    Role::DataProtection,
];

/// The table of people.
const fn reach(role: Role, verb: PersonVerb) -> Reach {
    use PersonVerb as V;
    use Reach as R;
    match (role, verb) {
        (Role::Administrator, _) => R::Everybody,
        (Role::Head, V::Describe | V::Mint | V::Close) => R::Ordinary,
        (Role::Head, V::Add | V::Roles | V::Login | V::Import) => R::Nobody,
        (Role::Teacher | Role::Staff, V::Mint) => R::PupilsLed,
        (
            Role::Teacher | Role::Staff,
            V::Add | V::Describe | V::Roles | V::Login | V::Close | V::Import,
        ) => R::Nobody,
        (Role::Pupil | Role::Auditor | Role::DataProtection, _) => R::Nobody,
    }
}

/// Whether somebody with these roles may ask this about the target.
pub(crate) fn may(asker: &[Role], verb: PersonVerb, target: &Target<'_>) -> bool {
    let farthest = asker.iter().map(|role| reach(*role, verb)).max();
    match farthest.unwrap_or(Reach::Nobody) {
        Reach::Nobody => false,
        Reach::PupilsLed => target.led && target.roles == [Role::Pupil],
        Reach::Ordinary => {
            let ordinary = |role: &Role| matches!(role, Role::Pupil | Role::Teacher | Role::Staff);
            target.roles.iter().all(ordinary)
        }
        Reach::Everybody => true,
    }
}

/// The verb of a command that comes by the general door; none for those that have a door of their own.
pub(crate) const fn person_verb(command: &PersonCommand) -> Option<PersonVerb> {
    use PersonCommand as C;
    match command {
        C::RenamePerson { .. }
        | C::DescribePerson { .. }
        | C::NameGuardian { .. }
        | C::RemoveGuardian { .. } => Some(PersonVerb::Describe),
        C::GiveRole { .. } | C::TakeRole { .. } => Some(PersonVerb::Roles),
        C::GiveLoginName { .. } => Some(PersonVerb::Login),
        C::CloseAccount { .. } | C::ReopenAccount => Some(PersonVerb::Close),
        C::AddPerson { .. }
        | C::MintCode
        | C::ChoosePassword
        | C::SignIn { .. }
        | C::EndSession { .. } => None,
    }
}

/// Over which groups a role may dispose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Disposal {
    /// None.
    None,
    /// Courses and clubs that the asker leads. Not classes: who is in a class decides who may mint whose code.
    LedButNoClass,
    /// All.
    All,
}

/// The table of groups; it is the same for every command.
const fn disposal(role: Role) -> Disposal {
    match role {
        Role::Pupil | Role::Auditor | Role::DataProtection => Disposal::None,
        Role::Teacher | Role::Staff => Disposal::LedButNoClass,
        Role::Head | Role::Administrator => Disposal::All,
    }
}

/// How far somebody with these roles may dispose over groups.
pub(crate) fn farthest_disposal(asker: &[Role]) -> Disposal {
    let farthest = asker.iter().map(|role| disposal(*role)).max();
    farthest.unwrap_or(Disposal::None)
}

/// Whether somebody with these roles may send the command to a group of this kind (a founding command brings its own).
pub(crate) fn may_group(
    asker: &[Role],
    command: &GroupCommand,
    kind: GroupKind,
    leads: bool,
) -> bool {
    let founds = matches!(command, GroupCommand::AddGroup { .. });
    match farthest_disposal(asker) {
        Disposal::None => false,
        Disposal::LedButNoClass => {
            matches!(kind, GroupKind::Course | GroupKind::Club) && (leads || founds)
        }
        Disposal::All => true,
    }
}

/// Whether somebody with these roles may see which groups others belong to.
pub(crate) fn may_see_groups_of_others(asker: &[Role]) -> bool {
    asker.iter().any(|role| match role {
        Role::Teacher | Role::Staff | Role::Head | Role::Administrator => true,
        Role::Pupil | Role::Auditor | Role::DataProtection => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::accounts::{Date, MemberRole};
    use events::ids::PersonId;

    #[test]
    fn the_table_of_people_is_this_one() {
        use PersonVerb as V;
        use Reach::{Everybody as E, Nobody as N, Ordinary as O, PupilsLed as L};
        let verbs = [
            V::Add,
            V::Describe,
            V::Roles,
            V::Login,
            V::Mint,
            V::Close,
            V::Import,
        ];
        let table = [
            (Role::Pupil, [N, N, N, N, N, N, N]),
            (Role::Teacher, [N, N, N, N, L, N, N]),
            (Role::Staff, [N, N, N, N, L, N, N]),
            (Role::Head, [N, O, N, N, O, O, N]),
            (Role::Administrator, [E, E, E, E, E, E, E]),
            (Role::Auditor, [N, N, N, N, N, N, N]),
            (Role::DataProtection, [N, N, N, N, N, N, N]),
        ];
        assert_eq!(table.map(|(role, _)| role), ROLES);
        for (role, row) in table {
            for (verb, cell) in verbs.into_iter().zip(row) {
                assert_eq!(reach(role, verb), cell, "{role:?} {verb:?}");
            }
        }
    }

    #[test]
    fn the_table_of_groups_is_this_one() {
        use Disposal as D;
        let table = [
            D::None,
            D::LedButNoClass,
            D::LedButNoClass,
            D::All,
            D::All,
            D::None,
            D::None,
        ];
        assert_eq!(ROLES.map(disposal), table);
    }

    #[test]
    fn a_class_teacher_mints_for_the_pupils_of_the_class_only() {
        let may =
            |led, roles: &[Role]| may(&[Role::Teacher], PersonVerb::Mint, &Target { roles, led });
        assert!(may(true, &[Role::Pupil]));
        assert!(!may(false, &[Role::Pupil]));
        assert!(!may(true, &[Role::Teacher]));
        assert!(!may(true, &[Role::Pupil, Role::Administrator]));
    }

    #[test]
    fn a_head_cannot_open_the_account_of_an_administrator() {
        for verb in [PersonVerb::Mint, PersonVerb::Close] {
            for (role, allowed) in [
                (Role::Pupil, true),
                (Role::Teacher, true),
                (Role::Staff, true),
                (Role::Head, false),
                (Role::Administrator, false),
                (Role::Auditor, false),
                (Role::DataProtection, false),
            ] {
                let target = Target {
                    roles: &[role],
                    led: true,
                };
                assert_eq!(
                    may(&[Role::Head], verb, &target),
                    allowed,
                    "{verb:?} {role:?}"
                );
            }
        }
    }

    #[test]
    fn nobody_joins_pupils_to_a_class_they_lead_to_mint_their_codes() {
        let person = PersonId(uuid::Uuid::nil());
        let from: Date = "2026-08-01".parse().expect("a date");
        let join = GroupCommand::AddMember {
            person,
            role: MemberRole::Member,
            from,
        };
        assert!(!may_group(&[Role::Teacher], &join, GroupKind::Class, true));
        assert!(may_group(&[Role::Teacher], &join, GroupKind::Course, true));
        assert!(!may_group(
            &[Role::Teacher],
            &join,
            GroupKind::Course,
            false
        ));
        assert!(may_group(&[Role::Head], &join, GroupKind::Class, false));
        assert!(!may_group(
            &[Role::Pupil, Role::Auditor],
            &join,
            GroupKind::Club,
            true
        ));
    }
}
