//! Who asks. The root's middleware resolves the session before any handler runs; handlers only take what it found.

use super::Problem;
use crate::actor::SignedIn;
use crate::unit::Order;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use uuid::Uuid;

/// The signed-in person; whoever is not signed in gets 401.
#[derive(Clone, Copy, Debug)]
pub struct Asker(pub SignedIn);

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<SignedIn>()
            .copied()
            .map(Self)
            .ok_or_else(Problem::not_signed_in)
    }
}

impl Asker {
    /// An order by this person, carried out once only under the request's key.
    #[must_use]
    pub fn order(&self, key: IdempotencyKey) -> Order {
        Order::by(self.0.actor()).once(key.0)
    }
}

/// The address that a request comes from, where the listener knows one.
#[derive(Clone, Copy, Debug)]
pub struct Sender(pub Option<IpAddr>);

impl Sender {
    /// Of a request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let from = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Self(from.map(|from| from.0.ip()))
    }
}

impl<S: Sync> FromRequestParts<S> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// The header `Idempotency-Key`, when it is a UUID.
#[derive(Clone, Copy, Debug)]
pub struct IdempotencyKey(pub Option<Uuid>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let text = parts
            .headers
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok());
        Ok(Self(text.and_then(|text| Uuid::parse_str(text).ok())))
    }
}
