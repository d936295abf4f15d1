//! `/setup`: the school's name and its first administrator, by the one-time link that the server printed.

use super::template::{Fill, message};
use super::{NOT_FOUND, Pages};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use edge_accounts::{Entry, Visit};
use edge_kernel::http::{Language, Problem};
use events::accounts::PersonName;
use serde::Deserialize;

const SETUP: &str = include_str!("setup.html");

#[derive(Deserialize)]
pub(super) struct Arriving {
    #[serde(default)]
    token: String,
}

/// Shows the form to whoever has the link.
pub(super) async fn show(
    State(pages): State<Pages>,
    Query(arriving): Query<Arriving>,
    headers: HeaderMap,
) -> Response {
    match pages.accounts.may_set_up(&arriving.token).await {
        Ok(true) => {
            let form = Founding {
                token: arriving.token,
                ..Founding::default()
            };
            pages
                .setup(Language::of(&headers), StatusCode::OK, &form, None)
                .await
        }
        Ok(false) => {
            pages
                .notice(&headers, StatusCode::NOT_FOUND, &NOT_FOUND)
                .await
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Founding {
    token: String,
    school: String,
    given: String,
    family: String,
    login: String,
    password: String,
}

/// Takes the form, founds the school, and signs its first administrator in.
pub(super) async fn found(
    State(pages): State<Pages>,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<Founding>,
) -> Response {
    let language = Language::of(&headers);
    let name = PersonName {
        given: form.given.trim().to_owned(),
        family: form.family.trim().to_owned(),
    };
    let accounts = &pages.accounts;
    if let Err(error) = accounts
        .set_up(&form.token, &form.school, &form.login, name, &form.password)
        .await
    {
        let problem = Problem::from(error);
        let text = language
            .choose(&problem.german, &problem.english)
            .to_owned();
        return pages
            .setup(language, problem.status, &form, Some(&text))
            .await;
    }
    match accounts.sign_in(&form.login, &form.password, &visit).await {
        Ok(Entry::In(entered)) => {
            let mut response = Redirect::to("/app").into_response();
            for cookie in entered.cookies(&visit) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        // The school stands; signing in can be tried again by hand.
        Ok(Entry::ChoosePassword) | Err(_) => Redirect::to("/login").into_response(),
    }
}

impl Pages {
    async fn setup(
        &self,
        language: Language,
        status: StatusCode,
        form: &Founding,
        text: Option<&str>,
    ) -> Response {
        let own = vec![
            ("token", Fill::Text(&form.token)),
            ("school_name", Fill::Text(&form.school)),
            ("given", Fill::Text(&form.given)),
            ("family", Fill::Text(&form.family)),
            ("login", Fill::Text(&form.login)),
            ("message", Fill::Markup(message(text))),
        ];
        let mut response = self
            .page(
                SETUP,
                language,
                &format!("/setup%3Ftoken%3D{}", form.token),
                own,
            )
            .await;
        *response.status_mut() = status;
        response
    }
}
