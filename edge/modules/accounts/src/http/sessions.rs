//! Signing in and out, sessions, passwords.

use super::Visit;
use crate::queries::Me;
use crate::{Accounts, Entry};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use edge_kernel::http::{
    Asker, IdempotencyKey, JsonOf, Nothing, PathOf, Problem, Routes, ViewQuery, answer_view,
};
use edge_kernel::views::Page;
use events::accounts::view::{SessionRow, Sessions};
use events::ids::SessionId;
use events::{Position, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn add(routes: Routes<Accounts>) -> Routes<Accounts> {
    routes
        .post(
            "/api/session",
            "Sign in with login name and password.",
            sign_in,
        )
        .answers::<Json<Answer<'_>>>()
        .open_to_strangers()
        .post(
            "/api/session/code",
            "Sign in with a one-time code and choose a password.",
            sign_in_by_code,
        )
        .answers::<Json<Answer<'_>>>()
        .open_to_strangers()
        .get("/api/session", "Who is signed in.", me)
        .delete("/api/session", "Sign out.", sign_out)
        .answers::<Nothing>()
        .get(
            "/api/accounts/sessions",
            "Where the asker is signed in.",
            sessions,
        )
        .post(
            "/api/accounts/sessions/{id}/end",
            "End one of the asker's sessions.",
            end_session,
        )
        .post(
            "/api/accounts/password",
            "Change the asker's password; other sessions end.",
            change_password,
        )
}

/// Where something was done.
#[derive(Serialize, JsonSchema)]
pub(super) struct Done {
    pub(super) position: Position,
}

#[derive(Deserialize, JsonSchema)]
struct SignIn {
    login: String,
    password: String,
}

#[derive(Deserialize, JsonSchema)]
struct SignInByCode {
    login: String,
    code: String,
    password: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Answer<'a> {
    next: Option<&'static str>,
    me: Option<&'a Me>,
}

async fn sign_in(
    State(accounts): State<Accounts>,
    visit: Visit,
    JsonOf(asked): JsonOf<SignIn>,
) -> Result<Response, Problem> {
    let entry = accounts
        .sign_in(&asked.login, &asked.password, &visit)
        .await?;
    Ok(answer(&entry, &visit))
}

async fn sign_in_by_code(
    State(accounts): State<Accounts>,
    visit: Visit,
    JsonOf(asked): JsonOf<SignInByCode>,
) -> Result<Response, Problem> {
    let entry = accounts
        .sign_in_by_code(&asked.login, &asked.code, asked.password.as_deref(), &visit)
        .await?;
    Ok(answer(&entry, &visit))
}

fn answer(entry: &Entry, visit: &Visit) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    match entry {
        Entry::ChoosePassword => (
            headers,
            Json(Answer {
                next: Some("password"),
                me: None,
            }),
        )
            .into_response(),
        Entry::In(entered) => {
            for cookie in entered.cookies(visit) {
                headers.append(header::SET_COOKIE, cookie);
            }
            (
                headers,
                Json(Answer {
                    next: None,
                    me: Some(&entered.me),
                }),
            )
                .into_response()
        }
    }
}

async fn me(State(accounts): State<Accounts>, Asker(asker): Asker) -> Result<Json<Me>, Problem> {
    Ok(Json(accounts.me(asker).await?))
}

async fn sign_out(
    State(accounts): State<Accounts>,
    visit: Visit,
    Asker(asker): Asker,
) -> Result<Response, Problem> {
    accounts.sign_out(asker).await?;
    let farewell = AppendHeaders([(header::SET_COOKIE, visit.farewell())]);
    Ok((StatusCode::NO_CONTENT, farewell).into_response())
}

async fn sessions(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<SessionRow>>, Problem> {
    let usual = vec![Scope::Person(asker.person)];
    Ok(Json(
        answer_view::<Sessions>(&accounts.kernel, asker, query, usual).await?,
    ))
}

async fn end_session(
    State(accounts): State<Accounts>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(session): PathOf<SessionId>,
) -> Result<Json<Done>, Problem> {
    let position = accounts.end_session(asker.order(key), session).await?;
    Ok(Json(Done { position }))
}

#[derive(Deserialize, JsonSchema)]
struct ChangePassword {
    old: String,
    new: String,
}

async fn change_password(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    JsonOf(asked): JsonOf<ChangePassword>,
) -> Result<Json<Done>, Problem> {
    let position = accounts
        .change_password(asker, &asked.old, &asked.new)
        .await?;
    Ok(Json(Done { position }))
}
