//! Handing a file out: whole or in part, under its name, and so that no browser runs what somebody uploaded.

use super::range::{Wanted, wanted};
use crate::Content;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use edge_kernel::Kernel;
use edge_kernel::http::Problem;
use futures::StreamExt;
use std::fmt::Write;
use std::ops::Range;

/// Media types that a browser may show instead of saving: none of them can run anything in the page.
const SHOWN: [&str; 6] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
];

/// How the content is asked for.
pub(super) struct Manner<'a> {
    /// Whether it may be shown in the browser, when its type allows that.
    pub(super) inline: bool,
    /// Whether only the headers are wanted.
    pub(super) head: bool,
    /// The request's headers.
    pub(super) headers: &'a HeaderMap,
}

pub(super) async fn answer(
    kernel: &Kernel,
    content: &Content,
    manner: Manner<'_>,
) -> Result<Response, Problem> {
    let size = content.blob.size;
    let tag = format!("\"{}\"", content.blob.blob);
    let text = |name: HeaderName| {
        manner
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if text(header::IF_NONE_MATCH).is_some_and(|tags| lists(tags, &tag)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        describe(response.headers_mut(), content, &tag, manner.inline);
        return Ok(response);
    }
    // A range of another version would be joined to the wrong bytes.
    let is_same = text(header::IF_RANGE).is_none_or(|known| known.trim() == tag);
    let range = text(header::RANGE).filter(|_| is_same);
    let (status, part) = match wanted(range, size) {
        Wanted::Whole => (StatusCode::OK, 0..size),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Nothing => return Ok(unsatisfiable(size)),
    };
    let body = match manner.head {
        true => Body::empty(),
        false => stream(kernel, content, part.clone()).await?,
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    describe(headers, content, &tag, manner.inline);
    headers.insert(
        header::CONTENT_LENGTH,
        HeaderValue::from(part.end - part.start),
    );
    if status == StatusCode::PARTIAL_CONTENT {
        put(
            headers,
            header::CONTENT_RANGE,
            &format!("bytes {}-{}/{size}", part.start, part.end - 1),
        );
    }
    Ok(response)
}

/// The first piece is fetched before the status is said: a damaged or missing file is a problem and no broken download.
async fn stream(kernel: &Kernel, content: &Content, part: Range<u64>) -> Result<Body, Problem> {
    let mut pieces = Box::pin(kernel.blobs.get(&content.blob, part)?);
    let first = pieces.next().await.transpose()?;
    let first = futures::stream::iter(first.map(Ok));
    Ok(Body::from_stream(first.chain(pieces)))
}

fn unsatisfiable(size: u64) -> Response {
    let problem = Problem::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "no_such_range",
        "So viele Bytes hat die Datei nicht.",
        "The file does not have so many bytes.",
    );
    let mut response = problem.into_response();
    put(
        response.headers_mut(),
        header::CONTENT_RANGE,
        &format!("bytes */{size}"),
    );
    response
}

fn lists(tags: &str, tag: &str) -> bool {
    let bare = |one: &str| one.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|one| bare(one) == tag)
}

fn describe(headers: &mut HeaderMap, content: &Content, tag: &str, inline: bool) {
    let media_type = content.blob.media_type.as_str();
    let shown = inline && SHOWN.contains(&media_type);
    let sent_as = match media_type {
        "text/plain" => "text/plain; charset=utf-8",
        other => other,
    };
    // A sandboxed document cannot hold a browser's PDF viewer; that viewer is a sandbox of its own.
    let policy = match (shown, media_type) {
        (true, "application/pdf") => {
            "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
        }
        _ => "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'",
    };
    let name = content.name.as_deref().unwrap_or("Datei");
    put(headers, header::CONTENT_TYPE, sent_as);
    put(
        headers,
        header::CONTENT_DISPOSITION,
        &disposition(shown, name),
    );
    put(headers, header::CONTENT_SECURITY_POLICY, policy);
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::ACCEPT_RANGES, "bytes");
    put(headers, header::ETAG, tag);
    // Kept by the browser alone, and asked about every time: access may be lost.
    put(headers, header::CACHE_CONTROL, "private, no-cache");
    put(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// `Content-Disposition` after RFC 6266: the name in ASCII for old programs, and whole after RFC 8187 for the others.
fn disposition(shown: bool, name: &str) -> String {
    let kind = if shown { "inline" } else { "attachment" };
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            '"' | '\\' | '%' => '_',
            ' '..='~' => letter,
            _ => '_',
        })
        .collect();
    let mut whole = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_arrives_whole_and_breaks_no_header() {
        assert_eq!(
            disposition(false, "Übung \"1\".pdf"),
            "attachment; filename=\"_bung _1_.pdf\"; filename*=UTF-8''%C3%9Cbung%20%221%22.pdf"
        );
        assert!(HeaderValue::from_str(&disposition(true, "a\r\nb: c")).is_ok());
    }

    #[test]
    fn a_tag_is_found_in_a_list() {
        assert!(lists("\"a\", W/\"b\"", "\"b\"") && lists("*", "\"b\""));
        assert!(!lists("\"a\"", "\"b\""));
    }
}
