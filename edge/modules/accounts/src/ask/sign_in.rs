//! Signing in, by password or by one-time code. Names that nobody has cost the same work and get the same answer.

use super::codes::VALID;
use super::password;
use super::places::Place;
use super::sessions::{day, new_token, token_hash};
use super::{again, guesses::Attempt, hashing::Compared};
use crate::Accounts;
use crate::decide::{Person, ToPerson};
use crate::error::{AccountsError, PersonRefusal};
use crate::http::Visit;
use crate::queries::Me;
use crate::roster::one_time_code::OneTimeCode;
use crate::store::{self, Code, Hash, Login, Session, Store};
use edge_kernel::ledger::AppendError;
use edge_kernel::unit::Order;
use edge_kernel::{Actor, SignedIn, Unit};
use events::access::NOW;
use events::accounts::{EndReason, PersonCommand};
use events::ids::{PersonId, SessionId, StreamId};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Bytes of a login name or a password as typed; longer ones are nobody's and are not looked at.
const TYPED: usize = 1024;

/// Where a sign-in has led.
#[derive(Clone, Debug)]
pub enum Entry {
    /// Into the school.
    In(Box<Entered>),
    /// A one-time code was typed where the password belongs: it is right, and a password must be chosen with it.
    ChoosePassword,
}

/// A session that has begun. The cookies for it come from [`Entered::cookies`](crate::Entered::cookies).
#[derive(Clone)]
pub struct Entered {
    /// Who has signed in.
    pub me: Me,
    /// The session's secret, for the cookie alone.
    pub(crate) token: String,
    /// A new device's secret, for its cookie alone.
    pub(crate) device: Option<String>,
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entered")
    }
}

/// What a right password or code changes beside beginning a session.
#[derive(Clone)]
enum Key {
    Password { rehashed: Option<(String, String)> },
    Code { used: Vec<u8>, password: String },
}

impl Accounts {
    /// Under what a login name is kept.
    pub(super) fn login_key(&self, login: &str) -> Vec<u8> {
        self.kernel.keyed_hash("accounts/login", login.as_bytes())
    }

    /// Under what a one-time code is kept.
    pub(super) fn code_key(&self, code: &OneTimeCode) -> Vec<u8> {
        self.kernel.keyed_hash("accounts/code", &code.hash_input())
    }

