//! A new group gets its space.

use super::added;
use crate::failed;
use edge_files::{Files, group_space};
use edge_kernel::react::{ReactError, Reaction};
use edge_kernel::{Actor, Kernel, Order, Recorded};
use events::Audience;

/// Opens the spaces of new groups.
pub struct OpenSpace(pub Files);

impl Reaction for OpenSpace {
    const NAME: &'static str = "group_added/open_space";

    async fn react(&self, _: &Kernel, events: &[Recorded]) -> Result<(), ReactError> {
        let Some((groups, last)) = added(events) else {
            return Ok(());
        };
        let spaces: Vec<_> = groups
            .into_iter()
            .map(|group| (group_space(group), Audience::Group(group)))
            .collect();
        let order = Order::by(Actor::Machine).because_of(last);
        let opened = self.0.open_spaces(&spaces, order).await;
        opened.map(|_| ()).map_err(failed)
    }
}
