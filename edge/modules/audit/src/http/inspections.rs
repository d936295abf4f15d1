//! Asking to read other people's content and deciding about it, and who has looked at one's own.

use crate::Audit;
use crate::ask::{AboutAsked, Asking, FileAsked};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use edge_kernel::http::{Asker, JsonOf, PathOf, Problem, QueryOf, ViewQuery};
use edge_kernel::views::Page;
use events::audit::Purpose;
use events::audit::view::{InspectionRow, LookRow};
use events::ids::{InspectionId, NodeId, SpaceId};
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

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AsOf {
    /// The state in which the file was shown.
    until: Position,
}

pub(super) async fn file(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    PathOf((inspection, space, node)): PathOf<(InspectionId, SpaceId, NodeId)>,
    QueryOf(as_of): QueryOf<AsOf>,
) -> Result<Response, Problem> {
    let asked = FileAsked {
        inspection,
        space,
        node,
        until: as_of.until,
    };
    let mut response = audit.read_file(asker, asked).await?;
    // Every reading is one that is recorded: nothing is kept, and nothing is read in parts.
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(header::ETAG);
    headers.remove(header::ACCEPT_RANGES);
    Ok(response)
}

pub(super) async fn looks(
    State(audit): State<Audit>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<LookRow>>, Problem> {
    Ok(Json(audit.looks(asker, query).await?))
}
