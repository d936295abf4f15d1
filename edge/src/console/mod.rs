//! Commands at the machine's own console. While `serve` runs they go to it over a socket in the data directory that only
//! its owner may open; otherwise they open the house themselves. Either way the same code carries them out.

mod audit;
mod backup;
mod changes;
mod export;
mod found;
mod moving;
mod people;
mod privacy;

pub(crate) mod socket;
mod tell;

use crate::config::Config;
use crate::house::House;
use crate::rules::rules;
use anyhow::Result;
pub(crate) use audit::verify;
pub(crate) use backup::{Asked as BackupAsked, restore};
use edge_kernel::Clock;
use edge_kernel::ledger::moved_away;
pub(crate) use export::{erasures, export};
pub(crate) use found::found;
pub(crate) use moving::take_back;
pub(crate) use people::Import;
pub(crate) use privacy::Erase;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
pub(crate) use tell::{Progress, Tell};

/// What can be asked at the console of a house, running or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Preview or commit a roster.
    Import(Import),
    /// Take a committed change set back.
    Undo { id: String, json: bool },
    /// Fold views up to a moment.
    Replay {
        until: Option<String>,
        view: Option<String>,
        json: bool,
    },
    /// Show one entry with its proof.
    Show { position: u64 },
    /// Log that the log is exported, now or up to a position; the export itself is written by whoever asks.
    Export { until: Option<u64> },
    /// Propose to forget somebody, or forget them.
    Erase(Erase),
    /// Bring a backup, or seal the keys to a recipient.
    Backup(BackupAsked),
    /// What the retention rules make due.
    Due,
    /// The certificate of an erasure, printed or into a file.
    Certificate { batch: String, out: Option<PathBuf> },
    /// Move the school to the machine that has printed a code.
    Move { code: String },
    /// Put everything about a person together in a new file.
    Package { person: String, out: PathBuf },
}

impl Command {
    /// Whether the running server carries it out to its end also when nobody waits for the answer any more: what changes the
    /// school is not left half done.
    fn goes_on_alone(&self) -> bool {
        match self {
            Self::Import(_) | Self::Undo { .. } | Self::Erase(_) => true,
            Self::Replay { .. }
            | Self::Show { .. }
            | Self::Export { .. }
            | Self::Backup(_)
            | Self::Due
            | Self::Certificate { .. }
            | Self::Move { .. }
            | Self::Package { .. } => false,
        }
    }
}

/// What a command led to: what to print, and the exit status.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn done(out: impl Into<String>) -> Self {
        Self {
            status: 0,
            out: out.into(),
            err: String::new(),
        }
    }

    pub(crate) fn refused(err: impl Into<String>) -> Self {
        Self {
            status: 1,
            out: String::new(),
            err: err.into(),
        }
    }
}

/// Whether there is a log in a directory; one that was there and is gone is refused, and so is whoever may not look.
fn has_log(data: &Path) -> Result<bool> {
    if let Err(error) = data.join("log.db").metadata()
        && error.kind() == std::io::ErrorKind::PermissionDenied
    {
        anyhow::bail!(
            "you may not read {}; type this as the user that the school runs as, for example after `sudo -u schulhof`",
            data.display()
        );
    }
    edge_kernel::ledger::refuse_lost_log(data)?;
    Ok(data.join("log.db").exists())
}

/// Why a file or directory that must be new could not be made.
fn not_made(path: &Path, error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            anyhow::anyhow!("{} is there already; name another", path.display())
        }
        _ => anyhow::Error::from(error).context(format!("creating {}", path.display())),
    }
}

/// Carries a command out: by the running server when there is one, else here.
pub(crate) async fn run(data: &Path, command: Command, tell: &Tell) -> Result<Answer> {
    if let Some(answer) = socket::ask(data, &command, tell).await? {
        return Ok(answer);
    }
    let config = Config::read(data, None)?;
    let places = config.places()?;
    if let Command::Move { code } = &command
        && moved_away(data).await?.is_some()
    {
        return moving::go_on(data, &places, code, tell).await;
    }
    if places.server.is_none() && !has_log(data)? {
        anyhow::bail!(
            "there is no school in {}: name its data directory with --data, or found a new school with `schulhof init` or `schulhof serve`",
            data.display()
        );
    }
    // Only what asks for the rules must fail when they cannot be read.
    let rules = match command {
        Command::Due => Some(rules(&config, data)?),
        _ => None,
    };
    let mut house = House::open_at(data, &places, Clock::System, &|what, done, of| {
        tell.progress(what, done, of)
    })
    .await?;
    if let Some(rules) = rules {
        house.privacy = house.privacy.with_rules(rules);
    }
    let mut answer = carry_out(&house, command, tell).await;
    let followed = match house.kernel.ledger.is_paused() {
        true => Ok(()),
        false => edge_flows::catch_up(&house.kernel, &house.files, &house.messenger).await,
    };
    house.close().await;
    if let Err(error) = followed {
        // The command itself was carried out, and its answer must not be lost.
        let text = "what follows from this was not done yet; the server does it when it starts";
        answer.err += &format!("{text}: {:#}\n", anyhow::Error::from(error));
    }
    Ok(answer)
}

/// Carries a command out on a house.
pub(crate) async fn carry_out(house: &House, command: Command, tell: &Tell) -> Answer {
    let outcome = match command {
        Command::Import(asked) => people::import(house, asked).await,
        Command::Undo { id, json } => people::undo(house, &id, json).await,
        Command::Replay { until, view, json } => {
            audit::replay(house, until, view, json, tell).await
        }
        Command::Show { position } => audit::show(house, position).await,
        Command::Export { until } => export::record(house, until).await,
        Command::Erase(asked) => privacy::erase(house, asked, tell).await,
        Command::Package { person, out } => privacy::package(house, &person, &out, tell).await,
        Command::Backup(asked) => backup::carry_out(house, asked, tell).await,
        Command::Move { code } => moving::carry_out(house, &code, tell).await,
        Command::Due => privacy::due(house).await,
        Command::Certificate { batch, out } => {
            privacy::certificate(house, &batch, out.as_deref()).await
        }
    };
    outcome.unwrap_or_else(|error| Answer::refused(format!("{error:#}\n")))
}
