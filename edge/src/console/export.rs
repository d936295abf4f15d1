//! `audit export`: a package of files with which somebody else can verify the whole log without our code. It is written
//! beside a running server; that it is, is logged first, as every look at the console is.

use super::{Answer, Command, Tell};
use crate::config::Config;
use crate::house::House;
use anyhow::{Context, Result, bail, ensure};
use edge_kernel::ledger::{Export, HandedOver, Said};
use events::audit::Looked;
use events::privacy::{Depth, PrivacyEvent, Span};
use events_proof::tree::to_hex;
use ring::digest;
use serde_json::json;
use std::fs::{DirBuilder, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const FORMAT: &str = include_str!("export/FORMAT.md");
const README: &str = include_str!("export/README.md");
/// What is signed begins with this, so that the signature cannot be taken for one over a checkpoint.
const PURPOSE: &[u8] = b"schulhof export manifest 1\n";
/// Checkpoints read at once.
const PAGE: u32 = 1024;

/// Writes the package. The exit status is 0 only when it is complete.
pub(crate) async fn export(
    data: &Path,
    out: &Path,
    until: Option<u64>,
    tell: &Tell,
) -> Result<Answer> {
    let is_new = !out.exists();
    let mut package = Package::create(out)?;
    let looked = super::run(data, Command::Export { until }, tell).await;
    let looked = match looked {
        Ok(looked) if looked.status == 0 => looked,
        refused => {
            // Nothing is in it yet.
            if is_new {
                std::fs::remove_dir(out).ok();
            }
            return refused;
        }
    };
    let size = looked.out.trim().parse().context("reading the size")?;
    let server = Config::read(data, None)?.database.server()?;
    let mut export = Export::open_at(data, server.as_ref(), Some(size))
        .await
        .with_context(|| format!("opening the log in {}", data.display()))?;
    write(&mut package, &mut export, tell).await.with_context(|| {
        let out = out.display();
        format!("the export in {out} is not complete; delete it and, once the cause is gone, begin again")
    })?;
    Ok(Answer::done(format!(
        "{} events exported to {}; root {}\nVerify them with\n  schulhof-verify {} --key '{}'\nwhere the key is the one that you know from elsewhere.\n",
        export.size(),
        out.display(),
        to_hex(&export.root()),
        out.display(),
        export.verifier_key(),
    )))
}

/// Logs that the log is exported, by whoever is at the console, and gives the position up to which.
pub(super) async fn record(house: &House, until: Option<u64>) -> Result<Answer> {
    let size = house.kernel.ledger.size();
    let to = until.unwrap_or(size);
    if to == 0 || to > size {
        bail!("--until takes a position from 1 to {size}, where the log ends");
    }
    let looked = Looked::AtEntries { from: 1, to };
    let recorded = house.audit.record_at_console(looked).await?;
    Ok(Answer::done(until.unwrap_or(recorded).to_string()))
}

async fn write(package: &mut Package, export: &mut Export, tell: &Tell) -> Result<()> {
    let erased = erasures(&export.erasures().await?, export.size())?;
    let handovers = handovers(&export.handed_over().await?, export.size())?;
    let segments = package.directory("segments")?;
    let written = export
        .segments(&segments, &|done, of| tell.progress("export", done, of))
        .await?;
    for segment in written {
        package.listed.push(Listed {
            path: format!("segments/{}", segment.name),
            bytes: segment.bytes,
            sha256: None,
        });
    }
    package.directory("checkpoints")?;
    let newest = export.newest_checkpoint().await?;
    package.put("checkpoints/newest", newest.as_bytes())?;
    older_checkpoints(package, export).await?;
    package.put("erasures.json", &erased)?;
    if !handovers.is_empty() {
        package.put("handovers.json", &handovers)?;
    }
    let key = export.verifier_key() + "\n";
    package.put("verifier.key", key.as_bytes())?;
    let manifest = package.manifest(export)?;
    package.put("manifest.json", &manifest)?;
    let signature = export.sign(&[PURPOSE, &manifest].concat());
    let line = to_hex(&signature) + "\n";
    package.put("manifest.json.sig", line.as_bytes())?;
    package.put("README.md", README.as_bytes())?;
    package.put("FORMAT.md", FORMAT.as_bytes())
}

/// What may be absent from the first `size` events, and which event says so. An erasure of keys alone leaves everything where it
/// was.
pub(crate) fn erasures(said: &[Said], size: u64) -> Result<Vec<u8>> {
    let mut listed = Vec::new();
    for Said { position, event } in said {
        let PrivacyEvent::ErasureExecuted {
            depth: Depth::Ciphertext | Depth::Header,
            ciphertexts,
            headers,
            ..
        } = event
        else {
            continue;
        };
        let has_emptied = |span: &Span| span.0 <= size;
        if *position <= size {
            listed.push(json!({ "position": position, "bodies": ciphertexts, "entries": headers }));
        } else if ciphertexts.iter().chain(headers).any(has_emptied) {
            bail!(
                "the erasure that position {position} says has emptied something before position {size}; export up to there or further"
            );
        }
    }
    let mut json = serde_json::to_vec(&json!({ "erasures": listed }))?;
    json.push(b'\n');
    Ok(json)
}

/// Where the log went from one signing key to the next; nothing when it never did.
fn handovers(handed: &[HandedOver], size: u64) -> Result<Vec<u8>> {
    let Some(last) = handed.last() else {
        return Ok(Vec::new());
    };
    ensure!(
        last.position <= size,
        "the school moved at position {}, and its key of today has not signed what was before alone; export up to there or further",
        last.position
    );
    let listed = handed
        .iter()
        .map(|one| json!({ "position": one.position, "key": one.key, "successor": one.successor }));
    let listed: Vec<_> = listed.collect();
    let mut json = serde_json::to_vec(&json!({ "handovers": listed }))?;
    json.push(b'\n');
    Ok(json)
}

/// One line of JSON for each, in the order of their sizes.
async fn older_checkpoints(package: &mut Package, export: &mut Export) -> Result<()> {
    let path = "checkpoints/older.jsonl";
    let mut file = Sum::new(package.file(path)?);
    let mut last = 0;
    loop {
        let page = export.older_checkpoints(last, PAGE).await?;
        let Some((size, _)) = page.last() else { break };
        last = *size;
        for (size, note) in page {
            let line = format!("{}\n", json!({ "size": size, "note": note }));
            file.write(line.as_bytes())?;
        }
    }
    let listed = file.finish(path)?;
    package.listed.push(listed);
    Ok(())
}

/// A file that was written.
struct Listed {
    path: String,
    bytes: u64,
    /// Not of a segment, whose name has a hash that leads to every byte.
    sha256: Option<[u8; 32]>,
}

struct Package {
    root: PathBuf,
    listed: Vec<Listed>,
}

impl Package {
    /// In a directory that is new or empty: two exports must not mix.
    fn create(root: &Path) -> Result<Self> {
        directory(root)?;
        let mut entries = root
            .read_dir()
            .with_context(|| format!("reading {}", root.display()))?;
        ensure!(
            entries.next().is_none(),
            "{} is not empty; name a directory that is not there yet",
            root.display()
        );
        Ok(Self {
            root: root.to_owned(),
            listed: Vec::new(),
        })
    }

    fn directory(&self, name: &str) -> Result<PathBuf> {
        let path = self.root.join(name);
        directory(&path)?;
        Ok(path)
    }

    /// A new file that only its owner may read: it tells when whom wrote how much to whom.
    fn file(&self, name: &str) -> Result<File> {
        let path = self.root.join(name);
        File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| super::not_made(&path, error))
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut file = Sum::new(self.file(name)?);
        file.write(bytes)?;
        let listed = file.finish(name)?;
        self.listed.push(listed);
        Ok(())
    }

    fn manifest(&self, export: &Export) -> Result<Vec<u8>> {
        let files = self.listed.iter().map(|listed| match &listed.sha256 {
            Some(sha256) => {
                json!({ "path": listed.path, "bytes": listed.bytes, "sha256": to_hex(sha256) })
            }
            None => json!({ "path": listed.path, "bytes": listed.bytes }),
        });
        let manifest = json!({
            "format": "schulhof export 2",
            "origin": export.origin(),
            "size": export.size(),
            "root": to_hex(&export.root()),
            "files": files.collect::<Vec<_>>(),
        });
        Ok(serde_json::to_vec_pretty(&manifest)?)
    }
}

fn directory(path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| super::not_made(path, error))
}

/// A file that is hashed while it is written.
struct Sum {
    file: BufWriter<File>,
    hash: digest::Context,
    bytes: u64,
}

impl Sum {
    fn new(file: File) -> Self {
        Self {
            file: BufWriter::new(file),
            hash: digest::Context::new(&digest::SHA256),
            bytes: 0,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).context("writing the export")
    }

    fn finish(self, path: &str) -> Result<Listed> {
        let file = self.file.into_inner().context("writing the export")?;
        file.sync_all().context("writing the export")?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.hash.finish().as_ref());
        Ok(Listed {
            path: path.to_owned(),
            bytes: self.bytes,
            sha256: Some(sha256),
        })
    }
}
