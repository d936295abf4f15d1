//! Compiles `frontend-leptos` for the browser and finds the module that cargo made of it.

use super::target::WASM;
use crate::progress::Step;
use crate::{command, workspace};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::path::PathBuf;

/// Always the profile that schools get: browser tests then test what ships, and `run` and `test` share one build.
const PROFILE: &str = "wasm-release";
/// Leptos erases the types of components under the first flag. Measured: a tenth less to download. The second keeps what refers to what,
/// without which the areas could not be cut out.
const FLAGS: (&str, &str) = (
    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
    "--cfg erase_components -Clink-args=--emit-relocs",
);

/// Compiles the app and returns the path of its module.
pub(super) fn compile() -> Result<PathBuf> {
    let step = Step::start("building the web app");
    let mut cargo = workspace::cargo();
    cargo.args([
        "build",
        "-p",
        "frontend-leptos",
        "--target",
        WASM,
        "--profile",
        PROFILE,
        "--message-format=json-render-diagnostics",
    ]);
    cargo.env(FLAGS.0, FLAGS.1);
    let messages = match command::quietly(&step, &mut cargo) {
        Ok(messages) => messages,
        Err(error) => {
            step.failed();
            return Err(error);
        }
    };
    step.done("");
    messages
        .lines()
        .filter_map(module_in)
        .next_back()
        .context("cargo made no wasm module of frontend-leptos; it needs a src/main.rs")
}

/// The wasm file that one of cargo's messages announces, if it does.
fn module_in(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let files = message.get("filenames")?.as_array()?;
    files
        .iter()
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(".wasm"))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::module_in;

    #[test]
    fn the_module_is_found_among_cargos_messages() {
        let message = r#"{"reason":"compiler-artifact","filenames":["/t/app.d","/t/app.wasm"]}"#;
        assert_eq!(
            module_in(message).as_deref(),
            Some(std::path::Path::new("/t/app.wasm"))
        );
        assert_eq!(
            module_in(r#"{"reason":"build-finished","success":true}"#),
            None
        );
    }
}
