//! The new machine as the old one sees it: a place for objects, and some questions. One connection is kept and made anew when it
//! breaks; every request can be asked twice.

use super::Code;
use super::tls::connector;
use super::wire::{Build, FORMAT, HASH, Hello, PROGRESS, Sealed, Status, Welcome};
use anyhow::{Context, Result, bail, ensure};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bytes::Bytes;
use events_proof::tree::to_hex;
use futures::{Stream, StreamExt};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use ring::digest::{Context as Digest, SHA256};
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
    hash: Mutex<Option<String>>,
}

/// What a request was answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Remote {
    pub(super) fn new(code: &Code) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            address: code.address.clone(),
            tls: connector(code)?,
            line: tokio::sync::Mutex::default(),
            progress: Mutex::default(),
            hash: Mutex::default(),
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

    async fn ask(&self, method: Method, path: &str, body: Body, length: u64) -> Result<Answer> {
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
            .header(header::CONTENT_LENGTH, length)
            .header(PROGRESS, progress)
            .body(body)?;
        let patience = PATIENCE + Duration::from_secs(length / SLOWEST);
        let answered = tokio::time::timeout(patience, async {
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = to_bytes(Body::new(response.into_body()), LONGEST).await?;
            anyhow::Ok(Answer {
                status,
                headers,
                body,
            })
        });
        let answer = answered
            .await
            .context("the new machine does not answer any more")?;
        let answer = answer.context("the connection to the new machine broke")?;
        *line = Some(sender);
        Ok(answer)
    }

    async fn done(&self, method: Method, path: &str, body: Body, length: u64) -> Result<Answer> {
        let answer = self.ask(method, path, body, length).await?;
        ensure!(
            answer.status.is_success(),
            "the new machine refuses: {}",
            String::from_utf8_lossy(&answer.body).trim()
        );
        Ok(answer)
    }

    async fn say<T: DeserializeOwned>(&self, path: &str, what: &impl Serialize) -> Result<T> {
        let body = serde_json::to_vec(what)?;
        let length = body.len() as u64;
        let answer = self.done(Method::POST, path, body.into(), length).await?;
        serde_json::from_slice(&answer.body).context("the new machine answers what this one does not understand; install the same version on both")
    }

    pub(super) async fn hello(&self, key: String) -> Result<Welcome> {
        self.say(
            "/hello",
            &Hello {
                format: FORMAT,
                key,
            },
        )
        .await
    }

    pub(super) async fn secrets(&self, sealed: Vec<u8>) -> Result<()> {
        let length = sealed.len() as u64;
        self.done(Method::PUT, "/secrets", sealed.into(), length)
            .await
            .map(drop)
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
        let answer = self.done(Method::GET, "/state", Body::empty(), 0).await?;
        serde_json::from_slice(&answer.body).context("the new machine answers what this one does not understand; install the same version on both")
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
        let hash = to_hex(ring::digest::digest(&SHA256, &content).as_ref());
        let length = content.len() as u64;
        if length > LARGE && self.length(name).await? == Some(length) {
            return Ok(false);
        }
        let answer = self
            .done(Method::PUT, &object(name), content.into(), length)
            .await?;
        arrived(name, &answer, Some(&hash))?;
        Ok(answer.status == StatusCode::CREATED)
    }

    pub(crate) async fn put_stream(
        self: &Arc<Self>,
        name: &str,
        length: u64,
        content: impl Stream<Item = Result<Bytes>> + Send + 'static,
    ) -> Result<bool> {
        if self.length(name).await? == Some(length) {
            return Ok(false);
        }
        // The stream goes to the connection, and its hash comes back here.
        *self.hash.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let me = Arc::clone(self);
        let content = content.map(Some).chain(futures::stream::iter([None]));
        let mut digest = Digest::new(&SHA256);
        let hashed = content.filter_map(move |piece| {
            if let Some(Ok(bytes)) = &piece {
                digest.update(bytes);
            } else if piece.is_none() {
                let hash = to_hex(digest.clone().finish().as_ref());
                *me.hash.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
            }
            std::future::ready(piece)
        });
        let answer = self
            .done(
                Method::PUT,
                &object(name),
                Body::from_stream(hashed),
                length,
            )
            .await?;
        let hash = self
            .hash
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        arrived(name, &answer, hash.as_deref())?;
        Ok(answer.status == StatusCode::CREATED)
    }

    pub(crate) async fn length(&self, name: &str) -> Result<Option<u64>> {
        let answer = self
            .ask(Method::POST, &format!("/length/{name}"), Body::empty(), 0)
            .await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::OK => Ok(Some(serde_json::from_slice(&answer.body)?)),
            other => bail!("the new machine answers {other}"),
        }
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Bytes> {
        Ok(self
            .done(Method::GET, &object(name), Body::empty(), 0)
            .await?
            .body)
    }

    pub(crate) async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let path = format!("/list/{folder}");
        let answer = self.done(Method::GET, &path, Body::empty(), 0).await?;
        Ok(serde_json::from_slice(&answer.body)?)
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<()> {
        self.done(Method::DELETE, &object(name), Body::empty(), 0)
            .await
            .map(drop)
    }
}

fn object(name: &str) -> String {
    format!("/objects/{name}")
}

/// What arrived is what was sent, or it was there before.
fn arrived(name: &str, answer: &Answer, sent: Option<&str>) -> Result<()> {
    let hash = answer.headers.get(HASH).and_then(|hash| hash.to_str().ok());
    let is_whole = answer.status == StatusCode::OK || hash.is_some() && hash == sent;
    ensure!(is_whole, "{name} did not arrive whole");
    Ok(())
}
