//! The views this module keeps. The list of entries is none of them: it is read from the log itself.

use crate::Audit;
use edge_kernel::views::Registry;
use events::audit::view::{Inspections, Looks};

impl Audit {
    /// Registers them.
    #[must_use]
    pub fn views(registry: Registry) -> Registry {
        registry.with::<Inspections>().with::<Looks>()
    }
}
