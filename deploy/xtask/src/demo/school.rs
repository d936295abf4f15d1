//! The invented school: seeded once per data folder, by the project's own generator.

use crate::progress::Step;
use crate::{command, workspace};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;

/// Who gets a password. Hashing one takes some tens of milliseconds on purpose, so a demonstration does it for six people
/// and only the login bench for all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passwords {
    /// The people whose logins are shown.
    Shown,
    /// Everybody; their logins are written beside the school.
    All,
}

/// One person's way in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Login {
    pub(crate) login: String,
    pub(crate) password: String,
}

/// The people whose logins the demo shows.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Logins {
    pub(crate) teacher: Login,
    pub(crate) pupil: Login,
    pub(crate) administrator: Login,
    pub(crate) auditor: Login,
    /// Schools that were seeded before these two were shown have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<Login>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) data_protection: Option<Login>,
}

/// What the seeder notes beside the school it has made, as its last act.
#[derive(Deserialize)]
struct Seeded {
    seed: u64,
    people: u32,
    logins: Logins,
}

/// Seeds the folder if it is empty, and returns the logins.
///
/// # Errors
/// When the folder holds another school, or one whose seeding was interrupted.
pub(crate) fn ensure(data: &Path, seed: u64, people: u32, passwords: Passwords) -> Result<Logins> {
    let note = data.join("seeded.json");
    if !note.exists() {
        if data.join("log.db").exists() {
            bail!(
                "{0} holds a school that was not finished, or is not a demo. Please type:\n  rm -r {0}\nor name another folder with --data",
                data.display()
            );
        }
        invent(data, seed, people, passwords)?;
    }
    let text =
        std::fs::read_to_string(&note).with_context(|| format!("reading {}", note.display()))?;
    let seeded: Seeded =
        serde_json::from_str(&text).with_context(|| format!("reading {}", note.display()))?;
    if (seeded.seed, seeded.people) != (seed, people) {
        bail!(
            "{} holds the school of --seed {} --people {}. Ask for that one, name another folder with --data, or remove it",
            data.display(),
            seeded.seed,
            seeded.people
        );
    }
    Ok(seeded.logins)
}

fn invent(data: &Path, seed: u64, people: u32, passwords: Passwords) -> Result<()> {
    std::fs::create_dir_all(data).with_context(|| format!("creating {}", data.display()))?;
    let step = Step::start(format!("inventing a school of {people} people"));
    let mut seeder = Command::new(workspace::target().join("release/schulhof-demo"));
    seeder.arg("--data").arg(data).args([
        "--seed",
        &seed.to_string(),
        "--people",
        &people.to_string(),
    ]);
    if passwords == Passwords::All {
        seeder.arg("--everybody");
    }
    match command::quietly(&step, &mut seeder) {
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
