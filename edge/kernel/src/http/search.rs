//! What is searched for, and other personal words of a request, travel in headers and never in the address: addresses end
//! up in histories, bookmarks and logs, and what one searches for is mostly somebody's name.

use super::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Bytes of the encoded header; a name of a hundred letters of any script fits by far.
const LONGEST: usize = 2048;

/// The header `X-Search`: words to find, in UTF-8, percent-encoded (RFC 3986, 2.1). Empty when there is none. Personal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched(pub String);

impl<S: Sync> FromRequestParts<S> for Searched {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        if has_parameter(parts.uri.query(), "search") {
            return Err(Problem::bad_request(
                "Der Suchtext gehört nicht in die Adresse: bitte prozentkodiert im Header X-Search senden.",
                "The search text does not belong in the address: send it percent-encoded in the header X-Search.",
            ));
        }
        let Some(header) = parts.headers.get("x-search") else {
            return Ok(Self::default());
        };
        let text = header
            .to_str()
            .ok()
            .filter(|text| text.len() <= LONGEST)
            .and_then(percent_decoded);
        text.map(Self).ok_or_else(|| {
            Problem::bad_request(
                "Der Suchtext im Header X-Search ist zu lang oder nicht prozentkodiertes UTF-8.",
                "The search text in the header X-Search is too long or not percent-encoded UTF-8.",
            )
        })
    }
}

/// Whether a query string has a parameter, with or without a value.
#[must_use]
pub fn has_parameter(query: Option<&str>, name: &str) -> bool {
    let mut pairs = query.unwrap_or_default().split('&');
    pairs.any(|pair| pair.split('=').next() == Some(name))
}

/// Percent-encoded UTF-8 as text; none when it is something else.
#[must_use]
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => digit(bytes.next()?)? * 16 + digit(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request, StatusCode};

    async fn searched(address: &str, header: Option<&str>) -> Result<String, Problem> {
        let mut request = Request::get(address);
        if let Some(header) = header {
            request = request.header("x-search", header);
        }
        let (mut parts, ()) = request
            .body(())
            .expect("the request is well formed")
            .into_parts();
        let found = Searched::from_request_parts(&mut parts, &()).await;
        found.map(|Searched(text)| text)
    }

    #[tokio::test]
    async fn the_search_text_comes_in_a_header_and_is_refused_in_the_address() {
        assert_eq!(searched("/people", None).await, Ok(String::new()));
        let header = Some("M%C3%BCller%20%25");
        assert_eq!(searched("/people", header).await, Ok("Müller %".to_owned()));
        for address in ["/people?search=x", "/people?limit=1&search="] {
            let refused = searched(address, header).await.expect_err("it is refused");
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            assert!(refused.english.contains("X-Search"));
        }
    }

    #[tokio::test]
    async fn a_header_that_is_no_text_is_refused() {
        let long = "x".repeat(LONGEST + 1);
        for header in ["%", "%4", "%zz", "%FF", "%+1", long.as_str()] {
            assert!(
                searched("/people", Some(header)).await.is_err(),
                "{header:.10}"
            );
        }
    }
}
