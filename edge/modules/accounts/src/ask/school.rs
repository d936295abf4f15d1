//! The school's first hour: its name, its first administrator, and the one-time link by which both are set in a browser.

use super::password;
use super::sign_in::typed;
use crate::Accounts;
use crate::error::AccountsError;
use crate::roster::limits::{SCHOOL, fits};
use edge_kernel::Actor;
use edge_kernel::unit::Order;
use events::Position;
use events::accounts::{AccountsEvent, PersonName, Role};
use events::ids::{PersonId, StreamId};
use subtle::ConstantTimeEq;
use uuid::Uuid;

impl Accounts {
    /// Founds the school, once.
    pub async fn found_school(&self, name: &str) -> Result<Position, AccountsError> {
        if self.school_name().await?.is_some() {
            return Err(AccountsError::Founded);
        }
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        unit.event(StreamId::SCHOOL, founded(name)?);
        unit.claim("school", "founded");
        Ok(unit.commit().await?.last)
    }

    /// Adds an administrator from the machine's own console.
    pub async fn add_administrator(
        &self,
        login: &str,
        name: PersonName,
        password: &str,
    ) -> Result<PersonId, AccountsError> {
        let person = PersonId(Uuid::new_v4());
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        self.stage_administrator(&mut unit, person, login, name, password)
            .await?;
        unit.commit().await?;
        Ok(person)
    }

    async fn stage_administrator(
        &self,
        unit: &mut edge_kernel::Unit<'_>,
        person: PersonId,
        login: &str,
        name: PersonName,
        chosen: &str,
    ) -> Result<(), AccountsError> {
        let login = typed(login);
        password::check(chosen, &login, Some(&name))?;
        let hash = self.hashing.hash(chosen).await?;
        self.stage_person(unit, person, name, vec![Role::Administrator], login)
            .await?;
        self.stage_password(unit, person, hash).await
    }

    /// The path of the one-time link that founds the school in a browser; none once it is founded.
    pub async fn setup_path(&self) -> Result<Option<String>, AccountsError> {
        let founded = self.school_name().await?.is_some();
        Ok((!founded).then(|| format!("/setup?token={}", self.setup_token())))
    }

    /// Whether a token is the one of the link, and the school is not founded yet.
    pub async fn may_set_up(&self, token: &str) -> Result<bool, AccountsError> {
        let right = token.as_bytes().ct_eq(self.setup_token().as_bytes());
        Ok(bool::from(right) && self.school_name().await?.is_none())
    }

    /// Founds the school and its first administrator by the one-time link, both or neither.
    pub async fn set_up(
        &self,
        token: &str,
        school: &str,
        login: &str,
        name: PersonName,
        password: &str,
    ) -> Result<PersonId, AccountsError> {
        if !self.may_set_up(token).await? {
            return Err(AccountsError::Founded);
        }
        self.found(school, login, name, password).await
    }

    /// Founds the school and its first administrator, both or neither: a school without one could never be entered.
    pub async fn found(
        &self,
        school: &str,
        login: &str,
        name: PersonName,
        password: &str,
    ) -> Result<PersonId, AccountsError> {
        if self.school_name().await?.is_some() {
            return Err(AccountsError::Founded);
        }
        let person = PersonId(Uuid::new_v4());
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        unit.event(StreamId::SCHOOL, founded(school)?);
        unit.claim("school", "founded");
        self.stage_administrator(&mut unit, person, login, name, password)
            .await?;
        unit.commit().await?;
        Ok(person)
    }

    /// The same at every start, so that a printed link stays good until it is used; only the keyring can make it.
    fn setup_token(&self) -> String {
        let hash = self.kernel.keyed_hash("accounts/setup", b"");
        hash.iter()
            .take(20)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

fn founded(name: &str) -> Result<events::AnyEvent, AccountsError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || !fits(&name, SCHOOL) {
        return Err(AccountsError::SchoolName);
    }
    Ok(AccountsEvent::SchoolFounded { name }.into())
}