    /// Signs in with a password.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<Entry, AccountsError> {
        let key = self.login_key(&typed(login));
        let _turn = self.guesses.turn(&key).await;
        let place = visit.from.map(Place::of);
        let (found, attempt) = self.look_up(&key, visit, place).await?;
        let stored = found.as_ref().and_then(|found| found.password.clone());
        let compared = self
            .hashing
            .compare(bounded(password), stored.clone())
            .await?;
        self.guesses.admit(&attempt).await?;
        let Some(found) = found.filter(|found| self.is_open(found.person)) else {
            return Err(self.wrong(&attempt));
        };
        let rehashed = match compared {
            Compared::Right => None,
            Compared::Outdated(new) => stored.map(|old| (old, new)),
            Compared::Wrong if self.is_code(found.code.as_ref(), password) => {
                return Ok(Entry::ChoosePassword);
            }
            Compared::Wrong => return Err(self.wrong(&attempt)),
        };
        self.begin(&found, &attempt, visit, Key::Password { rehashed })
            .await
    }

    /// Signs in with a one-time code and chooses a password by it; the code is used up, and other sessions end.
    pub async fn sign_in_by_code(
        &self,
        login: &str,
        code: &str,
        password: Option<&str>,
        visit: &Visit,
    ) -> Result<Entry, AccountsError> {
        let login = typed(login);
        let key = self.login_key(&login);
        let _turn = self.guesses.turn(&key).await;
        // A code cannot be guessed across accounts, and whoever has one comes for the first time: no place keeps them out.
        let (found, attempt) = self.look_up(&key, visit, None).await?;
        let found = found.filter(|found| self.is_open(found.person));
        let right = self.is_code(found.as_ref().and_then(|found| found.code.as_ref()), code);
        let Some((found, used)) = found.and_then(|found| {
            let used = found.code.as_ref().map(|code| code.hash.clone())?;
            right.then_some((found, used))
        }) else {
            return Err(self.wrong(&attempt));
        };
        let Some(chosen) = password else {
            return Ok(Entry::ChoosePassword);
        };
        let (account, _) = self.kernel.load::<Person>(StreamId(found.person.0)).await?;
        password::check(chosen, &login, account.name.as_ref())?;
        let password = self.hashing.hash(chosen).await?;
        self.begin(&found, &attempt, visit, Key::Code { used, password })
            .await
    }

    async fn look_up(
        &self,
        key: &[u8],
        visit: &Visit,
        place: Option<Place>,
    ) -> Result<(Option<Login>, Attempt), AccountsError> {
        let device = self.known_device(visit).map(token_hash);
        let found = Store(self.kernel.ledger.kept())
            .login(key, device.as_ref())
            .await?;
        let known_device = found.as_ref().is_some_and(|found| found.known_device);
        let attempt = self
            .guesses
            .attempt(key, device, found.is_some(), known_device, place);
        self.guesses.admit(&attempt).await?;
        Ok((found, attempt))
    }

    fn is_open(&self, person: PersonId) -> bool {
        self.kernel.ledger.access().is_open(person, NOW)
    }

    fn is_code(&self, kept: Option<&Code>, typed: &str) -> bool {
        let Ok(code) = OneTimeCode::parse(bounded(typed)) else {
            return false;
        };
        let hash = self.code_key(&code);
        let now = self.kernel.clock.now();
        // One that would end later than any made now was made by a clock that ran ahead.
        let valid = now + 1..=now.saturating_add(VALID);
        kept.is_some_and(|kept| valid.contains(&kept.expires) && bool::from(kept.hash.ct_eq(&hash)))
    }

    fn wrong(&self, attempt: &Attempt) -> AccountsError {
        self.guesses.failed(attempt);
        AccountsError::WrongLogin
    }

    async fn begin(
        &self,
        found: &Login,
        attempt: &Attempt,
        visit: &Visit,
        key: Key,
    ) -> Result<Entry, AccountsError> {
        let token = new_token()?;
        let known = self.known_device(visit);
        let device = match known {
            Some(_) => None,
            None => Some(self.new_device()?),
        };
        let shown = device.as_deref().or(known).unwrap_or_default();
        let session = Session {
            person: found.person,
            session: SessionId(Uuid::new_v4()),
            seen: day(self.kernel.clock.now()),
        };
        let forgiven = self.guesses.succeeded(attempt, found.person);
        let beginning = Beginning {
            session,
            token: token_hash(&token),
            device: token_hash(shown),
            forgiven,
            key,
        };
        self.append(&beginning, visit).await?;
        let asker = SignedIn {
            person: found.person,
            session: session.session,
            way: visit.arrival.way,
        };
        let me = self.me(asker).await?;
        Ok(Entry::In(Box::new(Entered { me, token, device })))
    }

    async fn append(&self, beginning: &Beginning, visit: &Visit) -> Result<(), AccountsError> {
        let mut tries = 0;
        loop {
            let person = beginning.session.person;
            let mut unit = self.kernel.unit(Order::by(Actor::Person(person)));
            let outcome = match beginning
                .stage(&mut unit, visit, self.kernel.clock.now())
                .await
            {
                Ok(()) => unit.commit().await.map(|_| ()).map_err(AccountsError::from),
                Err(error) => Err(error),
            };
            match outcome {
                Ok(()) => return Ok(()),
                Err(error) if again(&error, &mut tries) => {}
                // Closed, or the code used, between looking and writing: as if it had been so before.
                Err(
                    AccountsError::Person(PersonRefusal::Closed)
                    | AccountsError::Append(AppendError::KeptChanged),
                ) => {
                    return Err(AccountsError::WrongLogin);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

struct Beginning {
    session: Session,
    token: Hash,
    device: Hash,
    forgiven: Option<Hash>,
    key: Key,
}

impl Beginning {
    async fn stage(
        &self,
        unit: &mut Unit<'_>,
        visit: &Visit,
        now: u64,
    ) -> Result<(), AccountsError> {
        let (person, stream) = (self.session.person, StreamId(self.session.person.0));
        match &self.key {
            Key::Password { rehashed: None } => {}
            Key::Password {
                rehashed: Some((old, new)),
            } => {
                store::keep_rehashed(unit, person, old.clone(), new.clone());
            }
            Key::Code { used, password } => {
                store::use_code(unit, person, used.clone());
                end_sessions(unit, person, None).await?;
                let command = PersonCommand::ChoosePassword;
                unit.command::<Person>(stream, ToPerson { person, command })
                    .await?;
                store::keep_password(unit, person, password.clone(), now);
            }
        }
        let command = PersonCommand::SignIn {
            session: self.session.session,
            device: visit.device_name.clone(),
            way: visit.arrival.way,
        };
        unit.command::<Person>(stream, ToPerson { person, command })
            .await?;
        store::keep_session(unit, &self.token, self.session);
        store::keep_device(unit, person, &self.device, self.session.seen);
        if let Some(key) = &self.forgiven {
            store::drop_failures(unit, key);
        }
        Ok(())
    }
}

/// Ends a person's sessions but for one, because the password is another now.
pub(super) async fn end_sessions(
    unit: &mut Unit<'_>,
    person: PersonId,
    but: Option<SessionId>,
) -> Result<(), AccountsError> {
    let stream = StreamId(person.0);
    let (account, _) = unit.aggregate::<Person>(stream).await?;
    for session in account
        .sessions
        .into_iter()
        .filter(|session| Some(*session) != but)
    {
        let command = PersonCommand::EndSession {
            session,
            reason: EndReason::PasswordChanged,
        };
        unit.command::<Person>(stream, ToPerson { person, command })
            .await?;
        store::drop_session(unit, session);
    }
    Ok(())
}

/// A login name as it is kept: typed with capitals or blanks around it, it is the same.
pub(super) fn typed(login: &str) -> String {
    bounded(login).trim().to_lowercase()
}

fn bounded(typed: &str) -> &str {
    if typed.len() > TYPED { "" } else { typed }
}
