//! Builds the web app: Rust to WebAssembly, its JavaScript side, and a folder of finished files that the edge embeds.
//! Nothing here downloads anything but the compiler's own wasm target.

mod bindgen;
mod compile;
mod pack;
mod split;
mod stamp;
mod target;

pub(crate) use target::{WASM as TARGET, ensure as ensure_target};

use crate::progress::Step;
use crate::workspace;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// Builds what has changed and returns the folder of finished files.
///
/// # Errors
/// When the app does not compile or the folder cannot be written.
pub(crate) fn build() -> Result<PathBuf> {
    target::ensure()?;
    let module = compile::compile()?;
    let bytes = std::fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
    let dist = workspace::web_dist();
    let inputs = stamp::of(&bytes)?;
    if stamp::is_current(&dist, &inputs) {
        return Ok(dist);
    }
    let step = Step::start("packing the web app");
    let bound = bindgen::bind(&bytes)?;
    step.note("compressing");
    let packed = pack::pack(&bound, &dist)?;
    stamp::write(&inputs)?;
    step.done(&packed.to_string());
    Ok(dist)
}
