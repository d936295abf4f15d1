//! Questions and commands to the school's machine over HTTP, and what can go wrong with them in words. Nothing else in
//! the app calls `fetch`.

use crate::browser;
use crate::json::{self, Garbled};
use crate::store::Kind;
use crate::words::Words;
use events::views::AnyRow;
use events::{Key, Position, Scope};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::pin::Pin;
use uuid::Uuid;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

/// Pauses before an unanswered request is sent again, in milliseconds; a command keeps its key, so that it acts once.
const PAUSES: [i32; 2] = [800, 2500];

/// Why a request was not answered as hoped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// The machine could not be reached.
    Offline,
    /// The code of an area could not be fetched.
    PartMissing,
    /// It answered with a problem after RFC 9457.
    Refused(Problem),
    /// Its answer could not be read.
    Garbled,
}

impl From<Garbled> for Trouble {
    fn from(_: Garbled) -> Self {
        Self::Garbled
    }
}

/// A problem after RFC 9457; `detail` is in the reader's language.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) code: String,
}

impl Trouble {
    /// What to tell the reader.
    pub(crate) fn text(&self, words: &Words) -> String {
        match self {
            Self::Offline => words.common.offline.to_owned(),
            Self::PartMissing => words.common.part_missing.to_owned(),
            Self::Garbled => words.common.garbled.to_owned(),
            Self::Refused(problem) if problem.code == "not_yet" => words.common.not_yet.to_owned(),
            Self::Refused(problem) if !problem.detail.is_empty() => problem.detail.clone(),
            Self::Refused(problem) if !problem.title.is_empty() => problem.title.clone(),
            Self::Refused(_) => words.common.refused.to_owned(),
        }
    }

    fn is_passing(&self) -> bool {
        match self {
            Self::Offline | Self::PartMissing => true,
            Self::Refused(problem) => problem.status == 503 && problem.code != "disk_full",
            Self::Garbled => false,
        }
    }
}

/// One page of a view.
pub(crate) struct Page<R> {
    pub(crate) rows: Vec<Keyed<R>>,
    pub(crate) next: Option<String>,
    pub(crate) position: Position,
}

/// A row with its name in the view.
pub(crate) struct Keyed<R> {
    pub(crate) key: Key,
    pub(crate) row: R,
}

/// A page whose rows are not read yet: what surrounds them is the same for every view, and is compiled once this way.
#[derive(Deserialize)]
struct Unread {
    rows: Vec<UnreadRow>,
    next: Option<String>,
    position: Position,
}

#[derive(Deserialize)]
struct UnreadRow {
    key: Key,
    row: Value,
}

impl Unread {
    fn read<R>(self, read: fn(Value) -> Result<R, Garbled>) -> Result<Page<R>, Trouble> {
        let mut rows = Vec::with_capacity(self.rows.len());
        for UnreadRow { key, row } in self.rows {
            let row = read(row)?;
            rows.push(Keyed { key, row });
        }
        Ok(Page {
            rows,
            next: self.next,
            position: self.position,
        })
    }
}

/// Which rows of a view are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query {
    /// The circle; without it, all of the reader's.
    pub(crate) scope: Option<Scope>,
    /// The beginning of the sort text, such as a folder.
    pub(crate) prefix: String,
    /// Text to find.
    pub(crate) search: String,
    /// Backwards in the view's order.
    pub(crate) backwards: bool,
    /// Rows a page; 0 leaves it to the machine.
    pub(crate) limit: u16,
}

/// A command's answer, as far as every command gives it.
#[derive(Deserialize)]
pub(crate) struct Done {
    pub(crate) position: Position,
}

/// The way to the machine. It remembers how far the reader has written, so that everything they read afterwards shows it.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    written: StoredValue<Position>,
}

impl Ask {
    /// A way on which nothing has been written yet.
    pub(crate) fn new() -> Self {
        Self {
            written: StoredValue::new(0),
        }
    }

    /// The position of the reader's last command.
    pub(crate) fn written(self) -> Position {
        self.written.get_value()
    }

    /// Notes that the reader has written up to a position.
    pub(crate) fn wrote(self, position: Position) {
        self.written
            .update_value(|written| *written = position.max(*written));
    }

    /// Fetches something.
    pub(crate) async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, Trouble> {
        Ok(json::read(&send("GET", path, Extra::default()).await?)?)
    }

    /// Fetches something that takes long, for as long as it is waited for.
    pub(crate) async fn get_while<T: DeserializeOwned>(
        self,
        path: &str,
        waiting: &AbortSignal,
    ) -> Result<T, Trouble> {
        let extra = Extra {
            waiting: Some(waiting),
            ..Extra::default()
        };
        Ok(json::read(&send_once("GET", path, extra).await?)?)
    }

    /// Fetches a page of what a text finds. The text travels in a header: it is mostly a name, and addresses end up in
    /// histories.
    pub(crate) async fn find<R: DeserializeOwned>(
        self,
        path: &str,
        search: &str,
    ) -> Result<Page<R>, Trouble> {
        let unread = self.unread(path, search).await?;
        unread.read(json::read_value)
    }

    async fn unread(self, path: &str, search: &str) -> Result<Unread, Trouble> {
        let search = Some(search.trim()).filter(|text| !text.is_empty());
        let extra = Extra {
            search,
            ..Extra::default()
        };
        Ok(json::read(&send("GET", path, extra).await?)?)
    }

