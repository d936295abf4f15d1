//! Makes sure that there is a folder of web files to embed. `cargo xtask` fills it; a plain `cargo build` of the edge alone
//! gets one page that says so, because an embedding of a folder that does not exist would stay empty for ever.

use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html><meta charset=utf-8><title>Schulhof</title><p>Die Web-Anwendung ist noch nicht gebaut: <code>cargo xtask web</code>";

fn main() -> std::io::Result<()> {
    let folder = Path::new("../target/web/dist");
    if !folder.exists() {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("index.html"), PLACEHOLDER)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    // Debug builds read the folder while they run, so only optimised ones must be made anew when it changes.
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../target/web/dist");
    }
    Ok(())
}
