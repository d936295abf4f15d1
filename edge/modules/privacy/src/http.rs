//! The doors of this module, thin: they read a request, ask the module, and write the answer.

use crate::Privacy;
use crate::ask::{Plan, Planned};
use crate::certificate::SignedCertificate;
use crate::retention::{Due, Pack};
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{Asker, JsonOf, PathOf, Problem, QueryOf, Routes, ViewQuery};
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
                "/api/privacy/due",
                "The calendar of what the retention rules make due within a year, and what is overdue.",
                due,
            )
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

/// Answers once the log says it. The rest takes as long as folding every view anew, and is not for a request to wait for.
async fn agree(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    PathOf(batch): PathOf<BatchId>,
) -> Result<Json<Done>, Problem> {
    privacy.admit(asker)?;
    let position = privacy.agree(asker.person, batch).await?;
    tokio::spawn(async move {
        if let Err(error) = privacy.carry_out(batch, &|_| Ok(())).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an erasure was not carried out to its end"
            );
        }
    });
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
    privacy.admit(asker)?;
    let due = privacy.calendar().await?;
    let pack = (*privacy.rules).clone();
    Ok(Json(Calendar { pack, due }))
}

async fn certificate(
    State(privacy): State<Privacy>,
    Asker(asker): Asker,
    PathOf(batch): PathOf<BatchId>,
) -> Result<Json<SignedCertificate>, Problem> {
    privacy.admit(asker)?;
    Ok(Json(privacy.signed_certificate(batch).await?))
}
