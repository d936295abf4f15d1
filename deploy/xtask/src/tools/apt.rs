//! The distribution's packages, by name.

use crate::command;
use crate::progress::Step;
use anyhow::{Result, bail};
use std::process::Command;

/// What to type to install these packages by hand.
pub(super) fn what_to_type(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install --no-install-recommends -y {}",
        packages.join(" ")
    )
}

/// Whether we may install packages at all: as root, where there is apt.
pub(super) fn is_allowed() -> bool {
    rustix::process::geteuid().is_root() && command::is_on_path("apt-get")
}

/// Installs packages.
///
/// # Errors
/// When we are not root or the distribution does not have them; the error says what to type.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    if !is_allowed() {
        bail!(
            "missing: {}. Please type:\n  {}",
            packages.join(", "),
            what_to_type(packages)
        );
    }
    let step = Step::start(format!("installing {}", packages.join(", ")));
    let outcome = command::quietly(&step, apt_get().arg("update")).and_then(|_| {
        command::quietly(
            &step,
            apt_get()
                .args(["install", "--no-install-recommends", "-y"])
                .args(packages),
        )
    });
    match outcome {
        Ok(_) => {
            step.done("");
            Ok(())
        }
        Err(error) => {
            step.failed();
            Err(error.context(format!("please try by hand:\n  {}", what_to_type(packages))))
        }
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
