//! `/login`: signing in by a plain form. Whoever types a one-time code is led to choosing a password.

use super::Pages;
use super::template::{Fill, message};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use edge_accounts::{AccountsError, Entry, Visit};
use edge_kernel::SignedIn;
use edge_kernel::http::{Language, Problem};
use serde::Deserialize;

const LOGIN: &str = include_str!("login.html");

/// What a visitor sees who has typed a one-time code where the password belongs.
const CODE: (&str, &str) = (
    "Das ist ein Einmalcode. Damit lässt sich unten ein eigenes Passwort wählen.",
    "This is a one-time code. Choose a password of your own with it below.",
);

#[derive(Default, Deserialize)]
pub(super) struct Arriving {
    #[serde(default)]
    next: String,
}

/// Shows the form; whoever is signed in already goes on to the app.
pub(super) async fn show(
    State(pages): State<Pages>,
    signed_in: Option<axum::Extension<SignedIn>>,
    Query(arriving): Query<Arriving>,
    headers: HeaderMap,
) -> Response {
    if signed_in.is_some() {
        return Redirect::to(onward(&arriving.next)).into_response();
    }
    let form = Shown {
        next: &arriving.next,
        ..Shown::default()
    };
    pages
        .entrance(Language::of(&headers), StatusCode::OK, form)
        .await
}

#[derive(Deserialize)]
pub(super) struct SignIn {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Takes the form.
pub(super) async fn sign_in(
    State(pages): State<Pages>,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let language = Language::of(&headers);
    let entry = pages
        .accounts
        .sign_in(&form.login, &form.password, &visit)
        .await;
    let shown = Shown {
        login: &form.login,
        next: &form.next,
        ..Shown::default()
    };
    pages.enter(entry, &visit, language, shown).await
}

#[derive(Deserialize)]
pub(super) struct SignInByCode {
    login: String,
    code: String,
    password: String,
}

/// Takes the form with a one-time code and a new password.
pub(super) async fn sign_in_by_code(
    State(pages): State<Pages>,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<SignInByCode>,
) -> Response {
    let language = Language::of(&headers);
    let entry = pages
        .accounts
        .sign_in_by_code(&form.login, &form.code, Some(&form.password), &visit)
        .await;
    let shown = Shown {
        login: &form.login,
        with_code: true,
        ..Shown::default()
    };
    pages.enter(entry, &visit, language, shown).await
}

/// What the form shows again.
#[derive(Clone, Copy, Default)]
struct Shown<'a> {
    login: &'a str,
    next: &'a str,
    with_code: bool,
    message: Option<&'a str>,
}

impl Pages {
    async fn enter(
        &self,
        entry: Result<Entry, AccountsError>,
        visit: &Visit,
        language: Language,
        shown: Shown<'_>,
    ) -> Response {
        match entry {
            Ok(Entry::In(entered)) => {
                let mut response = Redirect::to(onward(shown.next)).into_response();
                for cookie in entered.cookies(visit) {
                    response.headers_mut().append(header::SET_COOKIE, cookie);
                }
                response
            }
            Ok(Entry::ChoosePassword) => {
                let message = Some(language.choose(CODE.0, CODE.1));
                self.entrance(
                    language,
                    StatusCode::OK,
                    Shown {
                        with_code: true,
                        message,
                        ..shown
                    },
                )
                .await
            }
            Err(error) => {
                let problem = Problem::from(error);
                let message = Some(language.choose(&problem.german, &problem.english));
                let mut response = self
                    .entrance(language, problem.status, Shown { message, ..shown })
                    .await;
                if let Some(seconds) = problem.retry_after {
                    response
                        .headers_mut()
                        .insert(header::RETRY_AFTER, seconds.into());
                }
                response
            }
        }
    }

    async fn entrance(&self, language: Language, status: StatusCode, shown: Shown<'_>) -> Response {
        let own = vec![
            ("login", Fill::Text(shown.login)),
            ("next", Fill::Text(shown.next)),
            ("message", Fill::Markup(message(shown.message))),
            (
                "code_open",
                Fill::Markup(if shown.with_code {
                    " open".into()
                } else {
                    String::new()
                }),
            ),
        ];
        let mut response = self.page(LOGIN, language, "/login", own).await;
        *response.status_mut() = status;
        response
    }
}

/// Where to go after signing in: into the app, never to another site.
fn onward(next: &str) -> &str {
    let inside = next == "/app" || next.starts_with("/app/") || next.starts_with("/app?");
    if inside && !next.contains(['\\', '\t', '\n', '\r']) {
        next
    } else {
        "/app"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_into_the_app_and_nowhere_else() {
        for (next, to) in [
            ("/app/files", "/app/files"),
            ("", "/app"),
            ("//evil.example", "/app"),
            ("https://evil.example", "/app"),
            ("/app\\@evil", "/app"),
            ("/application", "/app"),
        ] {
            assert_eq!(onward(next), to, "{next}");
        }
    }
}
