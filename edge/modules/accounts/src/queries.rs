//! What is asked about accounts beside the views: who am I, what is the school called, which groups is somebody in.

use crate::Accounts;
use crate::decide::Person;
use crate::error::AccountsError;
use crate::policy;
use edge_kernel::SignedIn;
use events::access::NOW;
use events::accounts::{AccountsEvent, MemberRole, PersonName, Role};
use events::ids::{GroupId, PersonId, SessionId, SpaceId, StreamId};
use events::{AnyEvent, Position};
use schemars::JsonSchema;
use serde::Serialize;

/// A signed-in person, as they see themselves. Personal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Me {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: PersonName,
    /// What they are.
    pub roles: Vec<Role>,
    /// The name they sign in by.
    pub login: String,
    /// The session.
    pub session: SessionId,
    /// The log's head when this was answered.
    pub position: Position,
    /// Their own space for files, once there is one.
    pub own_space: Option<SpaceId>,
}

/// A group that somebody belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Belongs {
    /// The group.
    pub group: GroupId,
    /// As what.
    pub role: MemberRole,
}

impl Accounts {
    /// Who the asker is.
    pub async fn me(&self, asker: SignedIn) -> Result<Me, AccountsError> {
        let (account, _) = self.kernel.load::<Person>(StreamId(asker.person.0)).await?;
        let unnamed = || PersonName {
            given: String::new(),
            family: String::new(),
        };
        let position = self.kernel.ledger.size();
        let access = self.kernel.ledger.access();
        Ok(Me {
            person: asker.person,
            name: account.name.unwrap_or_else(unnamed),
            roles: access.roles(asker.person),
            login: account.login.unwrap_or_default(),
            session: asker.session,
            position,
            own_space: access.own_space(asker.person),
        })
    }

    /// What the school is called; nothing before it is founded.
    pub async fn school_name(&self) -> Result<Option<String>, AccountsError> {
        let events = self.kernel.ledger.stream(StreamId::SCHOOL).await?;
        Ok(events
            .into_iter()
            .find_map(|recorded| match recorded.event {
                AnyEvent::Accounts(AccountsEvent::SchoolFounded { name }) => Some(name),
                _ => None,
            }))
    }

    /// Which groups somebody belongs to: one's own, or anybody's for those who teach and work here.
    pub fn groups_of(
        &self,
        asker: SignedIn,
        person: PersonId,
    ) -> Result<Vec<Belongs>, AccountsError> {
        let access = self.kernel.ledger.access();
        let may =
            asker.person == person || policy::may_see_groups_of_others(&access.roles(asker.person));
        if !may || !access.is_open(asker.person, NOW) {
            return Err(AccountsError::NotAllowed);
        }
        let belongs = |group: GroupId| Belongs {
            group,
            role: if access.leads(person, group) {
                MemberRole::Leader
            } else {
                MemberRole::Member
            },
        };
        Ok(access.groups_of(person).into_iter().map(belongs).collect())
    }
}
