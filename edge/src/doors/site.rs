//! Refuses requests that another site makes in a visitor's name (cross-site request forgery). Browsers say where a
//! request comes from; programs that are no browsers say nothing and carry no cookie that they did not mean to.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use edge_kernel::http::Problem;

/// Middleware: lets reading pass, and changing when it comes from ourselves.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads
        || is_own(
            request.headers(),
            request
                .uri()
                .authority()
                .map(|authority| authority.as_str()),
        )
    {
        return next.run(request).await;
    }
    Problem::new(
        StatusCode::FORBIDDEN,
        "other_site",
        "Diese Anfrage kam von einer anderen Webseite und wurde nicht ausgeführt.",
        "This request came from another website and was not carried out.",
    )
    .into_response()
}

/// HTTP/2 names the host in the request's own authority, HTTP/1.1 in the `Host` header.
fn is_own(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    if let Some(site) = site {
        return site == "same-origin" || site == "none";
    }
    match text(header::ORIGIN) {
        None => true,
        Some(origin) => {
            let host = authority.or_else(|| text(header::HOST)).unwrap_or_default();
            let named = origin.split_once("://").map_or("", |(_, rest)| rest);
            !host.is_empty() && named.eq_ignore_ascii_case(host)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_our_own_pages_and_programs_may_change_something() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                (
                    name.parse().expect("a name"),
                    HeaderValue::from_static(value),
                )
            });
            is_own(&headers.collect(), None)
        };
        assert!(check(&[("host", "kgs.example")]));
        assert!(check(&[
            ("host", "kgs.example:8443"),
            ("origin", "https://kgs.example:8443")
        ]));
        assert!(check(&[
            ("host", "kgs.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(!check(&[
            ("host", "kgs.example"),
            ("origin", "https://evil.example")
        ]));
        assert!(!check(&[("host", "kgs.example"), ("origin", "null")]));
        assert!(!check(&[
            ("host", "kgs.example"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(
            !check(&[("host", "kgs.example"), ("sec-fetch-site", "same-site")]),
            "another school on the relay"
        );
    }
}
