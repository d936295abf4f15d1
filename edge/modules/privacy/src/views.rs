//! The views this module keeps.

use crate::Privacy;
use edge_kernel::views::Registry;
use events::privacy::view::Erasures;

impl Privacy {
    /// Names this module's views.
    #[must_use]
    pub fn views(registry: Registry) -> Registry {
        registry.with::<Erasures>()
    }
}
