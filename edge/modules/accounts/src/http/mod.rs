//! The doors of accounts: thin, each a few lines between the request and the asking.

mod groups;
mod import;
mod people;
mod sessions;
mod visit;

pub use visit::{Arrival, Visit};

use crate::Accounts;
use edge_kernel::http::Routes;

impl Accounts {
    /// This module's routes.
    #[must_use]
    pub fn routes(&self) -> Routes {
        let routes = Routes::default();
        let routes = sessions::add(routes);
        let routes = people::add(routes);
        let routes = groups::add(routes);
        let routes = import::add(routes);
        routes.with_state(self.clone())
    }
}
