//! Makes sure that the compiler can build for the browser.

use crate::command;
use crate::progress::Step;
use crate::workspace;
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::Command;

/// The target's name.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Installs the wasm target if it is missing. An explicit `rustup target add` also works where rustup's automatic
/// installation is switched off.
pub(crate) fn ensure() -> Result<()> {
    if is_installed() {
        return Ok(());
    }
    let step = Step::start("installing the compiler's wasm target");
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", WASM])
        .current_dir(workspace::root());
    command::quietly(&step, &mut rustup).with_context(|| {
        format!("the wasm target is missing; please type: rustup target add {WASM}")
    })?;
    step.done("");
    Ok(())
}

fn is_installed() -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", WASM])
        .current_dir(workspace::root());
    command::answer(&mut rustc).is_some_and(|folder| {
        Path::new(&folder)
            .read_dir()
            .is_ok_and(|mut files| files.next().is_some())
    })
}
