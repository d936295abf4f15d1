//! What the new machine answers the old one. Whoever gets here has the code's secret: that is what TLS has checked.

use super::Point;
use super::secrets::{LARGEST, sync, unpack};
use super::wire::{Build, FORMAT, HASH, Hello, PROGRESS, Sealed, State, Status, Welcome};
use super::work::{Pairing, Seal, Work};
use age::x25519::Identity;
use anyhow::{Context, Result};
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Path as PathOf, State as Held};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use edge_kernel::Clock;
use events_proof::tree::to_hex;
use futures::StreamExt;
use ring::digest::{Context as Digest, SHA256};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// The folders that objects lie in.
const FOLDERS: [&str; 6] = [
    "blobs",
    "segments",
    "beside",
    "kept",
    "erasures",
    "manifests",
];
/// No object is larger: files have a limit of their own on the old machine.
const LARGEST_OBJECT: u64 = 1 << 40;

/// What is to be done beside answering.
pub(super) enum Job {
    /// Build what has arrived.
    Build { whole: bool },
    /// The seal has arrived.
    Sealed,
    /// The old machine has destroyed its keys.
    Confirmed,
    /// A drill stopped it.
    Stopped(anyhow::Error),
}

/// What answering needs.
pub(super) struct Desk {
    pub(super) work: Work,
    pub(super) pairing: Mutex<Pairing>,
    identity: Identity,
    status: Mutex<Status>,
    jobs: UnboundedSender<Job>,
    /// What the old machine is bringing, how far it has come, and of how much.
    brought: Mutex<(String, u64, u64)>,
    parts: AtomicU64,
    point: Point,
}

/// What is not done, in words for the operator of the old machine.
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        let is_full = error.chain().any(|cause| {
            let io = cause.downcast_ref::<std::io::Error>();
            io.is_some_and(|error| {
                matches!(
                    error.kind(),
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded
                )
            })
        });
        match is_full {
            true => Self(StatusCode::INSUFFICIENT_STORAGE, "the disk of the new machine is full; make room there, and type the same command again".to_owned()),
            false => Self(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")),
        }
    }
}

type Answered<T> = Result<T, Refusal>;

impl Desk {
    pub(super) fn new(
        work: Work,
        pairing: Pairing,
        is_sealed: bool,
        jobs: UnboundedSender<Job>,
        point: Point,
    ) -> Self {
        Self {
            work,
            pairing: Mutex::new(pairing),
            identity: Identity::generate(),
            status: Mutex::new(Status {
                is_sealed,
                state: State::Receiving,
            }),
            jobs,
            brought: Mutex::default(),
            parts: AtomicU64::new(0),
            point,
        }
    }

