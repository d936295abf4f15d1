//! What the demo tells: `demo.json` for tests and scripts, and the same on the terminal for people.

use super::hybrid::Hybrid;
use super::school::{Login, Logins};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};

const NAME: &str = "demo.json";

/// The demo's addresses and logins.
#[derive(Serialize)]
pub(crate) struct Card {
    lan: String,
    relay: Option<String>,
    logins: Logins,
    /// The development authority that signed the relay address's certificate.
    ca: Option<PathBuf>,
}

impl Card {
    pub(crate) fn new(hybrid: &Hybrid, logins: Logins) -> Self {
        Self {
            lan: hybrid.lan_address(),
            relay: hybrid.relay_address(),
            ca: hybrid.authority(),
            logins,
        }
    }

    /// Writes the file whole or not at all: its appearance is the signal that the demo may be used.
    pub(crate) fn write(&self, data: &Path) -> Result<()> {
        let path = data.join(NAME);
        let unfinished = path.with_extension("json.new");
        std::fs::write(&unfinished, serde_json::to_string_pretty(self)?)
            .with_context(|| format!("writing {}", unfinished.display()))?;
        std::fs::rename(&unfinished, &path).with_context(|| format!("writing {}", path.display()))
    }

    pub(crate) fn print(&self) {
        println!("\nSchulhof is running.\n");
        println!("  in school   {}", self.lan);
        if let Some(relay) = &self.relay {
            println!("  from home   {relay}");
        }
        if let Some(authority) = &self.ca {
            println!(
                "              its certificate is signed by {}",
                authority.display()
            );
        }
        println!();
        let Logins {
            teacher,
            pupil,
            administrator,
            auditor,
            head,
            data_protection,
        } = &self.logins;
        for (who, shown) in [
            ("teacher", Some(teacher)),
            ("pupil", Some(pupil)),
            ("administrator", Some(administrator)),
            ("auditor", Some(auditor)),
            ("head", head.as_ref()),
            ("data protection", data_protection.as_ref()),
        ] {
            if let Some(Login { login, password }) = shown {
                println!("  {who:<16} {login:<24} {password}");
            }
        }
        println!("\nCtrl-C ends it; the school stays in its folder.");
    }
}

/// Removes the file of an earlier run, so that nobody takes it for ours.
pub(crate) fn remove(data: &Path) -> Result<()> {
    let path = data.join(NAME);
    if path.exists() {
        std::fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
    }
    Ok(())
}
