//! The views of accounts, as the projector is told of them. How they follow from events is `events::accounts::view`'s.

use edge_kernel::views::Registry;
use events::accounts::view::{Groups, Members, People, Records, Sessions};

/// Names the views of this module.
pub(crate) fn views(registry: Registry) -> Registry {
    registry
        .with::<People>()
        .with::<Groups>()
        .with::<Members>()
        .with::<Sessions>()
        .with::<Records>()
}
