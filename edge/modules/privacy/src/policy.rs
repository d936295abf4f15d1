//! Who may propose and who may agree.

use events::accounts::Role;

/// Whether a role may propose to forget people and agree to it.
pub(crate) fn may_erase(role: Role) -> bool {
    match role {
        Role::Administrator | Role::Head => true,
        Role::Pupil | Role::Teacher | Role::Staff | Role::Auditor | Role::DataProtection => false,
    }
}

/// Whether a role may see what is proposed, what is gone with its certificate, and what falls due. Watching over it is no say in it.
pub(crate) fn may_watch(role: Role) -> bool {
    match role {
        Role::Administrator | Role::Head | Role::DataProtection => true,
        Role::Pupil | Role::Teacher | Role::Staff | Role::Auditor => false,
    }
}

/// The role in which somebody approves: the head's weighs more.
pub(crate) fn approving(roles: &[Role]) -> Option<Role> {
    [Role::Head, Role::Administrator]
        .into_iter()
        .find(|role| roles.contains(role) && may_erase(*role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_keep_the_accounts_erase_and_data_protection_watches() {
        let all = [
            Role::Pupil,
            Role::Teacher,
            Role::Staff,
            Role::Head,
            Role::Administrator,
            Role::Auditor,
            Role::DataProtection,
        ];
        let may = |allows: fn(Role) -> bool| -> Vec<Role> {
            all.into_iter().filter(|role| allows(*role)).collect()
        };
        assert_eq!(may(may_erase), [Role::Head, Role::Administrator]);
        assert_eq!(
            may(may_watch),
            [Role::Head, Role::Administrator, Role::DataProtection]
        );
        assert_eq!(
            approving(&[Role::Administrator, Role::Head]),
            Some(Role::Head)
        );
        assert_eq!(
            approving(&[Role::Teacher, Role::Auditor, Role::DataProtection]),
            None
        );
    }
}
