//! The working tree as the rules see it: every file that is ours, read once, and cargo's view of the packages.

use crate::workspace;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A text file of ours.
pub(super) struct File {
    /// Its path from the root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

/// A package of the workspace.
#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    manifest_path: PathBuf,
    pub(super) dependencies: Vec<Dependency>,
}

/// One line of a package's dependencies, of any kind.
#[derive(Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) kind: Option<String>,
    pub(super) features: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// Everything that the rules look at.
pub(super) struct House {
    pub(super) root: PathBuf,
    pub(super) files: Vec<File>,
    pub(super) packages: Vec<Package>,
}

impl House {
    /// Reads the tree around this program's source.
    pub(super) fn read() -> Result<Self> {
        let root = workspace::root();
        let mut files = Vec::new();
        collect(&root, &root, &mut files)?;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self {
            packages: packages()?,
            root,
            files,
        })
    }

    /// The Rust files below a folder.
    pub(super) fn rust_below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a File> {
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(folder) && file.path.ends_with(".rs"))
    }

    /// The names of the folders directly below one.
    pub(super) fn folders_in(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = self.root.join(folder).read_dir() else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }
}

impl Package {
    /// The package's folder from the root, with forward slashes.
    pub(super) fn folder(&self, root: &Path) -> String {
        let folder = self.manifest_path.parent().unwrap_or(root);
        folder
            .strip_prefix(root)
            .unwrap_or(folder)
            .to_string_lossy()
            .into_owned()
    }
}

fn packages() -> Result<Vec<Package>> {
    let mut cargo = workspace::cargo();
    let output = cargo
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .output()
        .context("asking cargo for the packages")?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).with_context(|| {
        format!(
            "reading cargo's answer: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    Ok(metadata.packages)
}

/// Folders that hold nothing of ours.
fn is_foreign(name: &str) -> bool {
    matches!(name, "target" | ".git" | "node_modules")
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    for entry in folder
        .read_dir()
        .with_context(|| format!("reading {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path.is_dir() {
            if !is_foreign(&name) {
                collect(root, &path, files)?;
            }
            continue;
        }
        // Images and other bytes are no business of these rules.
        if let Ok(text) = std::fs::read_to_string(&path) {
            let path = path.strip_prefix(root)?.to_string_lossy().into_owned();
            files.push(File { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn pretend(files: &[(&str, &str)]) -> House {
    let files = files
        .iter()
        .map(|(path, text)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    House {
        root: PathBuf::from("/nowhere"),
        files,
        packages: Vec::new(),
    }
}