    pub(super) fn status(&self) -> Status {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set(&self, state: State) {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .state = state;
    }

    /// What the old machine is bringing, for whoever looks at this one.
    pub(super) fn brought(&self) -> (String, u64, u64) {
        self.brought
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Before each step. A drill's error stops this machine, unless it is that of a full disk, which is only told.
    pub(super) fn at(&self, step: &'static str) -> Result<()> {
        (self.point)(step).map_err(|error| {
            let is_full = error.kind() == ErrorKind::StorageFull;
            let told =
                anyhow::Error::from(error).context(format!("stopped before it could {step}"));
            if !is_full {
                let _ = self.jobs.send(Job::Stopped(anyhow::anyhow!(
                    "stopped before it could {step}"
                )));
            }
            told
        })
    }

    /// Nothing more may come once the seal is there: it is being built already.
    fn is_open(&self) -> Answered<()> {
        match self.status() {
            Status {
                is_sealed: true, ..
            } => Err(Refusal(
                StatusCode::CONFLICT,
                "the new machine has the sealed log, and finishes".to_owned(),
            )),
            Status {
                state: State::Working { .. },
                ..
            } => Err(Refusal(
                StatusCode::CONFLICT,
                "the new machine is still building; wait until it is done".to_owned(),
            )),
            Status { .. } => Ok(()),
        }
    }

    fn greet(&self, hello: &Hello) -> Answered<Welcome> {
        let refuse = |text: &str| Refusal(StatusCode::FORBIDDEN, text.to_owned());
        if hello.format != FORMAT {
            return Err(refuse(
                "the new machine runs another version of this program; install the same on both",
            ));
        }
        let mut pairing = self.pairing.lock().unwrap_or_else(PoisonError::into_inner);
        match &pairing.key {
            Some(key) if *key != hello.key => {
                return Err(refuse("this code belongs to the move of another school"));
            }
            Some(_) => {}
            None if Clock::System.now() > pairing.until => {
                return Err(refuse(
                    "the code has expired; type `schulhof move --receive` on the new machine again, which prints a new one",
                ));
            }
            None => {
                self.at("note who moves here")?;
                let mut paired = pairing.clone();
                paired.key = Some(hello.key.clone());
                self.work.keep(&paired)?;
                *pairing = paired;
            }
        }
        let key = self.work.verifier_key(&hello.key)?;
        let recipient = self.identity.to_public().to_string();
        Ok(Welcome { key, recipient })
    }

    /// Takes an object, if it has the hash that it should have.
    async fn take(&self, name: &str, length: u64, hash: &str, body: Body) -> Answered<()> {
        self.at("write an object")?;
        let path = self.work.object(name);
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let number = self.parts.fetch_add(1, Ordering::Relaxed);
        let part = folder.join(format!(".{number}.part"));
        let failed = |error: std::io::Error| {
            Refusal::from(anyhow::Error::from(error).context("writing an object"))
        };
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(failed)?;
        let written = async {
            let mut file = std::fs::File::options()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&part)
                .map_err(failed)?;
            let (mut digest, mut taken) = (Digest::new(&SHA256), 0);
            let mut pieces = body.into_data_stream();
            while let Some(piece) = pieces.next().await {
                let piece = piece.context("the line broke")?;
                taken += piece.len() as u64;
                digest.update(&piece);
                file.write_all(&piece).map_err(failed)?;
            }
            if taken != length || to_hex(digest.finish().as_ref()) != hash {
                return Err(Refusal(
                    StatusCode::BAD_REQUEST,
                    "the object did not arrive whole".to_owned(),
                ));
            }
            file.sync_all().map_err(failed)?;
            self.at("name an object")?;
            std::fs::rename(&part, &path).map_err(failed)?;
            Ok(sync(&folder)?)
        };
        let outcome = written.await;
        if outcome.is_err() {
            // What stays is a file that nobody names.
            let _ = std::fs::remove_file(&part);
        }
        outcome
    }
}

/// Everything that the old machine asks.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/hello", post(hello))
        .route("/secrets", put(secrets))
        .route("/build", post(build))
        .route("/sealed", post(sealed))
        .route("/confirmed", post(confirmed))
        .route("/state", get(state))
        .route(
            "/objects/{*name}",
            put(put_object).get(get_object).delete(remove_object),
        )
        .route("/length/{*name}", post(length))
        .route("/list/{folder}", get(list))
        .layer(DefaultBodyLimit::disable())
        .with_state(desk)
}

async fn hello(Held(desk): Held<Arc<Desk>>, Json(hello): Json<Hello>) -> Answered<Json<Welcome>> {
    desk.greet(&hello).map(Json)
}

async fn secrets(Held(desk): Held<Arc<Desk>>, body: Body) -> Answered<()> {
    desk.is_open()?;
    let sealed = to_bytes(body, usize::try_from(LARGEST).unwrap_or(usize::MAX)).await;
    let sealed = sealed.context("the keys did not arrive")?;
    desk.at("write the keys")?;
    let signing = desk.work.signing()?;
    Ok(unpack(
        &sealed,
        &desk.identity,
        &desk.work.school(),
        &signing,
    )?)
}

async fn build(Held(desk): Held<Arc<Desk>>, Json(asked): Json<Build>) -> Answered<Json<()>> {
    desk.is_open()?;
    desk.set(State::Working {
        what: "restore".to_owned(),
        done: 0,
        of: 1,
    });
    let _ = desk.jobs.send(Job::Build { whole: asked.whole });
    Ok(Json(()))
}

async fn sealed(Held(desk): Held<Arc<Desk>>, Json(asked): Json<Sealed>) -> Answered<Json<()>> {
    if !desk.status().is_sealed {
        desk.is_open()?;
        desk.at("note that the seal is here")?;
        let Sealed { position, root } = asked;
        desk.work.keep_seal(&Seal { position, root })?;
        {
            let mut status = desk.status.lock().unwrap_or_else(PoisonError::into_inner);
            status.is_sealed = true;
            status.state = State::Working {
                what: "restore".to_owned(),
                done: 0,
                of: 1,
            };
        }
        let _ = desk.jobs.send(Job::Sealed);
    }
    Ok(Json(()))
}

async fn confirmed(Held(desk): Held<Arc<Desk>>) -> Json<()> {
    if matches!(desk.status().state, State::Serving { .. }) {
        let _ = desk.jobs.send(Job::Confirmed);
    }
    Json(())
}

