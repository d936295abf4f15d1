//! Lays the finished files out for the edge: hashed names that may be cached for ever, compressed copies beside the
//! originals, and `manifest.json`, which tells the server-rendered login page the hashed names.

use super::bindgen::Bound;
use crate::workspace;
use anyhow::{Context as _, Result};
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
/// Kinds of files in which `{{js}}`, `{{wasm}}` and `{{css}}` are replaced by addresses.
const FILLED_IN: [&str; 3] = ["html", "js", "webmanifest"];

/// What was packed, for the progress line.
pub(super) struct Packed {
    module: usize,
    module_on_the_wire: u64,
}

impl fmt::Display for Packed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} KB of WebAssembly, {} KB with brotli",
            self.module / 1000,
            self.module_on_the_wire / 1000
        )
    }
}

/// Writes the folder anew, beside the old one, and then puts it in the old one's place.
pub(super) fn pack(bound: &Bound, dist: &Path) -> Result<Packed> {
    let fresh = dist.with_extension("new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh)?;
    }
    let names = write_hashed(bound, &fresh)?;
    write_page_and_public(&fresh, &names)?;
    write(
        &fresh.join("manifest.json"),
        serde_json::to_string_pretty(&names)?.as_bytes(),
    )?;
    let on_the_wire = fresh
        .join(format!("{}.br", names["wasm"].trim_start_matches('/')))
        .metadata()?
        .len();
    if dist.exists() {
        std::fs::remove_dir_all(dist).context("removing the last build of the web app")?;
    }
    std::fs::rename(&fresh, dist).context("putting the web app in its place")?;
    Ok(Packed {
        module: bound.module.len(),
        module_on_the_wire: on_the_wire,
    })
}

/// Files under names that change with their content; returns the addresses by plain name.
fn write_hashed(bound: &Bound, fresh: &Path) -> Result<BTreeMap<String, String>> {
    let style = joined_style()?;
    let files = [
        ("js", "app", ".js", bound.script.as_bytes()),
        ("wasm", "app", "_bg.wasm", &bound.module),
        ("css", "style", ".css", style.as_bytes()),
    ];
    let mut names = BTreeMap::new();
    for (name, stem, ending, bytes) in files {
        let digest = hex(&Sha256::digest(bytes));
        let hashed = format!("assets/{stem}-{}{ending}", &digest[..16]);
        write(&fresh.join(&hashed), bytes)?;
        names.insert(name.to_owned(), format!("/{hashed}"));
    }
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
    Ok(names)
}

fn write_page_and_public(fresh: &Path, names: &BTreeMap<String, String>) -> Result<()> {
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

fn fill_in(text: &str, names: &BTreeMap<String, String>) -> String {
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
    use super::fill_in;
    use std::collections::BTreeMap;

    #[test]
    fn a_page_learns_the_hashed_names() {
        let names = BTreeMap::from([("js".to_owned(), "/assets/app-1.js".to_owned())]);
        assert_eq!(
            fill_in(r#"<script src="{{js}}"></script>"#, &names),
            r#"<script src="/assets/app-1.js"></script>"#
        );
    }
}
