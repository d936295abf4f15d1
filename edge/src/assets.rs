//! The web app's files, embedded in the binary. Names carry a hash of the content, so browsers may keep them for ever;
//! each file is also there as brotli and gzip, made once at build time.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/web/dist"]
struct Files;

/// The hashed names of the build's main files, as `manifest.json` lists them.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Manifest {
    /// The style sheet's path.
    #[serde(default)]
    pub(crate) css: String,
    /// The script's path.
    #[serde(default)]
    pub(crate) js: String,
    /// The path of the script that fetches the areas.
    #[serde(default)]
    pub(crate) areas: String,
    /// The WASM module's path.
    #[serde(default)]
    pub(crate) wasm: String,
}

impl Manifest {
    /// The manifest of the embedded build; empty names when there is only the placeholder.
    pub(crate) fn of_build() -> Self {
        let file = Files::get("manifest.json");
        file.and_then(|file| serde_json::from_slice(&file.data).ok())
            .unwrap_or_default()
    }
}

/// `/assets/{name}`.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("assets/{name}");
    match served(&path, &headers) {
        Some(mut response) => {
            let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, forever);
            response
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The app's shell, for every path below `/app`.
pub(crate) async fn shell(headers: HeaderMap) -> Response {
    match served("index.html", &headers) {
        Some(mut response) => {
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file at the top of the build, such as an icon or a worker; looked at anew each time, since its name does not change.
pub(crate) fn top(name: &str, headers: &HeaderMap) -> Option<Response> {
    let is_plain =
        !name.is_empty() && !name.contains('/') && name != "index.html" && name != "manifest.json";
    let mut response = is_plain.then(|| served(name, headers)).flatten()?;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}

fn served(path: &str, headers: &HeaderMap) -> Option<Response> {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let accepts = |coding: &str| {
        accepted
            .split(',')
            .any(|item| item.trim().split(';').next() == Some(coding))
    };
    let (file, coding) = [("br", "br"), ("gz", "gzip")]
        .into_iter()
        .filter(|(_, coding)| accepts(coding))
        .find_map(|(suffix, coding)| Some((Files::get(&format!("{path}.{suffix}"))?, Some(coding))))
        .or_else(|| Files::get(path).map(|file| (file, None)))?;
    let mut response = Response::new(body(file));
    let headers = response.headers_mut();
    let media_type = mime_guess::from_path(path).first_or_octet_stream();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(media_type.as_ref()).ok()?,
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(response)
}

fn body(file: EmbeddedFile) -> Body {
    match file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    }
}
