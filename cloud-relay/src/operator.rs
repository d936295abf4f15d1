//! What the relay's operator does on the command line, beside a running relay: make a token, take a key away.

use relay_wire::nats::Revoke;
use relay_wire::{SchoolId, Token};

use crate::authority::{self, AuthorityError};
use crate::config::Config;
use crate::enrol::{TokenError, new_token};
use crate::nats::{self, NatsError};
use crate::store::{Store, StoreError};
use crate::witness::WitnessKey;

/// A command of the operator failed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// No token was made.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] AuthorityError),
    /// Revoked here, but not told to the others.
    #[error("the key is revoked in this relay's directory, but the other relays were not told")]
    Untold(#[source] NatsError),
}

/// Makes a one-time token for `school`, good for seven days. With `replaces`, it moves an enrolled school to a new machine.
///
/// # Errors
/// When the school is enrolled and the token is not meant to replace its key, or the directory cannot be written.
pub async fn enrol(
    config: &Config,
    school: &SchoolId,
    replaces: bool,
) -> Result<Token, OperatorError> {
    authority::make_folder(&config.data)?;
    let store = Store::open(&config.data).await?;
    let token = new_token(&store, school, config.domain.as_str(), replaces).await;
    store.close().await;
    Ok(token?)
}

/// The verifier key of this relay as a witness, which schools enter; drawn now when there is none yet.
///
/// # Errors
/// When the data folder cannot be read or written.
pub fn witness_key(config: &Config) -> Result<String, OperatorError> {
    authority::make_folder(&config.data)?;
    let key = WitnessKey::open(&config.data, config.domain.as_str())?;
    Ok(key.verifier_key())
}

/// Takes a school's key away; its link and streams end within seconds, on every relay that hears NATS. True when there was a key.
///
/// # Errors
/// When there is no such school, or the other relays could not be told.
pub async fn revoke(config: &Config, school: &SchoolId) -> Result<bool, OperatorError> {
    authority::make_folder(&config.data)?;
    let store = Store::open(&config.data).await?;
    let key = store.key_of(school).await?;
    let changed = store.revoke(school, None).await?;
    store.close().await;
    if let (Some(settings), Some(key)) = (&config.nats, key) {
        let revoke = Revoke {
            school: school.clone(),
            key,
        };
        nats::announce_revocation(settings, &config.id, &revoke)
            .await
            .map_err(OperatorError::Untold)?;
    }
    Ok(changed)
}
