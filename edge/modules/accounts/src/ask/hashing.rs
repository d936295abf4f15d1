//! Passwords as argon2id hashes at OWASP's parameters, as many at a time as there are cores, in memory that is used again.
//!
//! What is hashed is the password's keyed hash: whoever steals the database without the keyring cannot even begin to guess.

use crate::error::AccountsError;
use argon2::password_hash::{PasswordHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use edge_kernel::Kernel;
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const LENGTH: usize = 32;
/// A hash that no password has, for names that nobody has: guessing them costs and takes the same.
const NOBODYS_SALT: &[u8; 16] = b"nobody's account";

/// The one place where passwords are hashed; cheap to clone.
#[derive(Clone)]
pub(crate) struct Hashing {
    kernel: Kernel,
    turns: Arc<Semaphore>,
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    Wrong,
    Right,
    /// Right, and the stored hash is of older parameters: keep this one instead.
    Outdated(String),
}

fn failed(error: impl std::fmt::Display) -> AccountsError {
    AccountsError::Hash(error.to_string().into())
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], AccountsError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| failed("the system gives no random bytes"))?;
    Ok(bytes)
}

impl Hashing {
    pub(crate) fn new(kernel: Kernel) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            kernel,
            turns: Arc::new(Semaphore::new(cores)),
            memory: Arc::default(),
        }
    }

    /// The hash of a new password, as a PHC string.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, AccountsError> {
        let salt: [u8; 16] = random()?;
        let secret = self.secret(password);
        self.work(move |memory| {
            let hash = argon2(&params()?, &secret, &salt, memory)?;
            phc(&salt, &hash)
        })
        .await
    }

    /// Compares a password with a stored hash; without one it works as long and finds it wrong.
    pub(crate) async fn compare(
        &self,
        password: &str,
        stored: Option<String>,
    ) -> Result<Compared, AccountsError> {
        let secret = self.secret(password);
        self.work(move |memory| match stored {
            None => argon2(&params()?, &secret, NOBODYS_SALT, memory).map(|_| Compared::Wrong),
            Some(stored) => compare(&secret, &stored, memory),
        })
        .await
    }

    /// Two ways to type the same characters are one password (NIST SP 800-63B, 3.1.1.2).
    fn secret(&self, password: &str) -> Vec<u8> {
        let normal: String = password.nfkc().collect();
        self.kernel
            .keyed_hash("accounts/password", normal.as_bytes())
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, AccountsError> + Send + 'static,
    ) -> Result<T, AccountsError> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(failed)?;
        let pool = Arc::clone(&self.memory);
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let lock = || pool.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = lock().pop().unwrap_or_default();
            let outcome = work(&mut memory);
            lock().push(memory);
            outcome
        });
        task.await?
    }
}

fn params() -> Result<Params, AccountsError> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(LENGTH)).map_err(failed)
}

fn argon2(
    params: &Params,
    secret: &[u8],
    salt: &[u8],
    memory: &mut Vec<Block>,
) -> Result<[u8; LENGTH], AccountsError> {
    let mut hash = [0; LENGTH];
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::new());
    }
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(secret, salt, &mut hash, memory)
        .map_err(failed)?;
    Ok(hash)
}

fn phc(salt: &[u8], hash: &[u8]) -> Result<String, AccountsError> {
    let salt = SaltString::encode_b64(salt).map_err(failed)?;
    let hash = argon2::password_hash::Output::new(hash).map_err(failed)?;
    Ok(format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"
    ))
}

fn compare(
    secret: &[u8],
    stored: &str,
    memory: &mut Vec<Block>,
) -> Result<Compared, AccountsError> {
    let parsed = PasswordHash::new(stored).map_err(failed)?;
    let params = Params::try_from(&parsed).map_err(failed)?;
    let expected = parsed
        .hash
        .ok_or_else(|| failed("a stored hash is cut off"))?;
    let mut buffer = [0; Salt::RECOMMENDED_LENGTH * 4];
    let salt = parsed
        .salt
        .ok_or_else(|| failed("a stored hash has no salt"))?;
    let salt = salt.decode_b64(&mut buffer).map_err(failed)?;
    let found = argon2(&params, secret, salt, memory)?;
    if !bool::from(found.as_slice().ct_eq(expected.as_bytes())) {
        return Ok(Compared::Wrong);
    }
    if (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES) {
        return Ok(Compared::Right);
    }
    let salt: [u8; 16] = random()?;
    let hash = argon2(&self::params()?, secret, &salt, memory)?;
    Ok(Compared::Outdated(phc(&salt, &hash)?))
}
