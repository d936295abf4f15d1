//! Lays the finished files out for the edge: hashed names that may be cached for ever, compressed copies beside the
//! originals, and `manifest.json`, which tells the server-rendered login page the hashed names.

use super::bindgen::{self, Bound};
use super::split;
use crate::workspace;
use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Kinds of files that gain from compression.
const COMPRESSED: [&str; 9] = [
    "css",
    "html",
    "ico",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];
/// Kinds of files in which `{{js}}`, `{{wasm}}`, `{{css}}` and `{{areas}}` are replaced by addresses.
const FILLED_IN: [&str; 3] = ["html", "js", "webmanifest"];

/// The addresses of the main files, by plain name.
type Names = BTreeMap<String, String>;
/// The app's parts: their short names, and those of their files.
type Parts = Vec<(String, String)>;

/// What the start page may cost with brotli, and what any further area may.
const CORE_LIMIT: u64 = 450_000;
const PART_LIMIT: u64 = 150_000;

/// What was packed, for the progress line: bytes as they travel with brotli.
pub(super) struct Packed {
    core: u64,
    parts: Vec<(String, u64)>,
}

impl Packed {
    /// Refuses what would take too long to arrive at an old phone.
    fn check(&self) -> Result<()> {
        let core = ("the core", self.core, CORE_LIMIT);
        let parts = self.parts.iter();
        let parts = parts.map(|(name, length)| (name.as_str(), *length, PART_LIMIT));
        for (name, length, limit) in parts.chain([core]) {
            ensure!(
                length <= limit,
                "{name} has {length} bytes with brotli, and {limit} is the limit: cut an area out in frontend-leptos/src/app/later.rs, or leave out types"
            );
        }
        Ok(())
    }
}

impl fmt::Display for Packed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "core {} KB with brotli", self.core / 1000)?;
        for (name, length) in &self.parts {
            write!(formatter, ", {name} {}", length.div_ceil(1000))?;
        }
        Ok(())
    }
}

/// Writes the folder anew, beside the old one, and then puts it in the old one's place.
pub(super) fn pack(bound: &Bound, dist: &Path) -> Result<Packed> {
    let fresh = dist.with_extension("new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh)?;
    }
    let (names, parts) = write_hashed(bound, &fresh)?;
    write_page_and_public(&fresh, &names)?;
    write(
        &fresh.join("manifest.json"),
        serde_json::to_string_pretty(&names)?.as_bytes(),
    )?;
    if dist.exists() {
        std::fs::remove_dir_all(dist).context("removing the last build of the web app")?;
    }
    std::fs::rename(&fresh, dist).context("putting the web app in its place")?;
    let packed = Packed {
        core: on_the_wire(&dist.join(names["wasm"].trim_start_matches('/')))?,
        parts: parts
            .into_iter()
            .map(|(name, file)| Ok((name, on_the_wire(&dist.join("assets").join(file))?)))
            .collect::<Result<_>>()?,
    };
    packed.check()?;
    Ok(packed)
}

fn on_the_wire(file: &Path) -> Result<u64> {
    let compressed = format!("{}.br", file.display());
    let metadata = std::fs::metadata(&compressed);
    Ok(metadata
        .with_context(|| format!("reading {compressed}"))?
        .len())
}

