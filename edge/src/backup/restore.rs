//! A data directory out of a backup and the keys. It is built under another name and takes its own only when everything is there
//! and proven; whoever was cut off begins again and finds the files that are there already.

use super::manifest::{self, Manifest, is_named_by};
use super::target::Target;
use super::{blobs, keys};
use crate::places::Places;
use crate::private;
use anyhow::{Context, Result, bail, ensure};
use edge_kernel::Clock;
use edge_kernel::blobs::Blobs;
use edge_kernel::database::Server;
use edge_kernel::keyring::Keyring;
use edge_kernel::ledger::segment::{SegmentName, SegmentReader};
use edge_kernel::ledger::{Ledger, Opening, Restore, verifier_key};
use events::Position;
use events_proof::tree::to_hex;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Problems named; after so many the picture is clear.
const LISTED: usize = 100;

type Progress<'a> = &'a (dyn Fn(&str, u64, u64) + Sync);

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many events.
    pub size: Position,
    /// The root over them, in hexadecimal digits: that of the signed checkpoint.
    pub root: String,
    /// When the backup was made, in milliseconds since 1970, UTC.
    pub made: u64,
    /// How many files.
    pub files: u64,
    /// Their bytes, as they are stored.
    pub bytes: u64,
}

/// Builds a data directory that is not there yet, or empty, out of a backup. `keys` are the files of the keys' backup, by path.
pub async fn restore(
    target: &Target,
    keys: &keys::Unpacked,
    data: &Path,
    progress: Progress<'_>,
) -> Result<Restored> {
    restore_to(target, keys, data, &Places::default(), progress).await
}

/// The same with what lies elsewhere: log and keys on database servers, files in an object store. They are in their places when the
/// directory has its name.
pub async fn restore_to(
    target: &Target,
    keys: &keys::Unpacked,
    data: &Path,
    places: &Places,
    progress: Progress<'_>,
) -> Result<Restored> {
    refuse_used(data)?;
    let keys_at = places.server.as_ref().and_then(Server::keys);
    if let Some(database) = keys_at {
        ensure!(
            Keyring::is_none_at(database)?,
            "{database} holds keys already; create an empty database for those of the backup"
        );
    }
    let work = beside(data);
    begin(&work)?;
    let restored = match build(target, keys, &work, places, progress).await {
        Ok(Some(restored)) => restored,
        Ok(None) => {
            // The keys alone lie there.
            std::fs::remove_dir_all(&work)
                .with_context(|| format!("removing {}", work.display()))?;
            bail!("there is no backup in this place");
        }
        Err(error) => {
            let work = work.display();
            let what = format!(
                "the school is not restored; what there is lies in {work}, the keys with it: type the same again once the cause is gone, or delete that directory"
            );
            return Err(error.context(what));
        }
    };
    std::fs::rename(&work, data)
        .with_context(|| format!("putting the restored school into {}", data.display()))?;
    private::sync(data.parent().unwrap_or(Path::new("")))
        .with_context(|| format!("syncing the directory of {}", data.display()))?;
    Ok(restored)
}

/// Builds it under its other name; nothing when there is no backup.
async fn build(
    target: &Target,
    keys: &keys::Unpacked,
    work: &Path,
    places: &Places,
    progress: Progress<'_>,
) -> Result<Option<Restored>> {
    let keys_at = places.server.as_ref().and_then(Server::keys);
    keys::write(keys, work)?;
    let own = |origin: &str| verifier_key(&work.join("keys"), origin);
    let key = |origin: &str| Ok(vec![(own(origin)?, Position::MAX)]);
    let Some(manifest) = manifest::newest(target, key).await? else {
        return Ok(None);
    };
    ensure!(
        keys.epoch >= manifest.epoch,
        "these keys are older than the backup: since then somebody was forgotten, and the keys were written anew ({} times, these {} times). Use the newest backup of the keys",
        manifest.epoch,
        keys.epoch
    );
    let keyring = Keyring::open(&work.join("keys")).context("opening the restored keys")?;
    let empty = match &places.server {
        Some(server) => Restore::begin_on(server).await?,
        None => Restore::begin(work).await?,
    };
    log(target, &manifest, &keyring, empty, progress).await?;
    drop(keyring);
    if let Some(database) = keys_at {
        Keyring::bring_to_server(&work.join("keys"), database)
            .context("bringing the restored keys into their database")?;
    }
    let ledger = Opening {
        directory: work,
        clock: Clock::System,
        progress,
        server: places.server.clone(),
        durable: true,
    };
    let ledger = ledger.open().await.context(
        "the restored log does not open; if keys are missing, use the newest backup of the keys",
    )?;
    let outcome = prove_and_fetch(&ledger, target, &manifest, (work, places), progress).await;
    ledger.close().await;
    outcome.map(Some)
}

async fn prove_and_fetch(
    ledger: &Ledger,
    target: &Target,
    manifest: &Manifest,
    (work, places): (&Path, &Places),
    progress: Progress<'_>,
) -> Result<Restored> {
    let verify = |done, of| progress("verify", done, of);
    let report = ledger.verify(&verify).await?;
    if let Some(problem) = report.problems.first() {
        bail!(
            "the restored log does not verify: {problem}, and {} problems more",
            report.problems.len() - 1
        );
    }
    ensure!(
        report.size == manifest.size && to_hex(&report.root) == manifest.root,
        "the restored log is not the one that its checkpoint signs"
    );
    let into = match places.blobs(work)? {
        Some(store) => Destination::Store(store),
        None => Destination::Directory(work.join("blobs")),
    };
    let (files, bytes) = files(ledger, target, manifest.size, &into, progress).await?;
    Ok(Restored {
        size: report.size,
        root: manifest.root.clone(),
        made: manifest.made,
        files,
        bytes,
    })
}