    /// Gives a command whose body is JSON.
    pub(crate) async fn command(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Position, Trouble> {
        self.order::<Done>(path, body)
            .await
            .map(|done| done.position)
    }

    /// Gives a command and reads more of its answer than the position.
    pub(crate) async fn order<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Trouble> {
        let json = serde_json::to_string(body).map_err(|_| Trouble::Garbled)?;
        self.post(path, &JsValue::from_str(&json), "application/json")
            .await
    }

    /// Gives a command whose body is a file's bytes.
    pub(crate) async fn bytes<T: DeserializeOwned>(
        self,
        path: &str,
        body: &JsValue,
    ) -> Result<T, Trouble> {
        self.post(path, body, "application/octet-stream").await
    }

    async fn post<T: DeserializeOwned>(
        self,
        path: &str,
        body: &JsValue,
        media_type: &str,
    ) -> Result<T, Trouble> {
        let extra = Extra {
            body: Some((body, media_type)),
            key: Some(Uuid::new_v4()),
            ..Extra::default()
        };
        let text = send("POST", path, extra).await?;
        if let Ok(done) = json::read::<Done>(&text) {
            self.wrote(done.position);
        }
        Ok(json::read(&text)?)
    }

    /// Ends the session.
    pub(crate) async fn sign_out(self) -> Result<(), Trouble> {
        send("DELETE", "/api/session", Extra::default())
            .await
            .map(drop)
    }

    /// Fetches a page of a view that is at least as new as `at_least` and as the reader's own commands.
    pub(crate) async fn page(
        self,
        kind: Kind,
        query: &Query,
        after: Option<&str>,
        at_least: Position,
    ) -> Result<Page<AnyRow>, Trouble> {
        let mut url = self.view_url(kind, query.scope, at_least);
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                url.push_str(&format!("&{name}={}", browser::encoded(value)));
            }
        };
        add("prefix", &query.prefix);
        add("after", after.unwrap_or_default());
        if query.backwards {
            add("order", "desc");
        }
        if query.limit > 0 {
            add("limit", &query.limit.to_string());
        }
        self.unread(&url, &query.search).await?.read(kind.read)
    }

    /// Fetches single rows of a view; those that are not there, or not the reader's, are missing from the answer.
    pub(crate) async fn rows(
        self,
        kind: Kind,
        scope: Option<Scope>,
        keys: &[Key],
        at_least: Position,
    ) -> Result<Page<AnyRow>, Trouble> {
        let mut url = self.view_url(kind, scope, at_least);
        url.push_str(&format!("&keys={}", browser::encoded(&keys.join(","))));
        self.unread(&url, "").await?.read(kind.read)
    }

    fn view_url(self, kind: Kind, scope: Option<Scope>, at_least: Position) -> String {
        let at_least = at_least.max(self.written());
        let mut url = format!(
            "/api/{}/{}?at_least={at_least}",
            kind.view.module, kind.view.name
        );
        if let Some(scope) = scope {
            url.push_str(&format!("&scope={}", browser::encoded(&scope.to_string())));
        }
        url
    }
}

/// What goes with a request beside its path.
#[derive(Clone, Copy, Default)]
struct Extra<'a> {
    /// The body and its media type.
    body: Option<(&'a JsValue, &'a str)>,
    key: Option<Uuid>,
    search: Option<&'a str>,
    /// What breaks it off when nobody waits for the answer any more.
    waiting: Option<&'a AbortSignal>,
}

/// Without its type: it is a part of every question's own state, of which there are dozens.
fn send<'a>(
    method: &'a str,
    path: &'a str,
    extra: Extra<'a>,
) -> Pin<Box<dyn Future<Output = Result<String, Trouble>> + 'a>> {
    Box::pin(send_again(method, path, extra))
}

async fn send_again(method: &str, path: &str, extra: Extra<'_>) -> Result<String, Trouble> {
    let mut pauses = PAUSES.iter();
    loop {
        let answer = send_once(method, path, extra).await;
        match (&answer, pauses.next()) {
            (Err(trouble), Some(pause)) if trouble.is_passing() => browser::wait(*pause).await,
            _ => return answer,
        }
    }
}

async fn send_once(method: &str, path: &str, extra: Extra<'_>) -> Result<String, Trouble> {
    let init = RequestInit::new();
    init.set_method(method);
    let headers = Headers::new().map_err(|_| Trouble::Garbled)?;
    let set = |name: &str, value: &str| headers.set(name, value).map_err(|_| Trouble::Garbled);
    set("Accept", "application/json")?;
    if method != "GET" {
        set("X-Schulhof", "1")?;
    }
    if let Some(search) = extra.search {
        set("X-Search", &browser::encoded(search))?;
    }
    if let Some(key) = extra.key {
        set("Idempotency-Key", &key.to_string())?;
    }
    if let Some((body, media_type)) = extra.body {
        set("Content-Type", media_type)?;
        init.set_body(body);
    }
    init.set_headers(&headers);
    init.set_signal(extra.waiting);
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &init))
        .await
        .map_err(|_| Trouble::Offline)?;
    let response: Response = response.dyn_into().map_err(|_| Trouble::Garbled)?;
    let text = response.text().map_err(|_| Trouble::Offline)?;
    let text = JsFuture::from(text).await.map_err(|_| Trouble::Offline)?;
    let text = text.as_string().unwrap_or_default();
    judge(response.status(), text)
}

/// Tells an answer from a problem. Whoever is no longer signed in is led to the login page.
pub(crate) fn judge(status: u16, text: String) -> Result<String, Trouble> {
    if (200..300).contains(&status) {
        return Ok(text);
    }
    if status == 401 {
        browser::go_to_login();
    }
    let mut problem: Problem = json::read(&text).unwrap_or_default();
    problem.status = status;
    Err(Trouble::Refused(problem))
}
