//! A new group gets its room.

use super::added;
use crate::failed;
use edge_kernel::react::{ReactError, Reaction};
use edge_kernel::{Actor, Kernel, Order, Recorded};
use edge_messenger::{Messenger, group_room};
use events::Audience;

/// Opens the rooms of new groups.
pub struct OpenRoom(pub Messenger);

impl Reaction for OpenRoom {
    const NAME: &'static str = "group_added/open_room";

    async fn react(&self, _: &Kernel, events: &[Recorded]) -> Result<(), ReactError> {
        let Some((groups, last)) = added(events) else {
            return Ok(());
        };
        let rooms: Vec<_> = groups
            .into_iter()
            .map(|group| (group_room(group), Audience::Group(group)))
            .collect();
        let order = Order::by(Actor::Machine).because_of(last);
        let opened = self.0.open_rooms(&rooms, order).await;
        opened.map(|_| ()).map_err(failed)
    }
}
