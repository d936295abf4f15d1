//! The doors of this module, thin: they read a request, ask the module, and write the answer.

use crate::Privacy;
use crate::ask::{Plan, Planned};
use crate::certificate::SignedCertificate;
use crate::package::Status;
use crate::retention::{Due, Pack};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use edge_kernel::http::{Asker, JsonOf, Octets, PathOf, Problem, QueryOf, Routes, ViewQuery};
use edge_kernel::views::Page;
use events::Position;
use events::ids::{BatchId, PersonId};
use events::privacy::view::ErasureRow;
use events::privacy::{Counts, Depth};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

impl Privacy {
    /// The module's routes.
    #[must_use]
    pub fn routes(&self) -> Routes {
        Routes::default()
            .get(
                "/api/privacy/erasures",
                "Lists what is proposed to be forgotten, and what is gone.",
                erasures,
            )
            .post(
                "/api/privacy/erasures",
                "Proposes to forget people; a second person must agree.",
                plan,
            )
            .post(
                "/api/privacy/erasures/dry-run",
                "Tells how much forgetting people would destroy. Changes nothing.",
                dry_run,
            )
            .post(
                "/api/privacy/erasures/{batch}/agree",
                "Agrees to a proposal of somebody else: it is carried out.",
                agree,
            )
            .post(
                "/api/privacy/erasures/{batch}/withdraw",
                "Takes a proposal back.",
                withdraw,
            )
            .get(
                "/api/privacy/erasures/{batch}/certificate",
                "The signed certificate of a completed erasure.",
                certificate,
            )
            .get(
                "/api/privacy/erasures/{batch}/certificate.pdf",
                "The same on paper: a PDF/A-3 document that carries the signed text inside.",
                paper,
            )
            .answers::<Octets>()
            .get(
                "/api/privacy/due",
                "The calendar of what the retention rules make due within a year, and what is overdue.",
                due,
            )
            .get(
                "/api/privacy/package",
                "How far the package of everything about oneself has come.",
                package_status,
            )
            .post(
                "/api/privacy/package",
                "Begins to put everything about oneself together; it can be fetched for an hour.",
                begin_package,
            )
            .get(
                "/api/privacy/package/content",
                "Hands the finished package out: a ZIP archive.",
                package,
            )
            .answers::<Octets>()
            .with_state(self.clone())
    }
}

async fn erasures(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    QueryOf(query): QueryOf<ViewQuery>,
) -> Result<Json<Page<ErasureRow>>, Problem> {
    privacy.erasures(asker, query).await.map(Json)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct People {
    people: Vec<PersonId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Proposal {
    people: Vec<PersonId>,
    basis: String,
    depth: Depth,
}

async fn dry_run(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    JsonOf(asked): JsonOf<People>,
) -> Result<Json<Counts>, Problem> {
    privacy.admit(asker)?;
    Ok(Json(privacy.dry_run(&asked.people).await?))
}

async fn plan(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    JsonOf(asked): JsonOf<Proposal>,
) -> Result<Json<Planned>, Problem> {
    privacy.admit(asker)?;
    let plan = Plan {
        people: asked.people,
        rule: "request".to_owned(),
        basis: asked.basis,
        depth: asked.depth,
    };
    Ok(Json(privacy.plan(Some(asker.person), plan).await?))
}

#[derive(Serialize, JsonSchema)]
struct Done {
    position: Position,
}

/// Answers once the log says it. The rest takes as long as folding every view anew, and is not for a request to wait for; nor
/// is it lost when whoever asked no longer waits.
async fn agree(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    PathOf(batch): PathOf<BatchId>,
) -> Result<Json<Done>, Problem> {
    privacy.admit(asker)?;
    let agreed = tokio::spawn(async move {
        let agreed = privacy.agree(asker.person, batch).await;
        if agreed.is_ok() {
            privacy.unfinished.wake();
        }
        agreed
    });
    let position = agreed.await.map_err(|error| Problem::failure(&error))??;
    Ok(Json(Done { position }))
}

async fn withdraw(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    PathOf(batch): PathOf<BatchId>,
) -> Result<Json<Done>, Problem> {
    privacy.admit(asker)?;
    let position = privacy.withdraw(Some(asker.person), batch).await?;
    Ok(Json(Done { position }))
}

#[derive(Serialize, JsonSchema)]
struct Calendar {
    pack: Pack,
    due: Vec<Due>,
}

async fn due(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
) -> Result<Json<Calendar>, Problem> {
    privacy.admit_to_watch(asker)?;
    let due = privacy.calendar().await?;
    let pack = (*privacy.rules).clone();
    Ok(Json(Calendar { pack, due }))
}

async fn package_status(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
) -> Result<Json<Status>, Problem> {
    Ok(Json(privacy.package_status(asker.person)))
}

async fn begin_package(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
) -> Result<Json<Status>, Problem> {
    Ok(Json(privacy.begin_package(asker.person)))
}

async fn package(State(privacy): State<Privacy>, Asker(asker): Asker) -> Result<Response, Problem> {
    let ready = privacy.ready_package(asker.person);
    let ready = ready.ok_or_else(Problem::not_found)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/zip"),
        ),
        (header::CONTENT_LENGTH, HeaderValue::from(ready.bytes())),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"meine-daten.zip\""),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Body::from_stream(ready.stream())).into_response())
}

async fn certificate(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    PathOf(batch): PathOf<BatchId>,
) -> Result<Json<SignedCertificate>, Problem> {
    privacy.admit_to_watch(asker)?;
    Ok(Json(privacy.signed_certificate(batch).await?))
}

async fn paper(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    PathOf(batch): PathOf<BatchId>,
) -> Result<Response, Problem> {
    privacy.admit_to_watch(asker)?;
    let document = privacy.signed_certificate(batch).await?.to_pdf()?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/pdf"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"bescheinigung.pdf\""),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, document).into_response())
}
