//! The package as files: the signed manifest, what it lists, and what lies there. Every file but `README*` and `FORMAT*` must be
//! listed with its length and hash, and nothing else may be there.

use crate::hash::{Hash, hex};
use crate::note::Key;
use crate::report::Problems;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub(crate) const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.json.sig";
/// What is signed begins with this, so that the signature cannot be taken for one over a checkpoint.
const PURPOSE: &[u8] = b"schulhof export manifest 1\n";
const FORMATS: [&str; 2] = ["schulhof export 1", "schulhof export 2"];
/// Files that are read whole are not longer; a manifest of 200,000 segments is.
const LONGEST: u64 = 64 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    origin: String,
    size: u64,
    root: String,
    files: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    path: String,
    bytes: u64,
    /// Not of a segment of version 2, whose name has a hash that leads to every byte.
    sha256: Option<String>,
}

/// What the manifest says.
pub(crate) struct Manifest {
    pub(crate) size: u64,
    pub(crate) root: String,
    files: BTreeMap<String, Listed>,
}

impl Manifest {
    /// Reads the manifest and checks its signature.
    pub(crate) fn open(
        directory: &Path,
        key: Option<&Key>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let bytes = whole(directory, MANIFEST, problems)?;
        let signature = whole(directory, SIGNATURE, problems).unwrap_or_default();
        let decoded = signature_of(&signature).unwrap_or_default();
        let message = [PURPOSE, &bytes].concat();
        if key.is_none_or(|key| !key.signed(&message, &decoded)) {
            problems.file(MANIFEST, "it is not signed by the log's key");
        }
        let written: Written = match serde_json::from_slice(&bytes) {
            Ok(written) => written,
            Err(error) => {
                problems.file(MANIFEST, format!("it cannot be read: {error}"));
                return None;
            }
        };
        if !FORMATS.contains(&written.format.as_str()) {
            problems.file(MANIFEST, "its format is not one known here");
        }
        if key.is_some_and(|key| key.name != written.origin) {
            problems.file(MANIFEST, "it speaks of another log than the key does");
        }
        let count = written.files.len();
        let files: BTreeMap<String, Listed> = written
            .files
            .into_iter()
            .map(|listed| (listed.path.clone(), listed))
            .collect();
        if files.len() != count {
            problems.file(MANIFEST, "it lists a file twice");
        }
        Some(Self {
            size: written.size,
            root: written.root,
            files,
        })
    }

    /// Compares a file with what the manifest says about it.
    pub(crate) fn compare(
        &self,
        file: &str,
        bytes: u64,
        sha256: Option<&Hash>,
        problems: &mut Problems,
    ) {
        match self.files.get(file) {
            None => problems.file(file, "the manifest does not list it"),
            Some(listed) if listed.bytes != bytes => {
                let what = format!("it has {bytes} bytes, the manifest says {}", listed.bytes);
                problems.file(file, what);
            }
            Some(listed) if listed.sha256 != sha256.map(|hash| hex(hash)) => {
                problems.file(
                    file,
                    "it is not the file of the manifest: their SHA-256 differ",
                );
            }
            Some(_) => {}
        }
    }

    /// Names what the manifest lists and nobody has.
    pub(crate) fn missing(&self, found: &[String], problems: &mut Problems) {
        for listed in self.files.keys().filter(|listed| !found.contains(listed)) {
            let first = SegmentName::parse(listed).map_or(0, |name| name.first);
            problems.add(crate::Problem {
                position: first,
                file: listed.clone(),
                offset: None,
                what: "the file is missing".into(),
            });
        }
    }
}

/// Hexadecimal digits, in the one way in which they are written, and a line end.
fn signature_of(line: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let bytes = from_hex(text)?;
    (hex(&bytes) == text).then_some(bytes)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = |at| text.get(at..at + 2);
    let bytes = (0..text.len()).step_by(2);
    bytes
        .map(|at| u8::from_str_radix(digits(at)?, 16).ok())
        .collect()
}

/// A segment's file: `segments/FIRST-COUNT-SHA256.segment`.
pub(crate) struct SegmentName {
    pub(crate) file: String,
    pub(crate) first: u64,
    pub(crate) count: u32,
    pub(crate) footer: Hash,
}

impl SegmentName {
    pub(crate) fn parse(file: &str) -> Option<Self> {
        let name = file.strip_prefix("segments/")?.strip_suffix(".segment")?;
        let mut fields = name.split('-');
        let (first, count, sum) = (fields.next()?, fields.next()?, fields.next()?);
        let footer: Hash = from_hex(sum)?.try_into().ok()?;
        let parsed = Self {
            file: file.to_owned(),
            first: first.parse().ok()?,
            count: count
                .parse()
                .ok()
                .filter(|count| (1..=65_536).contains(count))?,
            footer,
        };
        let again = format!(
            "segments/{:020}-{}-{}.segment",
            parsed.first,
            parsed.count,
            hex(&footer)
        );
        let fits = parsed.first > 0 && parsed.first.checked_add(65_536).is_some();
        (again == file && fits).then_some(parsed)
    }
}

/// The files that are there, from the export's directory, but for those that nobody signs.
pub(crate) fn files(directory: &Path, problems: &mut Problems) -> Vec<String> {
    let mut found = Vec::new();
    for below in ["", "segments", "checkpoints"] {
        let entries = match directory.join(below).read_dir() {
            Ok(entries) => entries,
            Err(error) => {
                problems.file(below, format!("the directory cannot be read: {error}"));
                continue;
            }
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_free = name.starts_with("README") || name.starts_with("FORMAT");
            let kind = entry.file_type();
            let is_file = kind.as_ref().is_ok_and(std::fs::FileType::is_file);
            let is_known = ["segments", "checkpoints"].contains(&name.as_str());
            let is_directory = kind.is_ok_and(|kind| kind.is_dir()) && below.is_empty() && is_known;
            let path = if below.is_empty() {
                name
            } else {
                format!("{below}/{name}")
            };
            if is_file && !(is_free && below.is_empty()) && path != MANIFEST && path != SIGNATURE {
                found.push(path);
            } else if !is_file && !is_directory {
                problems.file(&path, "this does not belong into an export");
            }
        }
    }
    found.sort();
    found
}

/// A small file, whole.
pub(crate) fn whole(directory: &Path, file: &str, problems: &mut Problems) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(directory.join(file))
        .and_then(|open| open.take(LONGEST + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 <= LONGEST => Some(bytes),
        Ok(_) => {
            problems.file(file, "it is longer than 64 MiB");
            None
        }
        Err(error) => {
            problems.file(file, format!("it cannot be read: {error}"));
            None
        }
    }
}

/// Passes bytes on and hashes them.
pub(crate) struct Hashing<R> {
    from: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    pub(crate) fn new(from: R) -> Self {
        Self {
            from,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    pub(crate) fn finish(self) -> (u64, Hash) {
        (self.bytes, self.hash.finalize().into())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.from.read(buffer)?;
        self.hash.update(&buffer[..got]);
        self.bytes += got as u64;
        Ok(got)
    }
}
