//! Who asks: resolves the session cookie before any handler runs, and turns strangers away from every path of `/api` and `/audit/log` that
//! is not marked as open, before anybody looks at the request.

use super::openapi::OpenDoors;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use edge_accounts::{Accounts, Arrival};
use edge_kernel::http::Problem;
use std::sync::Arc;

/// What resolving needs.
#[derive(Clone)]
pub(crate) struct Sessions {
    pub(crate) accounts: Accounts,
    pub(crate) open: Arc<OpenDoors>,
}

/// Middleware: puts the signed-in person into the request, or answers 401.
pub(crate) async fn resolve(
    State(sessions): State<Sessions>,
    mut request: Request,
    next: Next,
) -> Response {
    let way = request
        .extensions()
        .get::<Arrival>()
        .copied()
        .unwrap_or_default()
        .way;
    let signed_in = match token(request.headers()) {
        Some(token) => sessions.accounts.identify(token, way).await,
        None => None,
    };
    let path = request.uri().path();
    if signed_in.is_none()
        && (path.starts_with("/api/") || path.starts_with("/audit/log/"))
        && !sessions.open.contains(request.method(), path)
    {
        return Problem::not_signed_in().into_response();
    }
    if let Some(signed_in) = signed_in {
        request.extensions_mut().insert(signed_in);
    }
    next.run(request).await
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix("schulhof="))
}
