//! Who is signed in, as `/api/session` tells it.

use crate::ask::{Ask, Trouble};
use events::Position;
use events::accounts::{PersonName, Role};
use events::ids::{PersonId, SessionId, SpaceId};
use leptos::prelude::*;
use serde::Deserialize;

/// The reader.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Me {
    pub(crate) person: PersonId,
    pub(crate) name: PersonName,
    pub(crate) roles: Vec<Role>,
    pub(crate) login: String,
    pub(crate) session: SessionId,
    /// The head of the log when the answer was made.
    pub(crate) position: Position,
    /// Where their own files are, once they have any place for them.
    #[serde(default)]
    pub(crate) own_space: Option<SpaceId>,
}

impl Me {
    /// Asks who is signed in.
    pub(crate) async fn load(ask: Ask) -> Result<Self, Trouble> {
        ask.get("/api/session").await
    }

    /// Whether they have a role.
    pub(crate) fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether they keep the school's accounts.
    pub(crate) fn keeps_accounts(&self) -> bool {
        self.is(Role::Administrator) || self.is(Role::Head)
    }

    /// Whether they may look at the log.
    pub(crate) fn audits(&self) -> bool {
        self.is(Role::Auditor) || self.is(Role::DataProtection)
    }

    /// Whether they watch over what is read and forgotten, and may agree that somebody reads.
    pub(crate) fn oversees(&self) -> bool {
        self.keeps_accounts() || self.is(Role::DataProtection)
    }
}

/// The reader, for a component that is being drawn.
pub(crate) fn me() -> Me {
    expect_context::<StoredValue<Me>>().get_value()
}
