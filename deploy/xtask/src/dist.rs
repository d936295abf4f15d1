//! `cargo xtask dist`: the binaries that a school and a relay's operator install, with the web app inside, and the one with which
//! an auditor verifies an export.

use crate::progress::Step;
use crate::{command, web, workspace};
use anyhow::Result;

/// Builds the release binaries into `target/release`.
pub(crate) fn run() -> Result<()> {
    web::build()?;
    build_binaries()?;
    for name in ["schulhof", "schulhof-relay", "schulhof-verify"] {
        println!(
            "{}",
            workspace::target().join("release").join(name).display()
        );
    }
    Ok(())
}

/// Builds `schulhof`, `schulhof-relay`, `schulhof-verify` and the seeder in one call, so that all agree on their dependencies' features
/// and nothing is compiled twice.
pub(crate) fn build_binaries() -> Result<()> {
    let step = Step::start("building the school's machine and the relay");
    let arguments = [
        "build",
        "--release",
        "-p",
        "edge",
        "-p",
        "cloud-relay",
        "-p",
        "schulhof-verify",
        "-p",
        "e2e",
        "--bins",
    ];
    match command::quietly(&step, workspace::cargo().args(arguments)) {
        Ok(_) => step.done(""),
        Err(error) => {
            step.failed();
            return Err(error);
        }
    }
    Ok(())
}
