//! What the reader may do in a space: the table of the files module's policy, so that nothing is offered that the machine
//! refuses. The machine decides.

use crate::erased;
use crate::session::me;
use crate::store::directory;
use events::Audience;
use events::accounts::Role;
use events::files::view::FileRow;
use events::ids::PersonId;
use leptos::prelude::*;

/// Whose files and folders may be renamed, moved, deleted and brought back.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reach {
    Own,
    Everything,
}

/// What the reader may do in one space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rights {
    me: PersonId,
    /// Upload, and add folders.
    pub(super) add: bool,
    change: Option<Reach>,
}

impl Rights {
    /// Whether this file or folder may be renamed, moved, deleted and brought back.
    pub(super) fn may_change(self, row: &FileRow) -> bool {
        match self.change {
            Some(Reach::Everything) => true,
            Some(Reach::Own) => row.author == self.me,
            None => false,
        }
    }
}

/// The reader's rights in a space for this audience; none until it is known.
pub(super) fn rights(audience: Signal<Option<Audience>>) -> Memo<Rights> {
    let directory = directory();
    let me = me();
    let teaches = me.is(Role::Teacher);
    let me = me.person;
    erased::memo(move || {
        let change = match audience.get() {
            Some(Audience::Person(owner)) if owner == me => Some(Reach::Everything),
            Some(Audience::Pair(..)) => Some(Reach::Own),
            Some(Audience::Group(group)) if directory.is_running(group) => {
                if teaches || directory.leads(group, me) {
                    Some(Reach::Everything)
                } else {
                    Some(Reach::Own)
                }
            }
            Some(Audience::Person(_) | Audience::Group(_)) | None => None,
        };
        Rights {
            me,
            add: change.is_some(),
            change,
        }
    })
}
