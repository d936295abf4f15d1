//! Who may talk to whom, and who may remove what was said: tables, pure and complete.

use events::Audience;
use events::access::{Access, NOW};
use events::accounts::Role;
use events::ids::PersonId;

/// What a person is to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They belong to its group and lead it, teach, or lead the school.
    Leader,
    /// They belong to its group.
    Member,
    /// One of two.
    Partner,
    /// Nothing.
    Outsider,
}

/// Whose messages a person may remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Their own.
    Own,
    /// Everybody's.
    Everything,
}

/// What a person may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// See what is said.
    pub read: bool,
    /// Say something.
    pub send: bool,
    /// Remove messages.
    pub remove: Option<Reach>,
}

/// The table of rooms. `is_running` is false when the group is over, or the other person's account is closed: then nothing
/// more is said, but what was said can still be removed. Between two people nobody removes the other's words: a teacher
/// must not be able to make a complaint vanish.
#[must_use]
pub fn rights(standing: Standing, is_running: bool) -> Rights {
    let (read, send, remove) = match standing {
        Standing::Leader => (true, is_running, Some(Reach::Everything)),
        Standing::Member | Standing::Partner => (true, is_running, Some(Reach::Own)),
        Standing::Outsider => (false, false, None),
    };
    Rights { read, send, remove }
}

/// What counts when one person wants to begin a conversation with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acquaintance {
    /// Both accounts are open.
    pub both_open: bool,
    /// They are the same person.
    pub same: bool,
    /// One of them at least works at the school.
    pub staff: bool,
    /// Both belong to a group that is not over.
    pub share_group: bool,
}

/// The table of direct conversations: with staff everybody, among pupils only those who share a group.
#[must_use]
pub fn may_begin(between: Acquaintance) -> bool {
    match between {
        Acquaintance { same: true, .. }
        | Acquaintance {
            both_open: false, ..
        } => false,
        Acquaintance {
            staff, share_group, ..
        } => staff || share_group,
    }
}

/// What a person is to a room of this audience now. Whoever has no open account is nothing.
pub(crate) fn standing(access: &Access, person: PersonId, audience: Audience) -> Standing {
    if !access.is_open(person, NOW) {
        return Standing::Outsider;
    }
    match audience {
        Audience::Pair(one, other) if person == one || person == other => Standing::Partner,
        Audience::Person(owner) if owner == person => Standing::Partner,
        Audience::Group(group) if access.is_member(person, group, NOW) => {
            let has = |role| access.has_role(person, role, NOW);
            match access.leads(person, group) || has(Role::Teacher) || has(Role::Head) {
                true => Standing::Leader,
                false => Standing::Member,
            }
        }
        Audience::Person(_) | Audience::Pair(..) | Audience::Group(_) => Standing::Outsider,
    }
}

/// Whether something can still be said to this audience.
pub(crate) fn is_running(access: &Access, audience: Audience) -> bool {
    match audience {
        Audience::Group(group) => access.is_open_group(group),
        Audience::Pair(one, other) => access.is_open(one, NOW) && access.is_open(other, NOW),
        Audience::Person(person) => access.is_open(person, NOW),
    }
}

/// What two people are to one another now.
pub(crate) fn acquaintance(access: &Access, one: PersonId, other: PersonId) -> Acquaintance {
    let works_here = |person| {
        [
            Role::Teacher,
            Role::Staff,
            Role::Head,
            Role::Administrator,
            Role::Auditor,
            Role::DataProtection,
        ]
        .into_iter()
        .any(|role| access.has_role(person, role, NOW))
    };
    let shared = access
        .groups_of(one)
        .into_iter()
        .any(|group| access.is_open_group(group) && access.is_member(other, group, NOW));
    Acquaintance {
        both_open: access.is_open(one, NOW) && access.is_open(other, NOW),
        same: one == other,
        staff: works_here(one) || works_here(other),
        share_group: shared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_rooms_is_complete() {
        use Reach::{Everything, Own};
        use Standing::{Leader, Member, Outsider, Partner};
        let table = [
            // standing, running, read, send, remove
            (Leader, true, true, true, Some(Everything)),
            (Leader, false, true, false, Some(Everything)),
            (Member, true, true, true, Some(Own)),
            (Member, false, true, false, Some(Own)),
            (Partner, true, true, true, Some(Own)),
            (Partner, false, true, false, Some(Own)),
            (Outsider, true, false, false, None),
            (Outsider, false, false, false, None),
        ];
        for (standing, running, read, send, remove) in table {
            let expected = Rights { read, send, remove };
            assert_eq!(
                rights(standing, running),
                expected,
                "{standing:?}, running: {running}"
            );
        }
    }

    #[test]
    fn the_table_of_conversations_is_complete() {
        let both = [true, false];
        for both_open in both {
            for same in both {
                for staff in both {
                    for share_group in both {
                        let between = Acquaintance {
                            both_open,
                            same,
                            staff,
                            share_group,
                        };
                        let expected = matches!(
                            (both_open, same, staff, share_group),
                            (true, false, true, _) | (true, false, false, true)
                        );
                        assert_eq!(may_begin(between), expected, "{between:?}");
                    }
                }
            }
        }
    }
}
