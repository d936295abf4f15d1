//! The objects that the old machine brings: taken whole or not at all, and named so that no name leaves its folder.

use super::desk::{Answered, Desk, Refusal};
use super::secrets::sync;
use super::wire::{HASH, PROGRESS};
use anyhow::Context;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path as PathOf, State as Held};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use events_proof::tree::to_hex;
use futures::StreamExt;
use ring::digest::{Context as Digest, SHA256};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

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

impl Desk {
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

pub(super) async fn put_object(
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

pub(super) async fn get_object(
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

pub(super) async fn remove_object(
    Held(desk): Held<Arc<Desk>>,
    PathOf(name): PathOf<String>,
) -> Answered<()> {
    desk.is_open()?;
    desk.at("remove an object")?;
    match std::fs::remove_file(desk.work.object(checked(&name)?)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(anyhow::Error::from(error).into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

pub(super) async fn length(
    Held(desk): Held<Arc<Desk>>,
    PathOf(name): PathOf<String>,
) -> Answered<Json<u64>> {
    match desk.work.object(checked(&name)?).metadata() {
        Ok(file) if file.is_file() => Ok(Json(file.len())),
        Ok(_) | Err(_) => Err(Refusal(
            StatusCode::NOT_FOUND,
            "there is no such object".to_owned(),
        )),
    }
}

pub(super) async fn list(
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
