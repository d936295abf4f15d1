//! A school on a real kernel in a folder of its own, and requests through the module's routes as the root would pass them.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use edge_accounts::{Accounts, Arrival, Entry, Visit};
use edge_kernel::unit::Order;
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel};
use events::accounts::{PersonName, Role, Way};
use events::ids::PersonId;
use serde_json::Value;
use std::net::SocketAddr;
use tempfile::TempDir;
use tower::ServiceExt;

/// A Monday in November 2026.
const MONDAY: u64 = 1_795_420_800_000;
/// A password that nobody's rule refuses.
pub(crate) const PASSWORD: &str = "korrekt-pferd-batterie";

pub(crate) struct House {
    directory: TempDir,
    pub(crate) clock: Clock,
    pub(crate) kernel: Kernel,
    pub(crate) accounts: Accounts,
    /// Where requests come from; nowhere until a test says so.
    pub(crate) address: Option<SocketAddr>,
    router: Router,
}

/// An answer of the router.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) cookies: Vec<String>,
    pub(crate) retry_after: Option<u64>,
}

impl Answer {
    /// The stable word of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The cookies as a browser would send them back.
    pub(crate) fn jar(&self) -> String {
        let pairs = self
            .cookies
            .iter()
            .filter_map(|cookie| cookie.split(';').next());
        pairs.collect::<Vec<_>>().join("; ")
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        Self::at(directory, Clock::manual(MONDAY)).await
    }

    async fn at(directory: TempDir, clock: Clock) -> Self {
        let views = Accounts::views(Registry::default());
        let kernel = Kernel::open(directory.path(), clock.clone(), views, &|_, _, _| {})
            .await
            .expect("opens");
        let accounts = Accounts::new(kernel.clone());
        let (router, _) = accounts.routes().into_parts();
        Self {
            directory,
            clock,
            kernel,
            accounts,
            address: None,
            router,
        }
    }

    /// Closes the house and opens it again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        let Self {
            directory,
            clock,
            kernel,
            accounts,
            router,
            ..
        } = self;
        drop((accounts, router));
        let Kernel { ledger, views, .. } = kernel;
        views.close().await;
        drop(views);
        ledger.close().await;
        Self::at(directory, clock).await
    }

    pub(crate) fn later(&self, millis: u64) {
        self.clock.set(self.clock.now() + millis);
    }

    /// Somebody with a password.
    pub(crate) async fn person(&self, given: &str, family: &str, role: Role) -> (PersonId, String) {
        let name = PersonName {
            given: given.to_owned(),
            family: family.to_owned(),
        };
        let order = Order::by(Actor::Machine);
        let added = self
            .accounts
            .add_person(order, name, vec![role], None)
            .await
            .expect("is added");
        let chosen = self
            .accounts
            .set_password(added.person, PASSWORD.to_owned());
        chosen.await.expect("has a password");
        (added.person, added.login)
    }

    /// Signs somebody in on a new device; the cookies.
    pub(crate) async fn enter(&self, login: &str) -> String {
        match self
            .accounts
            .sign_in(login, PASSWORD, &Visit::default())
            .await
            .expect("signs in")
        {
            Entry::In(entered) => {
                let cookies = entered.cookies(&Visit::default());
                let text =
                    |cookie: &header::HeaderValue| cookie.to_str().expect("ASCII").to_owned();
                let pairs: Vec<String> = cookies.iter().map(text).collect();
                let first =
                    |cookie: &String| cookie.split(';').next().unwrap_or_default().to_owned();
                pairs.iter().map(first).collect::<Vec<_>>().join("; ")
            }
            Entry::ChoosePassword => panic!("a password was given"),
        }
    }

    pub(crate) async fn get(&self, jar: &str, path: &str) -> Answer {
        self.ask("GET", jar, path, Body::empty()).await
    }

    /// Searches a view for an unaccented word.
    pub(crate) async fn search(&self, jar: &str, path: &str, word: &str) -> Answer {
        let headers = [("x-search", word)];
        self.ask_with("GET", jar, path, &headers, Body::empty())
            .await
    }

    pub(crate) async fn post(&self, jar: &str, path: &str, body: Value) -> Answer {
        self.ask("POST", jar, path, Body::from(body.to_string()))
            .await
    }

    /// A request with cookies, its session resolved as the root's middleware does.
    pub(crate) async fn ask(&self, method: &str, jar: &str, path: &str, body: Body) -> Answer {
        self.ask_with(method, jar, path, &[], body).await
    }

    async fn ask_with(
        &self,
        method: &str,
        jar: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let plain = Request::builder();
        let mut request = headers
            .iter()
            .fold(plain, |request, (name, value)| {
                request.header(*name, *value)
            })
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::USER_AGENT,
                "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            )
            .header(header::COOKIE, jar)
            .body(body)
            .expect("a request");
        request.extensions_mut().insert(Arrival {
            way: Way::Relay,
            secure: true,
        });
        if let Some(address) = self.address {
            request.extensions_mut().insert(ConnectInfo(address));
        }
        let token = jar
            .split("; ")
            .find_map(|pair| pair.strip_prefix("schulhof="));
        if let Some(token) = token
            && let Some(asker) = self.accounts.identify(token, Way::Relay).await
        {
            request.extensions_mut().insert(asker);
        }
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("is answered");
        let status = response.status();
        let cookies = response.headers().get_all(header::SET_COOKIE).iter();
        let cookies = cookies
            .map(|cookie| cookie.to_str().expect("ASCII").to_owned())
            .collect();
        let retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let bytes = to_bytes(response.into_body(), 64 << 20)
            .await
            .expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer {
            status,
            body,
            cookies,
            retry_after,
        }
    }
}
