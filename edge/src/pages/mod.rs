//! The pages that are plain HTML and work before any script: signing in, setting up the school, and saying that something is
//! not there. Everything else is the app.

mod entrance;
mod setup;
mod template;

use crate::assets::{self, Manifest};
use crate::house::House;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use edge_accounts::Accounts;
use edge_kernel::SignedIn;
use edge_kernel::http::{Language, Problem};
use serde::Deserialize;
use std::sync::Arc;
use template::{Fill, render};

const NOTICE: &str = include_str!("notice.html");

/// What the pages need.
#[derive(Clone)]
struct Pages {
    accounts: Accounts,
    build: Arc<Manifest>,
}

/// The routes of the plain pages.
pub(crate) fn routes(house: &House) -> Router {
    let pages = Pages {
        accounts: house.accounts.clone(),
        build: Arc::new(Manifest::of_build()),
    };
    Router::new()
        .route("/", get(front))
        .route("/language", get(language))
        .route("/login", get(entrance::show).post(entrance::sign_in))
        .route(
            "/login/code",
            axum::routing::post(entrance::sign_in_by_code),
        )
        .route("/setup", get(setup::show).post(setup::found))
        .with_state(pages)
}

/// Sends whoever is signed in to the app, a stranger to the login page, and the first visitor of all to the console, where
/// the link for setting up was printed.
async fn front(
    State(pages): State<Pages>,
    signed_in: Option<axum::Extension<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    if signed_in.is_some() {
        return Redirect::to("/app").into_response();
    }
    match pages.accounts.setup_path().await {
        Ok(None) => Redirect::to("/login").into_response(),
        Ok(Some(_)) => pages.notice(&headers, StatusCode::OK, &NOT_SET_UP).await,
        Err(error) => Problem::from(error).into_response(),
    }
}

#[derive(Deserialize)]
struct Chosen {
    to: String,
    #[serde(default)]
    back: String,
}

/// A year, in seconds: a language is chosen once.
const CHOICE: u32 = 365 * 24 * 3600;

/// Remembers the language in a cookie and goes back; only to a path of our own.
async fn language(Query(chosen): Query<Chosen>) -> Response {
    let tag = if chosen.to == "en" { "en" } else { "de" };
    let back = if is_own_path(&chosen.back) {
        chosen.back.as_str()
    } else {
        "/login"
    };
    let cookie = format!("language={tag}; SameSite=Lax; Path=/; Max-Age={CHOICE}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}

/// Browsers drop tabs and line ends from an address, and read a backslash as a slash: `/<tab>/elsewhere` leaves the house.
fn is_own_path(path: &str) -> bool {
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_plain && path.starts_with('/') && !path.starts_with("//")
}

/// A page that says one thing and leads on.
struct Notice {
    title: (&'static str, &'static str),
    text: (&'static str, &'static str),
    link: (&'static str, &'static str),
    href: &'static str,
}

const NOT_SET_UP: Notice = Notice {
    title: ("Noch nicht eingerichtet", "Not set up yet"),
    text: (
        "Diese Schule wird gerade erst eingerichtet. Der Link dafür steht dort, wo der Server gestartet wurde.",
        "This school is being set up. The link for it was printed where the server was started.",
    ),
    link: ("Noch einmal nachsehen", "Look again"),
    href: "/",
};

const NOT_FOUND: Notice = Notice {
    title: ("Diese Seite gibt es nicht", "There is no such page"),
    text: (
        "Vielleicht ist die Adresse unvollständig, oder die Seite ist umgezogen.",
        "The address may be incomplete, or the page has moved.",
    ),
    link: ("Zur Startseite", "To the start page"),
    href: "/",
};

/// What is left: files at the top of the web build, problems for programs, a page for people.
pub(crate) async fn not_found(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if path.starts_with("/api/") {
        return Problem::not_found().into_response();
    }
    if let Some(file) = assets::top(path.trim_start_matches('/'), &headers) {
        return file;
    }
    let page = notice(
        &Manifest::of_build(),
        "Schulhof",
        Language::of(&headers),
        &NOT_FOUND,
    );
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

fn notice(build: &Manifest, school: &str, language: Language, notice: &Notice) -> String {
    let choose = |pair: (&'static str, &'static str)| Fill::Text(language.choose(pair.0, pair.1));
    let fills = [
        ("language", Fill::Text(language.tag())),
        ("css", Fill::Text(&build.css)),
        ("school", Fill::Text(school)),
        ("title", choose(notice.title)),
        ("text", choose(notice.text)),
        ("link", choose(notice.link)),
        ("href", Fill::Text(notice.href)),
    ];
    render(NOTICE, language, &fills)
}

impl Pages {
    async fn notice(&self, headers: &HeaderMap, status: StatusCode, what: &Notice) -> Response {
        let page = notice(
            &self.build,
            &self.school().await,
            Language::of(headers),
            what,
        );
        (status, Html(page)).into_response()
    }

    /// The school's name, or ours while it has none.
    async fn school(&self) -> String {
        self.accounts
            .school_name()
            .await
            .ok()
            .flatten()
            .unwrap_or_else(|| "Schulhof".to_owned())
    }

    /// Fills a page with what all pages share and what it brings itself.
    async fn page(
        &self,
        template: &str,
        language: Language,
        here: &str,
        own: Vec<(&str, Fill<'_>)>,
    ) -> Response {
        let school = self.school().await;
        let other = language.choose("en", "de");
        let elsewhere = format!("/language?to={other}&back={here}");
        let mut fills = vec![
            ("language", Fill::Text(language.tag())),
            ("css", Fill::Text(&self.build.css)),
            ("js", Fill::Text(&self.build.js)),
            ("areas", Fill::Text(&self.build.areas)),
            ("wasm", Fill::Text(&self.build.wasm)),
            ("school", Fill::Text(&school)),
            ("other_language_url", Fill::Text(&elsewhere)),
        ];
        fills.extend(own);
        let mut response = Html(render(template, language, &fills)).into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choosing_a_language_leads_back_into_the_house_and_nowhere_else() {
        for own in ["/", "/login", "/setup?token=abc", "/app/files?space=1"] {
            assert!(is_own_path(own), "{own}");
        }
        for other in [
            "",
            "login",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
        ] {
            assert!(!is_own_path(other), "{other:?}");
        }
    }
}
