//! Taking people in, and everything that is asked about one person's account by others.

use super::again;
use super::sign_in::typed;
use crate::Accounts;
use crate::decide::{Group, Person, ToPerson};
use crate::error::AccountsError;
use crate::policy::{self, PersonVerb, Target};
use crate::roster::login_name::{LoginNames, is_reserved};
use crate::store::{self, Store};
use edge_kernel::ledger::{AppendError, Appended};
use edge_kernel::unit::{Done, Order};
use edge_kernel::{Actor, Unit};
use events::access::NOW;
use events::accounts::{AccountsEvent, GroupKind, PersonCommand, PersonName, Role};
use events::ids::{PersonId, StreamId};
use events::{AnyEvent, Position};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashSet;
use uuid::Uuid;

/// Among what login names are unique.
pub(super) const LOGIN: &str = "login";

/// Somebody was taken in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AddedPerson {
    /// Who.
    pub person: PersonId,
    /// The login name they were given.
    pub login: String,
    /// Where.
    pub position: Position,
}

impl Accounts {
    /// Takes a person into the school. Without a wish the login name follows from the name.
    pub async fn add_person(
        &self,
        order: Order,
        name: PersonName,
        roles: Vec<Role>,
        login: Option<String>,
    ) -> Result<AddedPerson, AccountsError> {
        self.allow(order.actor, PersonVerb::Add, None).await?;
        self.allow(order.actor, PersonVerb::Roles, None).await?;
        if login.as_deref().is_some_and(is_reserved) {
            return Err(AccountsError::Reserved);
        }
        let mut tries = 0;
        loop {
            let by_rule = match &login {
                Some(wish) => typed(wish),
                None => self.login_by_rule(&name).await?,
            };
            let person = PersonId(Uuid::new_v4());
            let mut unit = self.kernel.unit(order.clone());
            self.stage_person(
                &mut unit,
                person,
                name.clone(),
                roles.clone(),
                by_rule.clone(),
            )
            .await?;
            match unit.commit().await {
                Ok(appended) if appended.repeated => return self.added_before(appended).await,
                Ok(appended) => {
                    return Ok(AddedPerson {
                        person,
                        login: by_rule,
                        position: appended.last,
                    });
                }
                Err(AppendError::Taken { scope: LOGIN }) if login.is_none() && tries < 3 => {
                    tries += 1
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Stages a new person with their login name.
    pub(super) async fn stage_person(
        &self,
        unit: &mut Unit<'_>,
        person: PersonId,
        name: PersonName,
        roles: Vec<Role>,
        login: String,
    ) -> Result<(), AccountsError> {
        let command = PersonCommand::AddPerson {
            name,
            roles,
            login: login.clone(),
        };
        unit.command::<Person>(StreamId(person.0), ToPerson { person, command })
            .await?;
        unit.claim(LOGIN, &login);
        store::keep_login(unit, self.login_key(&login), person);
        Ok(())
    }

    async fn login_by_rule(&self, name: &PersonName) -> Result<String, AccountsError> {
        let taken = self.taken_logins().await?;
        let is_taken = |login: &str| taken.contains(&self.login_key(login));
        Ok(LoginNames::default().give_unless(&name.given, &name.family, is_taken))
    }

    /// The keyed hashes of all login names that are or were somebody's.
    pub(super) async fn taken_logins(&self) -> Result<HashSet<Vec<u8>>, AccountsError> {
        Ok(Store(self.kernel.ledger.kept()).logins().await?)
    }

    /// The answer to a request that was carried out before.
    async fn added_before(&self, appended: Appended) -> Result<AddedPerson, AccountsError> {
        let events = self
            .kernel
            .ledger
            .read(appended.first.saturating_sub(1), 2)
            .await?;
        events
            .into_iter()
            .find_map(|recorded| match recorded.event {
                AnyEvent::Accounts(AccountsEvent::LoginNameGiven { person, login }) => {
                    let login = login.get().cloned().unwrap_or_default();
                    Some(AddedPerson {
                        person,
                        login,
                        position: appended.last,
                    })
                }
                _ => None,
            })
            .ok_or(AccountsError::NotFound)
    }

    /// Carries out a command to one person's account.
    pub async fn person_command(
        &self,
        order: Order,
        person: PersonId,
        command: PersonCommand,
    ) -> Result<Done<AccountsEvent>, AccountsError> {
        let verb = policy::person_verb(&command).ok_or(AccountsError::OtherDoor)?;
        self.allow(order.actor, verb, Some(person)).await?;
        match &command {
            PersonCommand::GiveLoginName { login } => {
                self.give_login(order, person, typed(login)).await
            }
            PersonCommand::TakeRole {
                role: Role::Administrator,
            } => {
                let _alone = self.administrators.lock().await;
                self.one_administrator_stays(person)?;
                self.to_person(order, person, command, |_| {}).await
            }
            PersonCommand::CloseAccount { .. } => {
                let _alone = self.administrators.lock().await;
                self.one_administrator_stays(person)?;
                let also = |unit: &mut Unit<'_>| store::drop_ways_in(unit, person);
                self.to_person(order, person, command, also).await
            }
            _ => self.to_person(order, person, command, |_| {}).await,
        }
    }

    async fn give_login(
        &self,
        order: Order,
        person: PersonId,
        login: String,
    ) -> Result<Done<AccountsEvent>, AccountsError> {
        if is_reserved(&login) {
            return Err(AccountsError::Reserved);
        }
        let key = self.login_key(&login);
        let owner = Store(self.kernel.ledger.kept())
            .owner_of_login(&key)
            .await?;
        if owner.is_some_and(|owner| owner != person) {
            return Err(AppendError::Taken { scope: LOGIN }.into());
        }
        // A name that was the person's own before is still claimed for them.
        let also = |unit: &mut Unit<'_>| {
            if owner.is_none() {
                unit.claim(LOGIN, &login);
            }
            store::keep_login(unit, key.clone(), person);
        };
        let command = PersonCommand::GiveLoginName {
            login: login.clone(),
        };
        self.to_person(order, person, command, also).await
    }

    /// Refuses to lose the last person who can give roles. Hold `administrators` from here to the append.
    pub(super) fn one_administrator_stays(&self, leaving: PersonId) -> Result<(), AccountsError> {
        let administrators = self.kernel.ledger.access().holders(Role::Administrator);
        if administrators == [leaving] {
            return Err(AccountsError::LastAdministrator);
        }
        Ok(())
    }

    /// Decides and appends one command, with what is kept beside its events; decides again when overtaken.
    pub(super) async fn to_person(
        &self,
        order: Order,
        person: PersonId,
        command: PersonCommand,
        also: impl Fn(&mut Unit<'_>) + Send,
    ) -> Result<Done<AccountsEvent>, AccountsError> {
        let mut tries = 0;
        loop {
            let mut unit = self.kernel.unit(order.clone());
            let to = ToPerson {
                person,
                command: command.clone(),
            };
            let events = unit.command::<Person>(StreamId(person.0), to).await?;
            if !events.is_empty() {
                also(&mut unit);
            }
            match unit.commit().await.map_err(AccountsError::from) {
                Ok(appended) if appended.repeated => {
                    return Ok(Done {
                        position: appended.last,
                        events: Vec::new(),
                    });
                }
                Ok(appended) => {
                    return Ok(Done {
                        position: appended.last,
                        events,
                    });
                }
                Err(error) if again(&error, &mut tries) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the actor may ask this about somebody; the machine's own console may ask anything.
    pub(super) async fn allow(
        &self,
        actor: Actor,
        verb: PersonVerb,
        target: Option<PersonId>,
    ) -> Result<(), AccountsError> {
        let Actor::Person(asker) = actor else {
            return Ok(());
        };
        let led = match target {
            Some(target) => self.leads_class_of(asker, target).await?,
            None => false,
        };
        let access = self.kernel.ledger.access();
        let roles = target
            .map(|target| access.roles(target))
            .unwrap_or_default();
        let target = Target { roles: &roles, led };
        if access.is_open(asker, NOW) && policy::may(&access.roles(asker), verb, &target) {
            Ok(())
        } else {
            Err(AccountsError::NotAllowed)
        }
    }

    async fn leads_class_of(
        &self,
        asker: PersonId,
        pupil: PersonId,
    ) -> Result<bool, AccountsError> {
        let led = {
            let access = self.kernel.ledger.access();
            let mut groups = access.groups_of(pupil);
            groups.retain(|group| access.leads(asker, *group) && access.is_open_group(*group));
            groups
        };
        for group in led {
            let (group, _) = self.kernel.load::<Group>(StreamId(group.0)).await?;
            if group.kind == Some(GroupKind::Class) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
