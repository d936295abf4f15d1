//! `schulhof backup` and `schulhof restore`.

use super::Data;
use crate::console::{self, Answer, BackupAsked, Command as Console, Tell};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Backup {
    #[command(subcommand)]
    what: Option<What>,
    /// The place: a directory that exists, as a path or file:///path, or s3://bucket/prefix.
    #[arg(long, required = true)]
    to: Option<String>,
    /// The data directory.
    #[arg(long, required = true)]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum What {
    /// Seal the keys to a recipient, into a file apart from the log's backup; again after every erasure and every month.
    Keys {
        /// The file; the keyring's epoch is put into its name.
        #[arg(long)]
        to: PathBuf,
        /// Whom it is sealed to: `age1…`, as `age-keygen` prints it.
        #[arg(long)]
        recipient: String,
        #[command(flatten)]
        data: Data,
    },
}

impl Backup {
    pub(super) async fn run(self, tell: &Tell) -> Result<Answer> {
        let (asked, data) = match (self.what, self.to, self.data) {
            (
                Some(What::Keys {
                    to,
                    recipient,
                    data,
                }),
                _,
                _,
            ) => {
                let to = std::path::absolute(to)?;
                (BackupAsked::Keys { to, recipient }, data.data)
            }
            (None, Some(to), Some(data)) => {
                // The running server has another working directory.
                let to = match to.contains("://") {
                    true => to,
                    false => std::path::absolute(to)?.to_string_lossy().into_owned(),
                };
                (BackupAsked::Log { to }, data)
            }
            (None, _, _) => anyhow::bail!("name a place with --to, and the data directory"),
        };
        console::run(&data, Console::Backup(asked), tell).await
    }
}

#[derive(Args)]
pub(super) struct Restore {
    /// The place that `schulhof backup --to` was given.
    #[arg(long)]
    from: String,
    /// The newest file that `schulhof backup keys` has written.
    #[arg(long)]
    keys: PathBuf,
    /// The file with the identity that the keys are sealed to, as `age-keygen` writes it.
    #[arg(long)]
    identity: PathBuf,
    /// A directory that is not there yet, or empty.
    #[arg(long)]
    data: PathBuf,
    /// The configuration, when it names a database server or an object store; it is copied into the directory.
    #[arg(long)]
    config: Option<PathBuf>,
}

impl Restore {
    pub(super) async fn run(self, tell: &Tell) -> Result<Answer> {
        let keys = read(&self.keys)?;
        let identity = String::from_utf8(read(&self.identity)?)
            .context("the file of identities is no text")?;
        let config = self.config.as_deref();
        console::restore(&self.from, &keys, &identity, &self.data, config, tell).await
    }
}

/// A gibibyte: more than the keys of any school.
const LARGEST: u64 = 1 << 30;

fn read(path: &Path) -> Result<Vec<u8>> {
    let doing = || format!("reading {}", path.display());
    let length = std::fs::metadata(path).with_context(doing)?.len();
    anyhow::ensure!(length <= LARGEST, "{} is far too large", path.display());
    std::fs::read(path).with_context(doing)
}