/// The app's modules and scripts under names that carry one digest of them all: they name one another, and none works with another build's.
fn write_app(bound: &Bound, fresh: &Path, names: &mut Names) -> Result<Parts> {
    let mut digest = Sha256::new();
    let parts = bound.parts.iter().map(|(_, bytes)| bytes.as_slice());
    let scripts = [&bound.script, &bound.fetching].map(|script| script.as_bytes());
    for bytes in scripts.into_iter().chain([&bound.core[..]]).chain(parts) {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    let build = hex(&digest.finalize()[..8]);
    let (app, areas) = (format!("app-{build}.js"), format!("areas-{build}.js"));
    let core = format!("app-{build}_bg.wasm");
    let script = renamed(&bound.script, split::SCRIPT, &areas)?;
    let mut fetching = renamed(&bound.fetching, bindgen::SCRIPT, &app)?;
    let mut parts = Vec::new();
    for (name, bytes) in &bound.parts {
        let stem = name.trim_end_matches(".wasm");
        let file = format!("{stem}-{build}.wasm");
        fetching = renamed(&fetching, &format!("./{name}"), &file)?;
        write(&fresh.join("assets").join(&file), bytes)?;
        parts.push((stem.trim_start_matches("split_").to_owned(), file));
    }
    for (name, file, bytes) in [
        ("js", app, script.as_bytes()),
        ("areas", areas, fetching.as_bytes()),
        ("wasm", core, &bound.core),
    ] {
        write(&fresh.join("assets").join(&file), bytes)?;
        names.insert(name.to_owned(), format!("/assets/{file}"));
    }
    Ok(parts)
}

/// A script that names a file beside it by another name.
fn renamed(script: &str, from: &str, to: &str) -> Result<String> {
    let renamed = ["from ", "new URL("]
        .iter()
        .fold(script.to_owned(), |script, before| {
            script.replace(
                &format!(r#"{before}"{from}""#),
                &format!(r#"{before}"./{to}""#),
            )
        });
    ensure!(
        renamed != script,
        "no script names {from}; has wasm-bindgen or the splitter changed its words?"
    );
    Ok(renamed)
}

/// Files under names that change with their content.
fn write_hashed(bound: &Bound, fresh: &Path) -> Result<(Names, Parts)> {
    let mut names = BTreeMap::new();
    let parts = write_app(bound, fresh, &mut names)?;
    let style = joined_style()?;
    let sheet = format!("assets/style-{}.css", hex(&Sha256::digest(&style)[..8]));
    write(&fresh.join(&sheet), style.as_bytes())?;
    names.insert("css".to_owned(), format!("/{sheet}"));
    // Their folders carry hashes already, and the script names them by relative path.
    if let Some(snippets) = &bound.snippets {
        for file in files_below(snippets)? {
            let inside = file.strip_prefix(snippets)?;
            write(
                &fresh.join("assets/snippets").join(inside),
                &std::fs::read(&file)?,
            )?;
        }
    }
    Ok((names, parts))
}

fn write_page_and_public(fresh: &Path, names: &Names) -> Result<()> {
    let frontend = workspace::root().join("frontend-leptos");
    let public = frontend.join("public");
    for file in sources()? {
        let Some(inside) = (if file == frontend.join("index.html") {
            Some(Path::new("index.html"))
        } else {
            file.strip_prefix(&public).ok()
        }) else {
            continue;
        };
        let bytes = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let bytes = if is_one_of(&file, &FILLED_IN) {
            fill_in(&String::from_utf8(bytes)?, names).into_bytes()
        } else {
            bytes
        };
        write(&fresh.join(inside), &bytes)?;
    }
    Ok(())
}

fn fill_in(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, address)| {
        text.replace(&format!("{{{{{name}}}}}"), address)
    })
}

/// Every file of the frontend that is not compiled, in a fixed order.
pub(super) fn sources() -> Result<Vec<PathBuf>> {
    let frontend = workspace::root().join("frontend-leptos");
    let mut files: Vec<PathBuf> = [frontend.join("index.html")]
        .into_iter()
        .filter(|page| page.is_file())
        .collect();
    for folder in ["public", "style"] {
        files.extend(files_below(&frontend.join(folder))?);
    }
    Ok(files)
}

fn joined_style() -> Result<String> {
    let folder = workspace::root().join("frontend-leptos/style");
    let mut sheets = files_below(&folder)?;
    sheets.retain(|file| is_one_of(file, &["css"]));
    let sheets = sheets.iter().map(|file| {
        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
    });
    Ok(sheets.collect::<Result<Vec<_>>>()?.join("\n"))
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let Ok(entries) = folder.read_dir() else {
        return Ok(files);
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Writes a file and, where it helps, its compressed copies.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?;
    if !is_one_of(path, &COMPRESSED) {
        return Ok(());
    }
    let name = path.as_os_str().to_string_lossy();
    std::fs::write(format!("{name}.br"), brotli(bytes)?)?;
    std::fs::write(format!("{name}.gz"), gzip(bytes)?)?;
    Ok(())
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &settings)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn is_one_of(path: &Path, kinds: &[&str]) -> bool {
    path.extension()
        .and_then(|kind| kind.to_str())
        .is_some_and(|kind| kinds.contains(&kind))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{fill_in, renamed};
    use std::collections::BTreeMap;

    #[test]
    fn a_page_learns_the_hashed_names() {
        let names = BTreeMap::from([("js".to_owned(), "/assets/app-1.js".to_owned())]);
        assert_eq!(
            fill_in(r#"<script src="{{js}}"></script>"#, &names),
            r#"<script src="/assets/app-1.js"></script>"#
        );
    }

    #[test]
    fn scripts_name_one_another_by_the_builds_names() {
        let script = r#"import { initSync } from "./app.js"; fetch(new URL("./a.wasm", import.meta.url)); ({"./app.js": 1})"#;
        let script = renamed(script, "./app.js", "app-1.js").expect("is named");
        let script = renamed(&script, "./a.wasm", "a-1.wasm").expect("is named");
        assert_eq!(
            script,
            r#"import { initSync } from "./app-1.js"; fetch(new URL("./a-1.wasm", import.meta.url)); ({"./app.js": 1})"#
        );
        assert!(renamed(&script, "./b.wasm", "b-1.wasm").is_err());
    }
}
