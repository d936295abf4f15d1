//! Problem details (RFC 9457) in German and English: what is wrong and what to do about it, never whose data it was.

use crate::blobs::BlobError;
use crate::ledger::{AppendError, LedgerError};
use crate::unit::ExecuteError;
use crate::views::ViewError;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The language of a reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// German, the default.
    #[default]
    German,
    /// English.
    English,
}

impl Language {
    /// The language a request asks for: the cookie `language` first, then `Accept-Language`, else German.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let chosen = cookies
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix("language="));
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let first = accepted.and_then(|list| {
            let mut tags = list.split(',').map(|tag| tag.trim().to_ascii_lowercase());
            tags.find(|tag| tag.starts_with("de") || tag.starts_with("en"))
        });
        match chosen.map(str::to_owned).or(first) {
            Some(tag) if tag.starts_with("en") => Self::English,
            Some(_) | None => Self::German,
        }
    }

    /// The HTML language tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }

    /// One of two texts.
    #[must_use]
    pub fn choose<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

/// Something that a request cannot have, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable word for programs, such as `name_taken`.
    pub code: &'static str,
    /// For the reader, in German.
    pub german: String,
    /// For the reader, in English.
    pub english: String,
    /// Seconds after which it makes sense to try again.
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem in both languages.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        german: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            german: german.into(),
            english: english.into(),
            retry_after: None,
        }
    }

    /// With the time after which it makes sense to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "Bitte zuerst anmelden.",
            "Please sign in.",
        )
    }

    /// The person may not do this.
    #[must_use]
    pub fn not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not_allowed",
            "Dazu fehlt die Berechtigung.",
            "You do not have permission for this.",
        )
    }

    /// There is no such thing, or none that the person may know of: the two are not told apart.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Das gibt es hier nicht.",
            "There is no such thing here.",
        )
    }

    /// The request makes no sense; says what was wrong with it.
    pub fn bad_request(german: impl Into<String>, english: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", german, english)
    }

    /// The request's body is larger than this door takes.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "Die Anfrage ist zu groß.",
            "The request is too large.",
        )
    }

    /// The disk is full.
    #[must_use]
    pub fn disk_full() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "disk_full",
            "Der Speicher des Schulservers ist voll. Lesen geht weiter; zum Speichern muss die Schule Platz schaffen.",
            "The school server's disk is full. Reading goes on; to save, the school must make room.",
        )
        .retry_after(60)
    }

    /// The school is moving to another machine.
    #[must_use]
    pub fn moving() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "moving",
            "Die Schule zieht gerade auf einen anderen Server um. Das dauert etwa eine Minute; es wurde nichts geändert, bitte gleich noch einmal versuchen.",
            "The school is moving to another server, which takes about a minute. Nothing was changed; please try again in a moment.",
        )
        .retry_after(5)
    }

    /// Something of ours failed; the cause goes to the log, here, once.
    #[must_use]
    pub fn failure(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failure",
            "Beim Schulserver ist etwas schiefgegangen. Es wurde nichts geändert; bitte noch einmal versuchen.",
            "Something went wrong in the school server. Nothing was changed; please try again.",
        )
    }

    fn body(&self, language: Language) -> String {
        json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Problem"),
            "status": self.status.as_u16(),
            "detail": language.choose(&self.german, &self.english),
            "code": self.code,
        })
        .to_string()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body(Language::German)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: writes a problem in the language of whoever asked.
pub async fn localise(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        *response.body_mut() = problem.body(language).into();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(language.tag()),
        );
    }
    response
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        match &error {
            AppendError::DiskFull => Self::disk_full(),
            AppendError::Moving => Self::moving(),
            AppendError::Conflict { .. } | AppendError::KeptChanged => Self::new(
                StatusCode::CONFLICT,
                "changed_meanwhile",
                "Das wurde gerade von jemand anderem geändert. Bitte nachsehen und noch einmal versuchen.",
                "Somebody else has just changed this. Please look and try again.",
            ),
            AppendError::Taken { .. } => Self::new(
                StatusCode::CONFLICT,
                "name_taken",
                "Dieser Name ist schon vergeben.",
                "This name is already taken.",
            ),
            AppendError::Stopped
            | AppendError::Keyring(_)
            | AppendError::Seal(_)
            | AppendError::Database(_) => Self::failure(&error),
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        Self::failure(&error)
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        match &error {
            ViewError::NotYet => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_yet",
                "Der Schulserver ist noch nicht so weit. Bitte gleich noch einmal versuchen.",
                "The school server has not come so far yet. Please try again in a moment.",
            )
            .retry_after(1),
            _ => Self::failure(&error),
        }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        if error.is_disk_full() {
            return Self::disk_full();
        }
        match &error {
            BlobError::TooLarge { limit } => {
                let mib = limit >> 20;
                Self::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too_large",
                    format!("Die Datei ist größer als {mib} MiB."),
                    format!("The file is larger than {mib} MiB."),
                )
            }
            BlobError::Upload(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "upload_cut_off",
                "Die Übertragung ist abgebrochen. Bitte die Datei noch einmal hochladen.",
                "The upload was cut off. Please upload the file again.",
            ),
            BlobError::Forgotten => Self::not_found(),
            _ => Self::failure(&error),
        }
    }
}

impl<E> From<ExecuteError<E>> for Problem
where
    E: std::error::Error + Into<Problem> + 'static,
{
    fn from(error: ExecuteError<E>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::Append(error) => error.into(),
            ExecuteError::Read(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_decides_before_the_browser_and_german_is_the_default() {
        let mut headers = HeaderMap::new();
        assert_eq!(Language::of(&headers), Language::German);
        headers.insert(
            header::ACCEPT_LANGUAGE,
            HeaderValue::from_static("fr, en-GB;q=0.8"),
        );
        assert_eq!(Language::of(&headers), Language::English);
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; language=de"));
        assert_eq!(Language::of(&headers), Language::German);
    }
}
