//! Requests that make no sense or that nobody should make: each is answered by a problem (RFC 9457) in the reader's language,
//! changes nothing, and leaves no personal data behind.

mod guesses;
mod privacy;
mod requests;
mod sites;

use e2e::api::Answer;
use serde_json::json;

/// A problem in the shape that every client may rely on.
fn problem(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body["status"], json!(status));
    for field in ["type", "title", "detail", "code"] {
        assert!(
            body[field].as_str().is_some_and(|text| !text.is_empty()),
            "{field} is missing in {body}"
        );
    }
    answer.code()
}
