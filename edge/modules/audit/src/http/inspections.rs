//! Asking to read other people's content and deciding about it, and who has looked at one's own.

use crate::Audit;
use crate::ask::{AboutAsked, Asking};
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{Asker, JsonOf, PathOf, Problem, ViewQuery};
use edge_kernel::views::Page;
use events::audit::Purpose;
use events::audit::view::{InspectionRow, LookRow};
use events::ids::InspectionId;
use events::{Millis, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) async fn listed(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<InspectionRow>>, Problem> {
    audit.inspections(asker, query).await.map(Json)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    purpose: Purpose,
    /// In the asker's own words.
    reason: String,
    about: AboutAsked,
    from: Option<Millis>,
    until: Option<Millis>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Requested {
    inspection: InspectionId,
    position: Position,
}

pub(super) async fn request(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    JsonOf(asked): JsonOf<Request>,
) -> Result<Json<Requested>, Problem> {
    let asking = Asking {
        purpose: asked.purpose,
        reason: asked.reason,
        about: asked.about,
        from: asked.from,
        until: asked.until,
    };
    let (inspection, position) = audit.ask_to_inspect(asker, asking).await?;
    Ok(Json(Requested {
        inspection,
        position,
    }))
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Done {
    position: Position,
}

pub(super) async fn agree(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    PathOf(inspection): PathOf<InspectionId>,
) -> Result<Json<Done>, Problem> {
    let position = audit.agree_to_inspection(asker, inspection).await?;
    Ok(Json(Done { position }))
}

pub(super) async fn refuse(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    PathOf(inspection): PathOf<InspectionId>,
) -> Result<Json<Done>, Problem> {
    let position = audit.refuse_inspection(asker, inspection).await?;
    Ok(Json(Done { position }))
}

pub(super) async fn end(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    PathOf(inspection): PathOf<InspectionId>,
) -> Result<Json<Done>, Problem> {
    let position = audit.end_inspection(asker, inspection).await?;
    Ok(Json(Done { position }))
}

pub(super) async fn looks(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<LookRow>>, Problem> {
    Ok(Json(audit.looks(asker, query).await?))
}
