//! Who may propose and who may agree.

use events::accounts::Role;

/// Whether a role may propose to forget people, agree to it, and see what became of it.
pub(crate) fn may_erase(role: Role) -> bool {
    match role {
        Role::Administrator | Role::Head => true,
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
    fn those_who_keep_the_accounts_erase_and_nobody_else() {
        let all = [
            Role::Pupil,
            Role::Teacher,
            Role::Staff,
            Role::Head,
            Role::Administrator,
            Role::Auditor,
        ];
        let may: Vec<Role> = all.into_iter().filter(|role| may_erase(*role)).collect();
        assert_eq!(may, [Role::Head, Role::Administrator]);
        assert_eq!(
            approving(&[Role::Administrator, Role::Head]),
            Some(Role::Head)
        );
        assert_eq!(approving(&[Role::Teacher, Role::Auditor]), None);
    }
}
