//! Gives the app's core its JavaScript side. Binaryen's `wasm-opt` would save 1 KB of 449 with brotli, and give a machine that has it
//! another app than one that has not.

use super::split::{self, Cut};
use crate::workspace;
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

/// The app's script, as the script that fetches the areas knows it.
pub(super) const SCRIPT: &str = "./app.js";

/// What the compiled module became.
pub(super) struct Bound {
    pub(super) script: String,
    pub(super) core: Vec<u8>,
    /// Fetches the areas.
    pub(super) fetching: String,
    /// The areas and what some of them share, by file name.
    pub(super) parts: Vec<(String, Vec<u8>)>,
    /// The folder of scripts that the app's script imports by relative path, if there are any.
    pub(super) snippets: Option<PathBuf>,
}

/// Cuts the compiled module and runs wasm-bindgen over its core.
pub(super) fn bind(module: &[u8]) -> Result<Bound> {
    let out = workspace::root().join("target/web/bound");
    if out.exists() {
        std::fs::remove_dir_all(&out).context("clearing the last build's scripts")?;
    }
    let Cut {
        core,
        script,
        parts,
    } = split::cut(module, SCRIPT)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes("app", core)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // What the areas find in the core.
        .keep_lld_exports(true)
        // Leptos nests views in types whose names are longer than the code: almost half the module.
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(&out)
        .context("running wasm-bindgen; its version must equal the library's in Cargo.toml")?;
    let snippets = out.join("snippets");
    Ok(Bound {
        script: std::fs::read_to_string(out.join(SCRIPT)).context("reading the app's script")?,
        core: std::fs::read(out.join("app_bg.wasm")).context("reading the app's core")?,
        fetching: script,
        parts,
        snippets: snippets.is_dir().then_some(snippets),
    })
}
