//! Gives the module its JavaScript side. Binaryen's `wasm-opt` would save 1 KB of 449 with brotli, and give a machine that has it
//! another app than one that has not.

use crate::workspace;
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

/// The app's two halves and the scripts that crates bring along.
pub(super) struct Bound {
    pub(super) script: String,
    pub(super) module: Vec<u8>,
    /// The folder of scripts that the app's script imports by relative path, if there are any.
    pub(super) snippets: Option<PathBuf>,
}

/// Runs wasm-bindgen over the compiled module.
pub(super) fn bind(module: Vec<u8>) -> Result<Bound> {
    let out = workspace::root().join("target/web/bound");
    if out.exists() {
        std::fs::remove_dir_all(&out).context("clearing the last build's scripts")?;
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes("app", module)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // Leptos nests views in types whose names are longer than the code: almost half the module.
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(&out)
        .context("running wasm-bindgen; its version must equal the library's in Cargo.toml")?;
    let snippets = out.join("snippets");
    Ok(Bound {
        script: std::fs::read_to_string(out.join("app.js")).context("reading the app's script")?,
        module: std::fs::read(out.join("app_bg.wasm")).context("reading the app's module")?,
        snippets: snippets.is_dir().then_some(snippets),
    })
}
