//! Who may read, add and change in a space: a table over what somebody is there, pure and complete.

use events::Audience;
use events::access::{Access, NOW};
use events::accounts::Role;
use events::ids::PersonId;

/// What a person is to a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is theirs alone.
    Owner,
    /// They belong to its group and lead it, or teach.
    Leader,
    /// They belong to its group.
    Member,
    /// Nothing.
    Outsider,
}

/// Whose files and folders a person may rename, move, delete and bring back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those they added.
    Own,
    /// All of them.
    Everything,
}

/// What a person may do in a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// See and download.
    pub read: bool,
    /// Upload, and add folders.
    pub add: bool,
    /// Change what is there.
    pub change: Option<Reach>,
}

/// The table. `is_running` is false for the space of a group that is over: it can be read, and stays as it is.
#[must_use]
pub fn rights(standing: Standing, is_running: bool) -> Rights {
    let (read, add, change) = match (standing, is_running) {
        (Standing::Owner, _) => (true, true, Some(Reach::Everything)),
        (Standing::Leader, true) => (true, true, Some(Reach::Everything)),
        (Standing::Member, true) => (true, true, Some(Reach::Own)),
        (Standing::Leader | Standing::Member, false) => (true, false, None),
        (Standing::Outsider, _) => (false, false, None),
    };
    Rights { read, add, change }
}

/// What a person is to a space of this audience now. Whoever has no open account is nothing.
pub(crate) fn standing(access: &Access, person: PersonId, audience: Audience) -> Standing {
    if !access.is_open(person, NOW) {
        return Standing::Outsider;
    }
    match audience {
        Audience::Person(owner) if owner == person => Standing::Owner,
        Audience::Pair(one, other) if person == one || person == other => Standing::Member,
        Audience::Group(group) if access.is_member(person, group, NOW) => {
            match access.leads(person, group) || access.has_role(person, Role::Teacher, NOW) {
                true => Standing::Leader,
                false => Standing::Member,
            }
        }
        Audience::Person(_) | Audience::Pair(..) | Audience::Group(_) => Standing::Outsider,
    }
}

/// Whether things still happen where this audience meets.
pub(crate) fn is_running(access: &Access, audience: Audience) -> bool {
    match audience {
        Audience::Group(group) => access.is_open_group(group),
        Audience::Person(_) | Audience::Pair(..) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_complete() {
        use Reach::{Everything, Own};
        use Standing::{Leader, Member, Outsider, Owner};
        let table = [
            // standing, running, read, add, change
            (Owner, true, true, true, Some(Everything)),
            (Owner, false, true, true, Some(Everything)),
            (Leader, true, true, true, Some(Everything)),
            (Leader, false, true, false, None),
            (Member, true, true, true, Some(Own)),
            (Member, false, true, false, None),
            (Outsider, true, false, false, None),
            (Outsider, false, false, false, None),
        ];
        for (standing, running, read, add, change) in table {
            let expected = Rights { read, add, change };
            assert_eq!(
                rights(standing, running),
                expected,
                "{standing:?}, running: {running}"
            );
        }
    }
}
