//! The views that this module keeps: `spaces` and `files`, folded as `events` says.

use crate::Files;
use edge_kernel::views::Registry;
use events::files::view;

impl Files {
    /// Adds the module's views to those that the kernel keeps.
    #[must_use]
    pub fn views(registry: Registry) -> Registry {
        registry.with::<view::Spaces>().with::<view::Files>()
    }
}
