//! The views that this module keeps: `rooms`, `messages` and `reads`, folded as `events` says.

use crate::Messenger;
use edge_kernel::views::Registry;
use events::messenger::view;

impl Messenger {
    /// Adds the module's views to those that the kernel keeps.
    #[must_use]
    pub fn views(registry: Registry) -> Registry {
        registry
            .with::<view::Rooms>()
            .with::<view::Messages>()
            .with::<view::Reads>()
    }
}
