//! `spaces`: the places that hold files, and whom each is for.

use crate::any::AnyEvent;
use crate::files::FilesEvent as E;
use crate::fold::{Key, Place, Touched, View};
use crate::ids::SpaceId;
use crate::recorded::Recorded;
use crate::scope::{Audience, Scope};
use serde::{Deserialize, Serialize};

/// One space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceRow {
    /// Which.
    pub space: SpaceId,
    /// Whom it is for; its name is the person's or the group's.
    pub audience: Audience,
}

/// The view of all spaces.
pub struct Spaces;

impl View for Spaces {
    type Row = SpaceRow;
    const NAME: &'static str = "spaces";
    const MODULE: &'static str = "files";
    const VERSION: u32 = 1;

    fn keys(event: &Recorded) -> Vec<Key> {
        match &event.event {
            AnyEvent::Files(E::SpaceOpened { space, .. }) => vec![space.to_string()],
            _ => Vec::new(),
        }
    }

    fn apply(event: &Recorded, rows: &mut Touched<SpaceRow>) {
        if let AnyEvent::Files(E::SpaceOpened { space, audience }) = &event.event {
            let key = space.to_string();
            // The first opening counts, as it does for access.
            if rows.get(&key).is_none() {
                let (space, audience) = (*space, *audience);
                rows.put(key, SpaceRow { space, audience });
            }
        }
    }

    fn place(row: &SpaceRow) -> Place {
        Place {
            scope: Scope::Space(row.space),
            sort: row.space.to_string(),
            text: String::new(),
        }
    }
}
