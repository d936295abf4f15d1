//! `schulhof keys`.

use super::Data;
use crate::config::Config;
use crate::console::Answer;
use anyhow::{Context, Result};
use clap::Subcommand;
use edge_kernel::keyring::Keyring;
use edge_kernel::ledger::lock;

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Bring the keys from the data directory into the database that database.keyring_url names.
    ToServer {
        #[command(flatten)]
        data: Data,
    },
    /// Bring the keys from that database into the data directory; take the setting away afterwards.
    ToDirectory {
        #[command(flatten)]
        data: Data,
    },
}

impl Keys {
    /// Nobody may serve the school meanwhile: on this machine that is seen to, on others the operator does.
    pub(super) fn run(self) -> Result<Answer> {
        let (Self::ToServer { data } | Self::ToDirectory { data }) = &self;
        let data = &data.data;
        let server = Config::read(data, None)?.database.server()?;
        let database = server.as_ref().and_then(|server| server.keys());
        let database = database.context("database.keyring_url names no database for the keys; enter it in schulhof.toml in the data directory first")?;
        let directory = data.join("keys");
        let _held = lock(data)?;
        let told = match self {
            Self::ToServer { .. } => {
                Keyring::bring_to_server(&directory, database)?;
                format!(
                    "The keys are in {database}. What stays in {} opens them: it belongs on every machine that serves the school, and into the backup of the keys.\n",
                    directory.display()
                )
            }
            Self::ToDirectory { .. } => {
                Keyring::bring_to_directory(&directory, database)?;
                format!(
                    "The keys are in {}, and {database} is empty. Take database.keyring_url out of the configuration.\n",
                    directory.display()
                )
            }
        };
        Ok(Answer::done(told))
    }
}
