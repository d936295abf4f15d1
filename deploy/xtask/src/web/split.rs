//! Cuts the areas out of the app, so that each is fetched when one of its pages is first opened. Where to cut says `wasm_split` in
//! `frontend-leptos/src/app/later.rs`; what several areas share becomes a part of its own.

use crate::workspace;
use anyhow::{Context as _, Result, anyhow};
use std::path::Path;
use wasm_split_cli_support::{Options, transform};
use wasmparser::{Parser, Payload};

/// The script that fetches the areas, as the app's module knows it.
pub(super) const SCRIPT: &str = "./split.js";

/// What the app was cut into.
pub(super) struct Cut {
    /// What is always needed; wasm-bindgen is still to see it.
    pub(super) core: Vec<u8>,
    /// Fetches the areas.
    pub(super) script: String,
    /// The areas and what some of them share, by file name.
    pub(super) parts: Vec<(String, Vec<u8>)>,
}

/// Cuts a module that was linked with `--emit-relocs`. `app` is the script that will have the core.
pub(super) fn cut(module: &[u8], app: &str) -> Result<Cut> {
    let out = workspace::root().join("target/web/cut");
    if out.exists() {
        std::fs::remove_dir_all(&out).context("clearing the last build's parts")?;
    }
    let core = out.join("core.wasm");
    let mut options = Options::new(module);
    options.output_dir = &out;
    options.main_out_path = &core;
    options.link_name = SCRIPT;
    options.main_module = app;
    let cut = transform(options).map_err(|error| anyhow!("cutting the areas out: {error:#}"))?;
    let parts = cut.split_modules.iter().map(|path| part(path));
    let mut parts = parts.collect::<Result<Vec<_>>>()?;
    parts.sort();
    Ok(Cut {
        core: std::fs::read(&core).context("reading the app's core")?,
        script: std::fs::read_to_string(out.join(SCRIPT)).context("reading the cut's script")?,
        parts,
    })
}

fn part(path: &Path) -> Result<(String, Vec<u8>)> {
    let name = path.file_name().and_then(|name| name.to_str());
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Ok((
        name.context("a part without a name")?.to_owned(),
        without_names(&bytes)?,
    ))
}

/// A module without its custom sections: the names of functions are longer than the functions.
fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    let mut kept = module.get(..8).context("a part without a head")?.to_vec();
    let mut from = kept.len();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.context("reading a part")?;
        let Some((_, content)) = payload.as_section() else {
            continue;
        };
        let end = usize::try_from(content.end)?;
        if !matches!(payload, Payload::CustomSection(_)) {
            kept.extend(&module[from..end]);
        }
        from = end;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::without_names;

    #[test]
    fn custom_sections_are_left_out_and_the_others_stay_in_order() {
        let head = *b"\0asm\x01\0\0\0";
        let (types, names, memory) = ([1, 1, 0], [0, 3, 1, b'n', 7], [5, 3, 1, 0, 1]);
        let module = [&head[..], &types, &names, &memory].concat();
        let kept = without_names(&module).expect("reads");
        assert_eq!(kept, [&head[..], &types, &memory].concat());
        assert!(without_names(&module[..module.len() - 2]).is_err());
        assert!(without_names(b"rubbish").is_err());
    }
}
