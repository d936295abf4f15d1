//! A program that speaks to Schulhof over HTTP, one per person and device: it keeps its cookies and gives back status,
//! headers and body. What an answer should be is the test's affair.

use reqwest::cookie::Jar;
use reqwest::header::HeaderMap;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder};
use serde_json::{Value, json};
use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, Once};
use std::time::Duration;
use uuid::Uuid;

/// No answer takes longer than this, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// One device of one person.
#[derive(Clone)]
pub struct Api {
    client: Client,
    cookies: Arc<Jar>,
    /// Scheme, name and port.
    site: String,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// One TLS provider for the whole process, whoever needs it first.
pub fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It fails only when somebody has installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

impl Api {
    /// A device that is new to the server at an address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self::with(Client::builder(), format!("http://{address}"))
    }

    /// A device at home: it knows the school's name, finds it at `address`, and trusts the school's own authority.
    ///
    /// # Panics
    /// When `authority` is no certificate in PEM.
    #[must_use]
    pub fn from_home(name: &str, address: SocketAddr, authority: &[u8]) -> Self {
        let authority = reqwest::Certificate::from_pem(authority).expect("a certificate in PEM");
        let trusting = Client::builder()
            .tls_certs_only([authority])
            .resolve(name, address);
        Self::with(trusting, format!("https://{name}:{}", address.port()))
    }

    fn with(client: ClientBuilder, site: String) -> Self {
        install_tls();
        let cookies = Arc::new(Jar::default());
        let client = client
            .no_proxy()
            .cookie_provider(Arc::clone(&cookies))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .expect("the client needs nothing that could be missing");
        Self {
            client,
            cookies,
            site,
        }
    }

    /// The same device after the server has moved to another port; it keeps its cookies.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> Self {
        Self {
            site: format!("http://{address}"),
            ..self.clone()
        }
    }

    /// A new device that brings the cookies of this one: what a copied cookie can do.
    #[must_use]
    pub fn copied(&self) -> Self {
        let copy = Self::with(Client::builder(), self.site.clone());
        if let Some(cookie) = self.cookie() {
            copy.set_cookie(&cookie);
        }
        copy
    }

    /// The cookies that go with the next request, as one header line.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        use reqwest::cookie::CookieStore as _;
        let url = self.url("/").parse().expect("our own address is a URL");
        let line = self.cookies.cookies(&url)?;
        line.to_str().ok().map(str::to_owned)
    }

    /// Adds a cookie, written `name=value`.
    pub fn set_cookie(&self, cookie: &str) {
        let url = self.url("/").parse().expect("our own address is a URL");
        for one in cookie.split("; ") {
            self.cookies.add_cookie_str(&format!("{one}; Path=/"), &url);
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// A request to be filled and sent with [`Api::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer {
            status,
            headers,
            body: response.bytes().await?.to_vec(),
        })
    }

    /// Sends a request to a server that must be there.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let sent = self.try_send(request).await;
        sent.unwrap_or_else(|error| panic!("no answer from the server: {error:?}"))
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Asks for something with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Ends something.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, login: &str, password: &str) -> Answer {
        self.post(
            "/api/session",
            &json!({ "login": login, "password": password }),
        )
        .await
    }

    /// Says something in a room; gives the answer to the command.
    pub async fn say(&self, room: impl Display, author: impl Display, text: &str) -> Answer {
        let command = message(Uuid::new_v4(), author, text);
        self.post(&format!("/api/messenger/rooms/{room}/command"), &command)
            .await
    }

    /// Searches a view.
    pub async fn search(&self, view: &str, text: &str) -> Answer {
        let request = self.request(Method::GET, view);
        self.send(request.header("x-search", encoded(text))).await
    }

    /// Uploads a file to the top of a space.
    pub async fn upload(&self, space: impl Display, name: &str, content: &[u8]) -> Answer {
        let request = self.upload_request(space, name);
        self.send(
            request
                .header("content-type", "text/plain")
                .body(content.to_vec()),
        )
        .await
    }

    /// An upload to the top of a space, to be given a body.
    pub fn upload_request(&self, space: impl Display, name: &str) -> RequestBuilder {
        let path = format!("/api/files/spaces/{space}/upload");
        let named = format!("attachment; filename*=UTF-8''{}", encoded(name));
        self.request(Method::POST, &path)
            .header("content-disposition", named)
    }

    /// All rows of a view query, page by page. `query` is what stands behind the question mark, perhaps nothing.
    pub async fn rows(&self, view: &str, query: &str) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), None::<String>);
        loop {
            let mut request = self.request(Method::GET, &format!("/api/{view}?{query}"));
            request = request.query(&[("limit", "500")]);
            if let Some(after) = &after {
                request = request.query(&[("after", after)]);
            }
            let page = self.send(request).await.ok();
            rows.extend(
                page["rows"]
                    .as_array()
                    .expect("a page has rows")
                    .iter()
                    .cloned(),
            );
            match page["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => return rows,
            }
        }
    }
}

/// Percent-encoded, as headers carry names and words.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The command that says something.
#[must_use]
pub fn message(message: Uuid, author: impl Display, text: &str) -> Value {
    json!({ "SendMessage": { "message": message, "author": author.to_string(), "text": text } })
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}; status {}, body: {}", self.status, self.text())
        })
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of an answer that must be a success.
    pub fn ok(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "status {}: {}",
            self.status,
            self.text()
        );
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The stable word of a problem; empty when the answer is none.
    #[must_use]
    pub fn code(&self) -> String {
        let body: Option<Value> = serde_json::from_slice(&self.body).ok();
        body.and_then(|body| body["code"].as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// A header as text; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}
