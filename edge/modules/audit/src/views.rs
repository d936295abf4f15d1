//! The views this module keeps.

use crate::Audit;
use edge_kernel::views::Registry;
use events::audit::view::{Entries, Inspections, Looks};

impl Audit {
    /// Registers them.
    #[must_use]
    pub fn views(registry: Registry) -> Registry {
        registry
            .with::<Entries>()
            .with::<Inspections>()
            .with::<Looks>()
    }
}
