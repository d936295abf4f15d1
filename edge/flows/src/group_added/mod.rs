//! A group was added: it gets a place for files and a place to talk.

mod open_room;
mod open_space;

use events::accounts::AccountsEvent;
use events::ids::GroupId;
use events::{AnyEvent, Position, Recorded};
pub use open_room::OpenRoom;
pub use open_space::OpenSpace;

/// The groups that were added in a batch of events, and the position of the last one.
fn added(events: &[Recorded]) -> Option<(Vec<GroupId>, Position)> {
    let added: Vec<(GroupId, Position)> = events
        .iter()
        .filter_map(|recorded| match &recorded.event {
            AnyEvent::Accounts(AccountsEvent::GroupAdded { group, .. }) => {
                Some((*group, recorded.position))
            }
            _ => None,
        })
        .collect();
    let last = added.last()?.1;
    Some((added.into_iter().map(|(group, _)| group).collect(), last))
}
