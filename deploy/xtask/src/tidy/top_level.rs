//! Why: the first `ls` is the first page of the manual. Eight folders have fixed names (DESIGN, section 2), the usual root
//! files stand beside them, and nothing else does.

use super::Complaint;
use super::house::House;
use anyhow::Result;

const FOLDERS: [&str; 7] = [
    "events",
    "edge",
    "cloud-relay",
    "frontend-leptos",
    "migrations",
    "tests",
    "deploy",
];
const FILES: [&str; 13] = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "clippy.toml",
    "deny.toml",
    "schulhof.example.toml",
];
/// Made by tools and ignored by git.
const IGNORED: [&str; 2] = ["target", "data"];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for entry in house.root.read_dir()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = if entry.path().is_dir() {
            FOLDERS.contains(&name.as_str()) || IGNORED.contains(&name.as_str())
        } else {
            FILES.contains(&name.as_str()) || name.starts_with("LICENSE-")
        };
        if !known && !name.starts_with('.') {
            complaints.push(Complaint {
                place: name,
                problem: "does not belong at the top".into(),
                remedy: "move it into the folder that owns it; the top-level names are fixed",
            });
        }
    }
    Ok(complaints)
}
