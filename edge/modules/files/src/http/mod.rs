//! The doors of this module, thin: they read a request, ask the module, and write the answer.

mod content;
mod place;
mod range;

use crate::ask::{Changed, Upload, Uploaded};
use crate::{Content, Files, FilesError};
use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use content::Manner;
use edge_kernel::blobs::BlobError;
use edge_kernel::http::{
    Asker, IdempotencyKey, JsonOf, Octets, PathOf, Problem, QueryOf, Routes, ViewQuery,
};
use edge_kernel::views::Page;
use events::files::FilesCommand;
use events::files::view::{FileRow, SpaceRow};
use events::ids::{NodeId, SpaceId};
use futures::StreamExt;
use place::Place;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use uuid::Uuid;

/// Bytes of a refused upload that are read and thrown away, so that the browser reads the refusal instead of a broken
/// connection.
const SWALLOWED: usize = 16 << 20;
/// How long that may take.
const SWALLOWING: Duration = Duration::from_secs(10);

impl Files {
    /// The module's routes.
    #[must_use]
    pub fn routes(&self) -> Routes {
        Routes::default()
            .get("/api/files/spaces", "Lists the asker's spaces.", spaces)
            .get(
                "/api/files/files",
                "Lists files and folders: of a folder by prefix, by search, or deleted ones.",
                files,
            )
            .post(
                "/api/files/spaces/{space}/command",
                "Adds a folder, renames, moves, deletes or restores.",
                command,
            )
            .post(
                "/api/files/spaces/{space}/upload",
                "Takes a file in; the body is its content, `Content-Disposition: attachment; filename*=UTF-8''…` its name.",
                upload,
            )
            .streams()
            .get(
                "/api/files/spaces/{space}/nodes/{node}/content",
                "Hands a file out, whole or in part.",
                download,
            )
            .answers::<Octets>()
            .with_state(self.clone())
    }
}

async fn spaces(
    State(files): State<Files>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<SpaceRow>>, Problem> {
    files.spaces(asker, query).await.map(Json)
}

async fn files(
    State(files): State<Files>,
    Asker(asker): Asker,
    query: ViewQuery,
) -> Result<Json<Page<FileRow>>, Problem> {
    files.listed(asker, query).await.map(Json)
}

async fn command(
    State(files): State<Files>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(space): PathOf<SpaceId>,
    JsonOf(command): JsonOf<FilesCommand>,
) -> Result<Json<Changed>, Problem> {
    let order = asker.order(key);
    Ok(Json(
        files.command(asker.0.person, space, command, order).await?,
    ))
}

async fn upload(
    State(files): State<Files>,
    asker: Asker,
    key: IdempotencyKey,
    PathOf(space): PathOf<SpaceId>,
    Place { name, parent }: Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Uploaded>, Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let declared = text(header::CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    let limit = files.largest;
    if declared.is_some_and(|size| size > limit) {
        return Err(BlobError::TooLarge { limit }.into());
    }
    let upload = Upload {
        space,
        // The same request sent again names the same file.
        node: NodeId(key.0.unwrap_or_else(Uuid::new_v4)),
        parent,
        name,
        media_type: text(header::CONTENT_TYPE).unwrap_or_default().to_owned(),
    };
    let mut content = body.into_data_stream();
    let outcome = files
        .upload(asker.0.person, upload, &mut content, asker.order(key))
        .await;
    if !matches!(outcome, Err(FilesError::Blob(_))) {
        swallow(content).await;
    }
    Ok(Json(outcome?))
}

/// Reads what is left of a body that nobody wants.
async fn swallow(mut content: BodyDataStream) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(piece)) = content.next().await {
            read += piece.len();
            if read > SWALLOWED {
                return;
            }
        }
    };
    // Whoever sends slower than this gets a broken connection after all.
    let _ = tokio::time::timeout(SWALLOWING, reading).await;
}

impl Files {
    /// A file whole, to be saved under its name and never shown. Who may have it is decided already.
    pub async fn saved(&self, content: &Content) -> Result<Response, Problem> {
        let manner = Manner {
            inline: false,
            head: false,
            headers: &HeaderMap::new(),
        };
        content::answer(&self.kernel, content, manner).await
    }
}

#[derive(Deserialize, JsonSchema)]
struct How {
    #[serde(default)]
    inline: u8,
}

async fn download(
    State(files): State<Files>,
    Asker(asker): Asker,
    method: Method,
    PathOf((space, node)): PathOf<(SpaceId, NodeId)>,
    QueryOf(how): QueryOf<How>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let content = files.content(asker.person, space, node).await?;
    let manner = Manner {
        inline: how.inline == 1,
        head: method == Method::HEAD,
        headers: &headers,
    };
    content::answer(&files.kernel, &content, manner).await
}
