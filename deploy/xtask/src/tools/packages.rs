//! What the tests need from the distribution: a browser, its driver, and PostgreSQL's programs.

use super::{apt, postgres};
use crate::command::is_on_path;
use anyhow::Result;
use std::path::Path;

/// Told before PostgreSQL is installed: tests start clusters of their own, so the package must not start one for itself.
const NO_CLUSTER: &str = "create_main_cluster = false\n";

/// Installs the browser, its driver and PostgreSQL where they are missing.
///
/// # Errors
/// When something is missing and we may not install it; the error says what to type.
pub(crate) fn ensure_for_tests() -> Result<()> {
    let mut missing = Vec::new();
    if !["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .any(|name| is_on_path(name))
    {
        missing.push("chromium");
    }
    if !is_on_path("chromedriver") {
        missing.push("chromium-driver");
    }
    if !postgres::is_there() {
        missing.push("postgresql");
    }
    if missing.is_empty() {
        return Ok(());
    }
    if missing.contains(&"postgresql") && apt::is_allowed() {
        let settings = Path::new("/etc/postgresql-common/createcluster.conf");
        if !settings.exists() {
            std::fs::create_dir_all("/etc/postgresql-common")?;
            std::fs::write(settings, NO_CLUSTER)?;
        }
    }
    apt::install(&missing)
}
