//! Sessions: a random token in a cookie, of which only the hash is kept. Who asks is resolved from memory; whether the
//! session and the account still hold is asked of the log's own access every time, so nothing revoked lingers.

use super::hashing::random;
use crate::Accounts;
use crate::decide::Person;
use crate::error::AccountsError;
use crate::store::{self, Hash, Session, Store};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_kernel::unit::Order;
use edge_kernel::{Actor, SignedIn};
use events::access::NOW;
use events::accounts::{EndReason, PersonCommand, Way};
use events::ids::{PersonId, SessionId, StreamId};
use events::{Millis, Position};
use lru::LruCache;
use ring::digest::{SHA256, digest};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// A day: the grain in which the last use is known.
const DAY: Millis = 24 * 60 * 60 * 1000;
/// Days without use after which a session ends.
const IDLE_DAYS: u64 = 30;
/// Characters of a token: 256 random bits in base 64.
const TOKEN_LENGTH: usize = 43;
/// Sessions held in memory: a school's, several devices each.
const HELD: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");
/// Idle sessions ended at once.
const SWEEP: u32 = 200;

/// Sessions by the hash of their token.
pub(crate) struct Cached(Mutex<LruCache<Hash, Session>>);

impl Default for Cached {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(HELD)))
    }
}

impl Cached {
    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<Hash, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A new secret for a cookie.
pub(super) fn new_token() -> Result<String, AccountsError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// Under what a cookie's secret is kept.
pub(super) fn token_hash(token: &str) -> Hash {
    digest(&SHA256, token.as_bytes())
        .as_ref()
        .try_into()
        .unwrap_or_default()
}

/// The day of a moment.
pub(super) const fn day(at: Millis) -> Millis {
    at - at % DAY
}

impl Accounts {
    /// Who a session token stands for, when the session and the account still hold. `way` is the request's.
    pub async fn identify(&self, token: &str, way: Way) -> Option<SignedIn> {
        if token.len() != TOKEN_LENGTH {
            return None;
        }
        let hash = token_hash(token);
        let held = self.sessions.lock().get(&hash).copied();
        let session = match held {
            Some(session) => session,
            None => self.kept_session(&hash).await?,
        };
        let today = day(self.kernel.clock.now());
        if session.seen.saturating_add(IDLE_DAYS * DAY) < today || !self.holds(session) {
            return None;
        }
        // A day to come was noted by a clock that ran ahead: left alone, the session would be young until then.
        if session.seen != today {
            self.used(
                hash,
                Session {
                    seen: today,
                    ..session
                },
            );
        }
        Some(SignedIn {
            person: session.person,
            session: session.session,
            way,
        })
    }

    async fn kept_session(&self, hash: &Hash) -> Option<Session> {
        match Store(self.kernel.ledger.kept()).session(hash).await {
            Ok(found) => {
                let session = found?;
                self.sessions.lock().put(*hash, session);
                Some(session)
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a session cannot be looked up"
                );
                None
            }
        }
    }

    fn holds(&self, session: Session) -> bool {
        let access = self.kernel.ledger.access();
        !access.is_ended(session.session) && access.is_open(session.person, NOW)
    }

    /// Remembers the day of use, once a day and beside the answer.
    fn used(&self, hash: Hash, session: Session) {
        self.sessions.lock().put(hash, session);
        let kernel = self.kernel.clone();
        tokio::spawn(async move {
            let mut unit = kernel.unit(Order::by(Actor::Machine));
            store::touch_session(&mut unit, session.session, session.seen);
            if let Err(error) = unit.commit().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a session's use was not noted"
                );
            }
        });
    }

    /// Ends the asker's own session.
    pub async fn sign_out(&self, asker: SignedIn) -> Result<Position, AccountsError> {
        let order = Order::by(asker.actor());
        self.end(order, asker.person, asker.session, EndReason::SignedOut)
            .await
    }

    /// Ends another session of the asker's.
    pub async fn end_session(
        &self,
        order: Order,
        session: SessionId,
    ) -> Result<Position, AccountsError> {
        let Actor::Person(person) = order.actor else {
            return Err(AccountsError::NotAllowed);
        };
        let (account, _) = self.kernel.load::<Person>(StreamId(person.0)).await?;
        if !account.sessions.contains(&session) && !self.kernel.ledger.access().is_ended(session) {
            return Err(AccountsError::NotFound);
        }
        self.end(order, person, session, EndReason::Revoked).await
    }

    async fn end(
        &self,
        order: Order,
        person: PersonId,
        session: SessionId,
        reason: EndReason,
    ) -> Result<Position, AccountsError> {
        let command = PersonCommand::EndSession { session, reason };
        let also = |unit: &mut edge_kernel::Unit<'_>| store::drop_session(unit, session);
        Ok(self.to_person(order, person, command, also).await?.position)
    }

    /// Ends sessions that nobody has used for thirty days, and drops counters without effect. To be called now and then.
    pub async fn end_idle_sessions(&self) -> Result<(), AccountsError> {
        self.guesses.sweep().await?;
        let today = day(self.kernel.clock.now());
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        store::age_sessions(&mut unit, today);
        unit.commit().await?;
        let before = today.saturating_sub(IDLE_DAYS * DAY);
        loop {
            let idle = Store(self.kernel.ledger.kept())
                .idle_sessions(before, SWEEP)
                .await?;
            for session in &idle {
                let (person, session) = (session.person, session.session);
                self.end_idle(person, session).await?;
            }
            if idle.len() < SWEEP as usize {
                return Ok(());
            }
        }
    }

    /// The row goes in any case: a session that the log has ended already must not be found for ever.
    async fn end_idle(&self, person: PersonId, session: SessionId) -> Result<(), AccountsError> {
        self.end(
            Order::by(Actor::Machine),
            person,
            session,
            EndReason::Expired,
        )
        .await?;
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        store::drop_session(&mut unit, session);
        unit.commit().await?;
        Ok(())
    }
}
