//! The new machine as the old one sees it: a place for objects, and some questions. One connection is kept and made anew when it
//! breaks; every request can be asked twice.

use super::Code;
use super::tls::connector;
use super::wire::{Build, FORMAT, HASH, Hello, PROGRESS, Sealed, Status, Welcome};
use anyhow::{Context, Result, bail, ensure};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use bytes::Bytes;
use events_proof::tree::to_hex;
use futures::Stream;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use ring::digest::{SHA256, digest};
use rustls::pki_types::ServerName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long connecting, and an answer to a short question, may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes a second that the slowest line carries.
const SLOWEST: u64 = 50 << 10;
/// Objects from this size on are asked for before they are sent again.
const LARGE: u64 = 16 << 10;
/// Bytes of an answer: names of all files of a school.
const LONGEST: usize = 256 << 20;

/// The new machine.
pub(crate) struct Remote {
    address: String,
    tls: TlsConnector,
    line: tokio::sync::Mutex<Option<SendRequest<Body>>>,
    progress: Mutex<String>,
}

/// What a request was answered.
struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Remote {
    pub(super) fn new(code: &Code) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            address: code.address.clone(),
            tls: connector(code)?,
            line: tokio::sync::Mutex::default(),
            progress: Mutex::default(),
        }))
    }

    async fn connect(&self) -> Result<SendRequest<Body>> {
        let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(&self.address));
        let stream = stream
            .await
            .context("it does not answer")
            .and_then(|stream| Ok(stream?));
        let stream = stream.with_context(|| format!("the new machine cannot be reached at {}; does `schulhof move --receive` run there, and is the port open?", self.address))?;
        let _ = stream.set_nodelay(true);
        let name = ServerName::try_from("schulhof-move")?;
        let secured = tokio::time::timeout(PATIENCE, self.tls.connect(name, stream)).await;
        let secured = secured.context("the new machine does not answer")?;
        let secured = secured.with_context(|| format!("{} is not the machine that has printed this code; compare the code with what it shows now", self.address))?;
        let (sender, connection) = http1::handshake(TokioIo::new(secured)).await?;
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }

    async fn ask(&self, method: Method, path: &str, sent: Sent) -> Result<Answer> {
        let mut line = self.line.lock().await;
        let mut sender = match line.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let progress = self
            .progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "schulhof-move")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, sent.length)
            .header(HASH, sent.hash)
            .header(PROGRESS, progress)
            .body(sent.body)?;
        let patience = PATIENCE + Duration::from_secs(sent.length / SLOWEST);
        let answered = tokio::time::timeout(patience, async {
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = to_bytes(Body::new(response.into_body()), LONGEST).await?;
            anyhow::Ok(Answer { status, body })
        });
        let answer = answered
            .await
            .context("the new machine does not answer any more")?;
        let answer = answer.context("the connection to the new machine broke")?;
        *line = Some(sender);
        Ok(answer)
    }

    async fn done(&self, method: Method, path: &str, sent: Sent) -> Result<Answer> {
        let answer = self.ask(method, path, sent).await?;
        ensure!(
            answer.status.is_success(),
            "the new machine refuses: {}",
            String::from_utf8_lossy(&answer.body).trim()
        );
        Ok(answer)
    }

    async fn say<T: DeserializeOwned>(&self, path: &str, what: &impl Serialize) -> Result<T> {
        let sent = Sent::bytes(serde_json::to_vec(what)?.into());
        understood(&self.done(Method::POST, path, sent).await?)
    }

    pub(super) async fn hello(&self, key: String, bytes: u64) -> Result<Welcome> {
        let format = FORMAT;
        self.say("/hello", &Hello { format, key, bytes }).await
    }

    pub(super) async fn secrets(&self, sealed: Vec<u8>) -> Result<()> {
        let sent = Sent::bytes(sealed.into());
        self.done(Method::PUT, "/secrets", sent).await.map(drop)
    }

    pub(super) async fn build(&self, whole: bool) -> Result<()> {
        self.say("/build", &Build { whole }).await
    }

    pub(super) async fn sealed(&self, position: u64, root: String) -> Result<()> {
        self.say("/sealed", &Sealed { position, root }).await
    }

    pub(super) async fn confirm(&self) -> Result<()> {
        self.say("/confirmed", &()).await
    }

    pub(super) async fn status(&self) -> Result<Status> {
        understood(&self.done(Method::GET, "/state", Sent::nothing()).await?)
    }

    /// What the new machine shows while objects come.
    pub(super) fn show(&self, what: &str, done: u64, of: u64) {
        let text = format!("{what};{done};{of}");
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// The new machine as a place for objects.
impl Remote {
    pub(crate) async fn put(&self, name: &str, content: Bytes) -> Result<bool> {
        let length = content.len() as u64;
        if length > LARGE && self.length(name).await? == Some(length) {
            return Ok(false);
        }
        let answer = self
            .done(Method::PUT, &object(name), Sent::bytes(content))
            .await?;
        Ok(answer.status == StatusCode::CREATED)
    }

    /// The other machine takes nothing whose hash is not the one that is told.
    pub(crate) async fn put_stream(
        &self,
        name: &str,
        length: u64,
        sha256: &str,
        content: impl Stream<Item = Result<Bytes>> + Send + 'static,
    ) -> Result<bool> {
        if self.length(name).await? == Some(length) {
            return Ok(false);
        }
        let (body, hash) = (Body::from_stream(content), sha256.to_owned());
        let sent = Sent { body, length, hash };
        let answer = self.done(Method::PUT, &object(name), sent).await?;
        Ok(answer.status == StatusCode::CREATED)
    }

    pub(crate) async fn length(&self, name: &str) -> Result<Option<u64>> {
        let path = format!("/length/{name}");
        let answer = self.ask(Method::POST, &path, Sent::nothing()).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::OK => understood(&answer).map(Some),
            other => bail!("the new machine answers {other}"),
        }
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Bytes> {
        let answer = self
            .done(Method::GET, &object(name), Sent::nothing())
            .await?;
        Ok(answer.body)
    }

    pub(crate) async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let path = format!("/list/{folder}");
        understood(&self.done(Method::GET, &path, Sent::nothing()).await?)
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<()> {
        let removed = self
            .done(Method::DELETE, &object(name), Sent::nothing())
            .await;
        removed.map(drop)
    }
}

/// What goes with a request.
struct Sent {
    body: Body,
    length: u64,
    /// SHA-256 in hexadecimal digits.
    hash: String,
}

impl Sent {
    fn nothing() -> Self {
        Self::bytes(Bytes::new())
    }

    fn bytes(bytes: Bytes) -> Self {
        let hash = to_hex(digest(&SHA256, &bytes).as_ref());
        let length = bytes.len() as u64;
        Self {
            body: bytes.into(),
            length,
            hash,
        }
    }
}

fn understood<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    serde_json::from_slice(&answer.body).context("the new machine answers what this one does not understand; install the same version on both")
}

fn object(name: &str) -> String {
    format!("/objects/{name}")
}
