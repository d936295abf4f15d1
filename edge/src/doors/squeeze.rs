//! Compresses answers in JSON, for lines that are slow. Files are sent as they are: their ranges and tags speak of the
//! bytes as stored, and most are compressed already.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::compression::predicate::{And, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Below this many bytes the coding's own overhead wins.
const WORTH_IT: u64 = 1024;

type IsJson = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// The layer.
pub(super) fn layer() -> CompressionLayer<And<SizeAbove, IsJson>> {
    let predicate = SizeAbove::new(WORTH_IT).and(is_json as IsJson);
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(predicate)
}

fn is_json(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.starts_with("application/json"))
}