async fn state(Held(desk): Held<Arc<Desk>>) -> Json<Status> {
    Json(desk.status())
}

async fn put_object(
    Held(desk): Held<Arc<Desk>>,
    PathOf(name): PathOf<String>,
    headers: HeaderMap,
    body: Body,
) -> Answered<Response> {
    desk.is_open()?;
    let name = checked(&name)?;
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if let [what, done, of] = text(PROGRESS).split(';').collect::<Vec<_>>()[..] {
        let number = |text: &str| text.parse().unwrap_or_default();
        *desk.brought.lock().unwrap_or_else(PoisonError::into_inner) =
            (what.to_owned(), number(done), number(of));
    }
    let length = text(header::CONTENT_LENGTH.as_str())
        .parse()
        .ok()
        .filter(|length| *length <= LARGEST_OBJECT);
    let length: u64 = length.ok_or(Refusal(
        StatusCode::LENGTH_REQUIRED,
        "how long is it?".to_owned(),
    ))?;
    let there = desk
        .work
        .object(name)
        .metadata()
        .ok()
        .map(|file| file.len());
    if there == Some(length) {
        // Its name says what it is; the rest is read so that the line stays usable.
        let mut rest = body.into_data_stream();
        while let Some(Ok(_)) = rest.next().await {}
        return Ok(StatusCode::OK.into_response());
    }
    desk.take(name, length, text(HASH), body).await?;
    Ok(StatusCode::CREATED.into_response())
}

async fn get_object(
    Held(desk): Held<Arc<Desk>>,
    PathOf(name): PathOf<String>,
) -> Answered<Vec<u8>> {
    let name = checked(&name)?;
    match std::fs::read(desk.work.object(name)) {
        Ok(bytes) if !name.starts_with("blobs/") => Ok(bytes),
        Ok(_) | Err(_) => Err(Refusal(
            StatusCode::NOT_FOUND,
            "there is no such object".to_owned(),
        )),
    }
}

async fn remove_object(Held(desk): Held<Arc<Desk>>, PathOf(name): PathOf<String>) -> Answered<()> {
    desk.is_open()?;
    desk.at("remove an object")?;
    match std::fs::remove_file(desk.work.object(checked(&name)?)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(anyhow::Error::from(error).into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn length(Held(desk): Held<Arc<Desk>>, PathOf(name): PathOf<String>) -> Answered<Json<u64>> {
    match desk.work.object(checked(&name)?).metadata() {
        Ok(file) if file.is_file() => Ok(Json(file.len())),
        Ok(_) | Err(_) => Err(Refusal(
            StatusCode::NOT_FOUND,
            "there is no such object".to_owned(),
        )),
    }
}

async fn list(
    Held(desk): Held<Arc<Desk>>,
    PathOf(folder): PathOf<String>,
) -> Answered<Json<Vec<String>>> {
    if !FOLDERS.contains(&folder.as_str()) {
        return Err(Refusal(
            StatusCode::NOT_FOUND,
            "there is no such folder".to_owned(),
        ));
    }
    let mut found = Vec::new();
    let mut waiting = vec![folder];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(desk.work.object(&folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let file = entry.file_name().to_string_lossy().into_owned();
            let name = format!("{folder}/{file}");
            match entry.path().is_dir() {
                true => waiting.push(name),
                false if file.starts_with('.') => {}
                false => found.push(name),
            }
        }
    }
    found.sort();
    Ok(Json(found))
}

/// The name of an object, as both machines write it: a folder, at most one more, and a file.
fn checked(name: &str) -> Answered<&str> {
    let parts: Vec<&str> = name.split('/').collect();
    let is_plain = |part: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && !part.starts_with('.') && part.len() <= 255 && part.bytes().all(allowed)
    };
    let is_known = parts.first().is_some_and(|folder| FOLDERS.contains(folder));
    match is_known && (2..=3).contains(&parts.len()) && parts.iter().all(is_plain) {
        true => Ok(name),
        false => Err(Refusal(
            StatusCode::BAD_REQUEST,
            "this is no name of an object".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn only_names_of_objects_reach_the_disk() {
        for good in [
            "blobs/a7/a7f0-1",
            "segments/0001-2-ab.segment",
            "manifests/01.note",
        ] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "blobs",
            "blobs/",
            "blobs/../x",
            "keys/master.key",
            "blobs/a/b/c",
            "segments/.x",
            "/etc/passwd",
            "segments/a b",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }
}
