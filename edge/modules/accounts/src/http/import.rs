//! Importing the school office's lists through a page.

use crate::error::AccountsError;
use crate::roster::{ChangeSet, Source};
use crate::{Accounts, Applied, PastImport, Undone};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use edge_kernel::http::{
    Asker, AtLeast, IdempotencyKey, Language, PathOf, Problem, QueryOf, Routes,
};
use events::ids::ImportId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Bytes that are read of a file; a little more than the roster takes, so that it can say itself that it is too much.
const MOST: usize = crate::roster::read::MAX_FILE_BYTES + 1024;

pub(super) fn add(routes: Routes<Accounts>) -> Routes<Accounts> {
    routes
        .post(
            "/api/accounts/import",
            "Read a list and say what it would change. Writes nothing.",
            preview,
        )
        .streams()
        .get(
            "/api/accounts/imports",
            "List the imports so far, the newest first.",
            past,
        )
        .post(
            "/api/accounts/import/{id}/apply",
            "Apply a previewed change set, all of it or nothing.",
            apply,
        )
        .post(
            "/api/accounts/import/{id}/undo",
            "Take an import back as far as nothing was built on it.",
            undo,
        )
}

#[derive(Deserialize, JsonSchema)]
struct From {
    #[serde(default)]
    source: String,
}

async fn preview(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    QueryOf(from): QueryOf<From>,
    body: Body,
) -> Result<Json<ChangeSet>, Problem> {
    let name = if from.source.is_empty() {
        "auto"
    } else {
        &from.source
    };
    let source: Source = name.parse().map_err(|_| {
        Problem::bad_request(
            "„source“ ist auto, danis oder csv.",
            "“source” is auto, danis or csv.",
        )
    })?;
    let bytes = to_bytes(body, MOST).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "Die Datei ist zu groß, oder die Übertragung ist abgebrochen.",
            "The file is too large, or the upload was cut off.",
        )
    })?;
    let set = accounts
        .preview_import(asker.actor(), bytes.into(), source)
        .await?;
    Ok(Json(set))
}

async fn past(
    State(accounts): State<Accounts>,
    Asker(asker): Asker,
    QueryOf(_): QueryOf<AtLeast>,
) -> Result<Json<Vec<PastImport>>, Problem> {
    // The history of the school is never behind the log: whatever `at_least` asks for is in the answer.
    Ok(Json(accounts.past_imports(asker.actor()).await?))
}

#[derive(Deserialize, JsonSchema)]
struct Confirm {
    #[serde(default)]
    confirm_leavers: bool,
}

async fn apply(
    State(accounts): State<Accounts>,
    headers: HeaderMap,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(import): PathOf<ImportId>,
    QueryOf(confirm): QueryOf<Confirm>,
) -> Result<Json<Applied>, Response> {
    let applied = accounts
        .apply_import(asker.order(key), import, confirm.confirm_leavers)
        .await;
    applied.map(Json).map_err(|error| match error {
        AccountsError::Outdated(set) => outdated(set, Language::of(&headers)),
        error => Problem::from(error).into_response(),
    })
}

/// A problem that brings the new preview along, so that it can be reviewed at once.
fn outdated(set: Box<ChangeSet>, language: Language) -> Response {
    let problem = Problem::from(AccountsError::Outdated(set.clone()));
    let body = json!({
        "type": "about:blank",
        "title": "Conflict",
        "status": problem.status.as_u16(),
        "detail": language.choose(&problem.german, &problem.english),
        "code": problem.code,
        "change_set": set,
    });
    let headers = [
        (header::CONTENT_TYPE, "application/problem+json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (problem.status, headers, body.to_string()).into_response()
}

async fn undo(
    State(accounts): State<Accounts>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(import): PathOf<ImportId>,
) -> Result<Json<Undone>, Problem> {
    Ok(Json(accounts.undo_import(asker.order(key), import).await?))
}
