//! The command line. Its names are a contract that scripts and operators rely on.

mod backup;
mod keys;
mod moving;
mod privacy;

use crate::config::Config;
use crate::console::{self, Answer, Command as Console, Tell};
use crate::serve;
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use edge_kernel::Clock;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Schulhof: the school's own server.
#[derive(Parser)]
#[command(name = "schulhof", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the school; the first start founds it and prints a one-time set-up link.
    Serve(Serve),
    /// Found a school without a browser.
    Init(Init),
    /// People: import a roster, take an import back.
    #[command(subcommand)]
    People(People),
    /// The log: verify, replay, show, export.
    #[command(subcommand)]
    Audit(Audit),
    /// Bring the log and the files to a place for backups; with `keys`, seal the keys to a recipient.
    Backup(backup::Backup),
    /// Build a data directory out of a backup and the keys.
    Restore(backup::Restore),
    /// Move the school to another machine: `--receive` there, which prints a code, then `--to CODE` here.
    Move(moving::Move),
    /// Keys: into a database of their own, and back.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Privacy: forget people, print certificates, hand out what is known of somebody, tell what falls due.
    #[command(subcommand)]
    Privacy(privacy::Privacy),
}

#[derive(Args)]
struct Data {
    /// The data directory.
    #[arg(long)]
    data: PathBuf,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    /// Plain HTTP on loopback.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// The configuration; by default schulhof.toml in the data directory.
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct Init {
    #[command(flatten)]
    data: Data,
    /// The school's name.
    #[arg(long)]
    school: String,
    /// The first administrator's login name.
    #[arg(long)]
    admin: String,
    /// A file that holds the administrator's password on its first line.
    #[arg(long)]
    password_file: PathBuf,
}

#[derive(Subcommand)]
enum People {
    /// Show what a roster would change; with --apply, commit it.
    Import {
        /// The file.
        file: PathBuf,
        /// Its dialect: auto, danis, csv.
        #[arg(long, default_value = "auto")]
        source: String,
        /// Commit the change set and print its id.
        #[arg(long)]
        apply: bool,
        /// Confirm that many people leave.
        #[arg(long)]
        confirm_leavers: bool,
        /// Show everybody, not the first of each kind.
        #[arg(long)]
        all: bool,
        /// For machines.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Take a committed change set back, as far as nothing was built on it.
    Undo {
        /// The change set's id.
        id: String,
        /// For machines.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
enum Audit {
    /// Verify every byte of the log; exit status 0 only when it is whole.
    Verify {
        /// For machines.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Fold views up to a moment of the past.
    Replay {
        /// A position, or a time such as 2026-11-22 or 2026-11-22T13:30; by default now.
        #[arg(long)]
        until: Option<String>,
        /// One view; by default the rows of all are counted.
        #[arg(long)]
        view: Option<String>,
        /// For machines; equal state gives equal bytes.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Show one entry, its event and its proof.
    Show {
        /// The position.
        position: u64,
        #[command(flatten)]
        data: Data,
    },
    /// Write a package that somebody else can verify with `schulhof-verify`.
    Export {
        /// A directory that is not there yet, or empty.
        #[arg(long)]
        out: PathBuf,
        /// A position; by default everything.
        #[arg(long)]
        until: Option<u64>,
        #[command(flatten)]
        data: Data,
    },
}

impl Cli {
    /// Runs the command and gives the exit status; whatever goes wrong is told on standard error, cause by cause.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let runtime = match tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
        {
            Ok(runtime) => runtime,
            Err(error) => return refuse(&error.into()),
        };
        let answer = runtime.block_on(self.command.run());
        // A reading thread may still hang on standard input or a lock file; nobody waits for it.
        runtime.shutdown_timeout(std::time::Duration::from_secs(1));
        match answer {
            Ok(answer) => print(&answer),
            Err(error) => refuse(&error),
        }
    }
}

fn refuse(error: &anyhow::Error) -> ExitCode {
    eprintln!("schulhof: {error:#}");
    ExitCode::FAILURE
}

fn print(answer: &Answer) -> ExitCode {
    // A reader that has closed its end wants no more; that is no failure of the command.
    let _ = std::io::stdout().write_all(answer.out.as_bytes());
    let _ = std::io::stderr().write_all(answer.err.as_bytes());
    ExitCode::from(answer.status)
}

impl Command {
    async fn run(self) -> Result<Answer> {
        let tell = Tell::here();
        match self {
            Self::Serve(serve) => serve.run(&tell).await,
            Self::Init(init) => init.run().await,
            Self::People(people) => people.run(&tell).await,
            Self::Audit(audit) => audit.run(&tell).await,
            Self::Backup(backup) => backup.run(&tell).await,
            Self::Restore(restore) => restore.run(&tell).await,
            // It waits for no task of the runtime's.
            Self::Keys(keys) => keys.run(),
            Self::Privacy(privacy) => privacy.run(&tell).await,
            Self::Move(moving) => moving.run(&tell).await,
        }
    }
}

impl Serve {
    async fn run(self, tell: &Tell) -> Result<Answer> {
        log_to_standard_error();
        let data = self.data.data;
        let mut config = Config::read(&data, self.config.as_deref())?;
        if let Some(listen) = self.listen {
            anyhow::ensure!(
                listen.ip().is_loopback(),
                "--listen is plain HTTP and stays on loopback"
            );
            config.listen = listen;
        }
        let running = serve::start(&data, config, Clock::System, &|what, done, of| {
            tell.progress(what, done, of)
        })
        .await?;
        say_open(&running);
        if let Some(link) = running.house.accounts.setup_path().await? {
            println!("Found the school here, once: http://{}{link}", running.http);
        }
        let ended = until_stopped(&running).await;
        running.stop().await;
        end(ended, &data)
    }
}

fn say_open(running: &serve::Running) {
    println!("Schulhof is open at http://{}", running.http);
    if let Some(https) = running.https {
        println!("and on the school's network at https://{https}");
    }
}

/// Why a server has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It was asked to.
    Asked,
    /// The log has stopped.
    Failed,
    /// The school has moved to another machine.
    Moved,
}

fn end(ended: Ended, data: &Path) -> Result<Answer> {
    match ended {
        Ended::Asked => Ok(Answer::default()),
        Ended::Moved => {
            // Closing may have written beside the views once more.
            crate::moving::finish_destroying(data)?;
            Ok(Answer::done(
                "The school has moved to another machine; this one serves no more.\n",
            ))
        }
        Ended::Failed => anyhow::bail!(
            "the log does not verify, so the server has stopped. Run `schulhof audit verify --data {}` for what is wrong",
            data.display()
        ),
    }
}

/// Waits for a signal, or until the log has stopped or was given away.
async fn until_stopped(running: &serve::Running) -> Ended {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).ok();
    let terminated = async {
        match &mut terminate {
            Some(terminate) => terminate.recv().await,
            None => std::future::pending().await,
        }
    };
    let ended = async {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if running.house.moving.is_over() {
                // Whoever asked for it at the console hears of it first.
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                return Ended::Moved;
            }
            if running.has_failed() {
                return Ended::Failed;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ended::Asked,
        _ = terminated => Ended::Asked,
        ended = ended => ended,
    }
}

fn log_to_standard_error() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("SCHULHOF_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).init();
}

impl Init {
    async fn run(self) -> Result<Answer> {
        let text = std::fs::read_to_string(&self.password_file)
            .with_context(|| format!("reading {}", self.password_file.display()))?;
        let password = text.lines().next().unwrap_or_default();
        console::found(&self.data.data, &self.school, &self.admin, password).await
    }
}

impl People {
    async fn run(self, tell: &Tell) -> Result<Answer> {
        match self {
            Self::Import {
                file,
                source,
                apply,
                confirm_leavers,
                all,
                json,
                data,
            } => {
                let content = read_roster(&file)?;
                let asked = console::Import {
                    content,
                    source,
                    apply,
                    confirm_leavers,
                    all,
                    json,
                };
                console::run(&data.data, Console::Import(asked), tell).await
            }
            Self::Undo { id, json, data } => {
                console::run(&data.data, Console::Undo { id, json }, tell).await
            }
        }
    }
}

/// The largest roster that is read; a school of 10,000 needs a tenth of it.
const ROSTER: u64 = 32 << 20;

fn read_roster(file: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(file)
        .with_context(|| format!("reading {}", file.display()))?
        .len();
    anyhow::ensure!(
        size <= ROSTER,
        "{} is larger than 32 MiB; that is no roster of one school",
        file.display()
    );
    std::fs::read(file).with_context(|| format!("reading {}", file.display()))
}

impl Audit {
    async fn run(self, tell: &Tell) -> Result<Answer> {
        match self {
            Self::Verify { json, data } => console::verify(&data.data, json, tell).await,
            Self::Replay {
                until,
                view,
                json,
                data,
            } => console::run(&data.data, Console::Replay { until, view, json }, tell).await,
            Self::Show { position, data } => {
                console::run(&data.data, Console::Show { position }, tell).await
            }
            Self::Export { out, until, data } => {
                console::export(&data.data, &out, until, tell).await
            }
        }
    }
}
