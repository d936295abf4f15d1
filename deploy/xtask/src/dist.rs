//! `cargo xtask dist`: the binaries that a school and a relay's operator install, with the web app inside, and the one with which
//! an auditor verifies an export.

use crate::progress::Step;
use crate::{command, web, workspace};
use anyhow::Result;

/// Builds the release binaries into `target/release`.
pub(crate) fn run() -> Result<()> {
    web::build()?;
    build_binaries(&SHIPPED)?;
    for name in SHIPPED {
        println!(
            "{}",
            workspace::target().join("release").join(name).display()
        );
    }
    Ok(())
}

/// What an operator installs.
const SHIPPED: [&str; 3] = ["schulhof", "schulhof-relay", "schulhof-verify"];
/// What `run` starts: these and the seeder.
pub(crate) const DEMO: [&str; 3] = ["schulhof", "schulhof-relay", "schulhof-demo"];
/// What `bench` starts: the demo's programs and the load generators.
pub(crate) const BENCHES: [&str; 7] = [
    "schulhof",
    "schulhof-relay",
    "schulhof-demo",
    "bench-append",
    "bench-login",
    "bench-move",
    "bench-relay",
];

/// Builds binaries in one call, for the same packages always, so that all agree on their dependencies' features and nothing
/// is compiled twice.
pub(crate) fn build_binaries(names: &[&str]) -> Result<()> {
    let step = Step::start("building the school's machine and the relay");
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--release"]);
    cargo.args(["-p", "edge", "-p", "cloud-relay", "-p", "schulhof-verify"]);
    cargo.args(["-p", "e2e"]);
    cargo.args(names.iter().flat_map(|name| ["--bin", name]));
    match command::quietly(&step, &mut cargo) {
        Ok(_) => step.done(""),
        Err(error) => {
            step.failed();
            return Err(error);
        }
    }
    Ok(())
}