/// Builds the log alone, and proves that it is the one that the checkpoint signs.
pub(super) async fn log(
    target: &Target,
    manifest: &Manifest,
    keyring: &Keyring,
    restore: Restore,
    progress: Progress<'_>,
) -> Result<()> {
    pieces(restore, target, manifest, 0, keyring, progress).await
}

/// The same for a log that has the first `known` events already.
pub(super) async fn pieces(
    mut restore: Restore,
    target: &Target,
    manifest: &Manifest,
    known: Position,
    keyring: &Keyring,
    progress: Progress<'_>,
) -> Result<()> {
    for piece in manifest.pieces.iter().filter(|piece| piece.last() > known) {
        progress("restore", piece.first - 1, manifest.size);
        let bytes = whole(target, &piece.beside).await?;
        let beside = serde_json::from_slice(&bytes).with_context(|| damaged(&piece.beside))?;
        restore.add_beside(beside).await?;
        segment(&mut restore, target, &piece.segment).await?;
        ensure!(
            restore.size() == piece.last(),
            "{}: it does not hold the events that the manifest says",
            damaged(&piece.segment)
        );
    }
    progress("restore", manifest.size, manifest.size);
    whole(target, &manifest.erasures).await?;
    let kept = whole(target, &manifest.kept).await?;
    let log = restore
        .finish(manifest.at, &kept, keyring)
        .await
        .with_context(|| damaged(&manifest.kept))?;
    ensure!(
        log.size == manifest.size && to_hex(&log.root) == manifest.root,
        "the restored events do not lead to the root that the checkpoint signs"
    );
    Ok(())
}

async fn segment(restore: &mut Restore, target: &Target, object: &str) -> Result<()> {
    let bytes = target.get(object).await?;
    let name = object.rsplit('/').next().and_then(SegmentName::parse);
    // The hash in the footer is the name's; the reader then checks that it is that of the content.
    ensure!(
        name.is_some_and(|name| bytes.ends_with(&name.sha256)),
        damaged(object)
    );
    let mut reader = SegmentReader::open(&bytes[..]).with_context(|| damaged(object))?;
    while let Some(block) = reader.next_block().with_context(|| damaged(object))? {
        restore.add(block).await.with_context(|| damaged(object))?;
    }
    Ok(())
}

/// An object that is called after its content.
async fn whole(target: &Target, object: &str) -> Result<bytes::Bytes> {
    let bytes = target.get(object).await?;
    ensure!(is_named_by(object, &bytes), damaged(object));
    Ok(bytes)
}

fn damaged(object: &str) -> String {
    format!("{object} in the backup is damaged")
}

/// Where files go.
enum Destination {
    Directory(PathBuf),
    Store(Blobs),
}

/// Fetches every file that somebody can open. All are tried, so that everything that is missing is named at once.
async fn files(
    ledger: &Ledger,
    target: &Target,
    size: Position,
    into: &Destination,
    progress: Progress<'_>,
) -> Result<(u64, u64)> {
    let named = blobs::named(ledger, 0, size).await?;
    let (mut bytes, mut wrong) = (0, Vec::new());
    for (done, blob) in (0..).zip(named.values()) {
        progress("restore files", done, named.len() as u64);
        let fetched = match into {
            Destination::Store(store) => blobs::fetch_into(target, blob, store).await,
            Destination::Directory(directory) => blobs::fetch(target, blob, directory).await,
        };
        match fetched {
            Ok(length) => bytes += length,
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    if !wrong.is_empty() {
        let count = wrong.len();
        wrong.truncate(LISTED);
        bail!("{count} files are not whole:\n  {}", wrong.join("\n  "));
    }
    Ok((named.len() as u64, bytes))
}

fn refuse_used(data: &Path) -> Result<()> {
    let is_free = match std::fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_none(),
        Err(missing) => missing.kind() == std::io::ErrorKind::NotFound,
    };
    ensure!(
        is_free,
        "{} is not empty; a backup is restored into a directory that is not there yet",
        data.display()
    );
    Ok(())
}

/// Where a directory is built that is not complete yet.
fn beside(data: &Path) -> PathBuf {
    let mut name = data
        .file_name()
        .map_or_else(|| OsString::from("data"), OsString::from);
    name.push(".restoring");
    data.with_file_name(name)
}

/// The directory as it is begun: empty but for files that an earlier attempt has fetched, whose hashes tell whether they are whole.
fn begin(work: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let failed = || format!("preparing {}", work.display());
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(work)
        .with_context(failed)?;
    for entry in std::fs::read_dir(work).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        if path.file_name().is_some_and(|name| name == "blobs") {
            continue;
        }
        match path.is_dir() {
            true => std::fs::remove_dir_all(&path),
            false => std::fs::remove_file(&path),
        }
        .with_context(failed)?;
    }
    Ok(())
}
