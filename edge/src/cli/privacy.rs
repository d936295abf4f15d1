//! `schulhof privacy …`: what it takes, and where the second person's password comes from.

use super::Data;
use crate::console::{self, Answer, Command as Console, Erase, Tell};
use anyhow::{Context, Result, ensure};
use clap::{Subcommand, ValueEnum};
use events::privacy::Depth;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Privacy {
    /// Propose to forget somebody. With --confirm-as a second person agrees at once, and it is carried out.
    Erase {
        /// The person's login name or id.
        person: String,
        /// Why: the legal basis or a reference number, at most 200 characters. It stays readable for ever: no names.
        #[arg(long, default_value = "DSGVO Art. 17 Abs. 1")]
        basis: String,
        /// How much goes: keys; ciphertexts as well; headers of what concerned the person alone too.
        #[arg(long, value_enum, default_value_t = Deep::Ciphertext)]
        depth: Deep,
        /// Only tell how much it would destroy.
        #[arg(long)]
        dry_run: bool,
        /// The login name of an administrator or head who agrees; their password is asked for.
        #[arg(long)]
        confirm_as: Option<String>,
        /// A file that holds that person's password on its first line, instead of asking.
        #[arg(long, requires = "confirm_as")]
        password_file: Option<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
    /// Write everything that the machine holds about a person into a ZIP archive: an overview, every event, their files.
    Export {
        /// The person's login name or id.
        person: String,
        /// The archive, which must not be there yet.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Tell what the retention rules make due within a year. Changes nothing.
    Due {
        #[command(flatten)]
        data: Data,
    },
    /// Print the signed certificate of a completed erasure, or write it to a file.
    Certificate {
        /// The batch's id.
        id: String,
        /// A file that must not be there yet: .pdf for paper, .json for programs.
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Deep {
    /// Only the keys.
    Key,
    /// Keys and ciphertexts.
    Ciphertext,
    /// Keys, ciphertexts, and headers of what concerned the person alone.
    Header,
}

impl From<Deep> for Depth {
    fn from(deep: Deep) -> Self {
        match deep {
            Deep::Key => Self::Key,
            Deep::Ciphertext => Self::Ciphertext,
            Deep::Header => Self::Header,
        }
    }
}

impl Privacy {
    pub(super) async fn run(self, tell: &Tell) -> Result<Answer> {
        match self {
            Self::Erase {
                person,
                basis,
                depth,
                dry_run,
                confirm_as,
                password_file,
                data,
            } => {
                let confirm = match confirm_as {
                    Some(login) => {
                        let password = password(&login, password_file.as_deref())?;
                        Some((login, password))
                    }
                    None => None,
                };
                let erase = Erase {
                    person,
                    basis,
                    depth: depth.into(),
                    dry_run,
                    confirm,
                };
                console::run(&data.data, Console::Erase(erase), tell).await
            }
            Self::Export { person, out, data } => {
                // The server that may carry this out has another working directory.
                let out = std::path::absolute(&out)
                    .with_context(|| format!("finding {}", out.display()))?;
                console::run(&data.data, Console::Package { person, out }, tell).await
            }
            Self::Due { data } => console::run(&data.data, Console::Due, tell).await,
            Self::Certificate { id, out, data } => {
                // The server that may carry this out has another working directory.
                let out = out.map(std::path::absolute).transpose();
                let out = out.context("finding the file")?;
                console::run(&data.data, Console::Certificate { batch: id, out }, tell).await
            }
        }
    }
}

/// The second person's password: from a file, or typed. Typed, it is read with the terminal's echo off.
fn password(login: &str, file: Option<&Path>) -> Result<String> {
    let text = match file {
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?
        }
        None => {
            ensure!(
                std::io::stdin().is_terminal(),
                "there is no terminal to ask for the password; name a --password-file"
            );
            eprint!("Password of {login}: ");
            std::io::stderr().flush()?;
            let typed = unseen()?;
            eprintln!();
            typed
        }
    };
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn unseen() -> Result<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let input = std::io::stdin();
    let before = tcgetattr(&input)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&input, OptionalActions::Now, &silent)?;
    let mut line = String::new();
    let read = input.read_line(&mut line);
    tcsetattr(&input, OptionalActions::Now, &before)?;
    read.context("reading the password")?;
    Ok(line)
}
