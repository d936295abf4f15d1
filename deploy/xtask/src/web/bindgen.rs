//! Gives the module its JavaScript side, and makes it smaller where Binaryen happens to be installed.

use crate::{command, workspace};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// What Rust 1.95 uses of WebAssembly; older Binaryens must be told.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-multivalue",
];

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
    let module = out.join("app_bg.wasm");
    shrink(&module);
    let snippets = out.join("snippets");
    Ok(Bound {
        script: std::fs::read_to_string(out.join("app.js")).context("reading the app's script")?,
        module: std::fs::read(&module).context("reading the app's module")?,
        snippets: snippets.is_dir().then_some(snippets),
    })
}

/// Worth about 7 % raw and 1.5 % compressed: welcome where `wasm-opt` is there, never a reason to fail.
fn shrink(module: &Path) {
    if !command::is_on_path("wasm-opt") {
        return;
    }
    let smaller = module.with_extension("smaller");
    let mut optimiser = Command::new("wasm-opt");
    optimiser
        .arg("-Oz")
        .args(FEATURES)
        .arg(module)
        .arg("-o")
        .arg(&smaller);
    if command::answer(&mut optimiser).is_none() || std::fs::rename(&smaller, module).is_err() {
        eprintln!("wasm-opt could not shrink the app; going on without it");
    }
}
