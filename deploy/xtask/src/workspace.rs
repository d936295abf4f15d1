//! Where things are in the working tree, and how cargo is called from inside cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds the workspace's Cargo.toml.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).unwrap_or(here);
    root.to_path_buf()
}

/// Cargo's target folder, wherever the developer has put it.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The folder of finished web assets. Fixed, because the edge embeds it by this path.
pub(crate) fn web_dist() -> PathBuf {
    root().join("target/web/dist")
}

/// Variables that cargo sets for the program it runs. Build scripts (ring's among them) watch some of them, so passing them
/// on would rebuild half the tree whenever a developer changes between `cargo` and `cargo xtask`.
fn is_set_by_cargo_for_us(name: &str) -> bool {
    name == "CARGO"
        || name == "OUT_DIR"
        || [
            "CARGO_MANIFEST_",
            "CARGO_PKG_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
            "CARGO_PRIMARY_",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// A cargo command that sees the environment a developer's own cargo would see.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_set_by_cargo_for_us) {
            command.env_remove(name);
        }
    }
    command.current_dir(root());
    command
}
