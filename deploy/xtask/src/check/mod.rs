//! `cargo xtask test`: from a clean clone to one line that says how many tests passed. Installs what the tests need,
//! builds everything once, runs every check and every test, and looks behind itself for processes left running.

mod leftovers;
mod tally;

use crate::progress::Step;
use crate::tools::{self, Durability, Servers};
use crate::{command, web, workspace};
use anyhow::{Result, bail};
use clap::Args;
use leftovers::Watch;
use std::process::Command;
use tally::Tally;

/// What `cargo xtask test` can be told.
#[derive(Args)]
pub(crate) struct Options {
    /// Run the tests marked long as well
    #[arg(long)]
    long: bool,
}

/// Packages that are not tested together with the rest: the frontend is compiled for the browser, and xtask is built
/// alone whenever it is called, so building it among the others would compile its dependencies a second time.
const APART: [&str; 4] = ["--exclude", "frontend-leptos", "--exclude", "xtask"];

/// Runs everything and prints `N passed, N failed, N skipped` as the last line.
pub(crate) fn run(options: &Options) -> Result<()> {
    let watch = Watch::begin()?;
    tools::ensure_for_tests()?;
    let servers = Servers::start(Durability::Forgetful)?;
    let mut tally = Tally::default();
    lint(&mut tally);
    // The browser tests read the app from its folder, and whole-program tests start the binaries: both come first.
    if tally.gate(web::build().map(drop)) && tally.gate(build()) {
        for packages in [&["--workspace"][..], &["-p", "xtask"][..]] {
            let mut cargo = workspace::cargo();
            cargo
                .arg("test")
                .args(packages)
                .args(apart_from(packages))
                .arg("--no-fail-fast");
            cargo.envs(servers.named());
            // What passed tests print says which of them were skipped; the tally shows nothing else of it.
            cargo.args(["--", "--show-output"]);
            if options.long {
                cargo.arg("--include-ignored");
            }
            tally.run_tests(&mut cargo)?;
        }
    }
    drop(servers);
    tally.gate(watch.end());
    println!("{tally}");
    if tally.has_failures() {
        bail!("not everything passed");
    }
    Ok(())
}

fn apart_from(packages: &[&str]) -> &'static [&'static str] {
    if packages == ["--workspace"] {
        &APART
    } else {
        &[]
    }
}

/// The checks that need no running program.
fn lint(tally: &mut Tally) {
    let strict = ["--", "-D", "warnings"];
    let mut format = workspace::cargo();
    format.args(["fmt", "--all", "--check"]);
    tally.gate(step("checking the format", &mut format));
    let mut native = workspace::cargo();
    native
        .args(["clippy", "--workspace", "--all-targets"])
        .args(APART)
        .args(strict);
    tally.gate(step("linting the school's machine", &mut native));
    let mut ours = workspace::cargo();
    ours.args(["clippy", "-p", "xtask", "--all-targets"])
        .args(strict);
    tally.gate(step("linting the developer's commands", &mut ours));
    let browser = web::ensure_target().and_then(|()| {
        let mut browser = workspace::cargo();
        browser
            .args(["clippy", "-p", "frontend-leptos", "--target", web::TARGET])
            .args(strict);
        step("linting the web app", &mut browser)
    });
    tally.gate(browser);
}

/// Builds binaries and tests in one call. `--all-targets` takes the tests' dependencies into account, so that the features
/// of every package are those that `cargo test` will ask for, and nothing is compiled twice.
fn build() -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--workspace", "--all-targets"])
        .args(APART);
    step("building the tests", &mut cargo)
}

fn step(name: &str, cargo: &mut Command) -> Result<()> {
    let step = Step::start(name);
    match command::quietly(&step, cargo) {
        Ok(_) => {
            step.done("");
            Ok(())
        }
        Err(error) => {
            step.failed();
            Err(error)
        }
    }
}
