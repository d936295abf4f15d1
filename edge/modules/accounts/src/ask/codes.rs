//! One-time codes, and choosing or changing a password.

use super::again;
use super::hashing::{Compared, random};
use super::password;
use super::sessions::token_hash;
use super::sign_in::end_sessions;
use crate::Accounts;
use crate::decide::{Person, ToPerson};
use crate::error::AccountsError;
use crate::policy::PersonVerb;
use crate::roster::one_time_code::OneTimeCode;
use crate::store::{self, Store};
use edge_kernel::unit::Order;
use edge_kernel::{Actor, SignedIn, Unit};
use events::accounts::PersonCommand;
use events::ids::{PersonId, StreamId};
use events::{Millis, Position};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::JoinSet;

/// A code that nobody uses is void after thirty days.
pub(super) const VALID: Millis = 30 * 24 * 60 * 60 * 1000;

/// A one-time code, shown once.
#[derive(Clone, Serialize, JsonSchema)]
pub struct MintedCode {
    /// The login name it goes with.
    pub login: String,
    /// The code in the form to print and to type.
    pub code: String,
    /// Where it was made.
    pub position: Position,
}

impl Accounts {
    /// Makes a one-time code by which a person chooses a password. An earlier code is void.
    pub async fn mint_code(
        &self,
        order: Order,
        person: PersonId,
    ) -> Result<MintedCode, AccountsError> {
        self.allow(order.actor, PersonVerb::Mint, Some(person))
            .await?;
        let code = OneTimeCode::from_random(random()?);
        let expires = self.kernel.clock.now().saturating_add(VALID);
        let hash = self.code_key(&code);
        let also = |unit: &mut Unit<'_>| store::keep_code(unit, person, hash.clone(), expires);
        // A code is shown once; a repeated request gets a new one.
        let order = Order {
            once: None,
            ..order
        };
        let done = self
            .to_person(order, person, PersonCommand::MintCode, also)
            .await?;
        let (account, _) = self.kernel.load::<Person>(StreamId(person.0)).await?;
        let login = account.login.ok_or(AccountsError::NotFound)?;
        Ok(MintedCode {
            login,
            code: code.typed(),
            position: done.position,
        })
    }

    /// Changes the asker's password; their other sessions end.
    pub async fn change_password(
        &self,
        asker: SignedIn,
        old: &str,
        new: &str,
    ) -> Result<Position, AccountsError> {
        let person = asker.person;
        let (account, _) = self.kernel.load::<Person>(StreamId(person.0)).await?;
        let login = account.login.clone().ok_or(AccountsError::NotFound)?;
        let key = self.login_key(&login);
        let _turn = self.guesses.turn(&key).await;
        // Counted by the session: it cannot be had anew without the password, as a device's cookie could.
        let session = token_hash(&asker.session.to_string());
        let attempt = self.guesses.attempt(&key, Some(session), true, true, None);
        self.guesses.admit(&attempt).await?;
        let stored = Store(self.kernel.ledger.kept()).password(person).await?;
        if self.hashing.compare(old, stored).await? == Compared::Wrong {
            self.guesses.failed(&attempt);
            return Err(AccountsError::WrongPassword);
        }
        password::check(new, &login, account.name.as_ref())?;
        let hash = self.hashing.hash(new).await?;
        let mut tries = 0;
        loop {
            let mut unit = self.kernel.unit(Order::by(asker.actor()));
            end_sessions(&mut unit, person, Some(asker.session)).await?;
            self.stage_password(&mut unit, person, hash.clone()).await?;
            match unit.commit().await.map_err(AccountsError::from) {
                Ok(appended) => return Ok(appended.last),
                Err(error) if again(&error, &mut tries) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Sets passwords from the machine's own console, hashed on all cores and kept in one append. Their strength is the
    /// operator's business.
    pub async fn set_passwords(
        &self,
        passwords: Vec<(PersonId, String)>,
    ) -> Result<Position, AccountsError> {
        let mut hashing = JoinSet::new();
        for (person, password) in passwords {
            let accounts = self.clone();
            hashing.spawn(async move {
                accounts
                    .hashing
                    .hash(&password)
                    .await
                    .map(|hash| (person, hash))
            });
        }
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        while let Some(hashed) = hashing.join_next().await {
            let (person, hash) = hashed??;
            self.stage_password(&mut unit, person, hash).await?;
        }
        Ok(unit.commit().await?.last)
    }

    /// Sets one password from the machine's own console.
    pub async fn set_password(
        &self,
        person: PersonId,
        password: String,
    ) -> Result<Position, AccountsError> {
        self.set_passwords(vec![(person, password)]).await
    }

    /// Stages that a person has this password from now on; a code that was waiting is void.
    pub(super) async fn stage_password(
        &self,
        unit: &mut Unit<'_>,
        person: PersonId,
        hash: String,
    ) -> Result<(), AccountsError> {
        let command = PersonCommand::ChoosePassword;
        unit.command::<Person>(StreamId(person.0), ToPerson { person, command })
            .await?;
        store::keep_password(unit, person, hash, self.kernel.clock.now());
        store::void_code(unit, person);
        Ok(())
    }
}
