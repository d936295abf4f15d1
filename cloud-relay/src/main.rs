//! `schulhof-relay`: the command line of the blind relay.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use cloud_relay::{Config, Relay};
use relay_wire::SchoolId;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The blind relay of Schulhof: passes visitors' TLS on to their school and can read none of it.
#[derive(Parser)]
#[command(name = "schulhof-relay", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve visitors and schools until SIGTERM.
    Serve {
        /// Configuration, TOML.
        #[arg(long, default_value = "schulhof-relay.toml")]
        config: PathBuf,
    },
    /// Print a one-time token that lets a school enrol; it is good for seven days and stored only as a hash.
    Enrol {
        /// Id of the school: 2 to 32 characters out of a-z, 0-9 and -.
        #[arg(value_parser = school)]
        school: SchoolId,
        /// The school has a key already, and this token moves it to a new machine.
        #[arg(long)]
        replace: bool,
        /// Configuration, TOML.
        #[arg(long, default_value = "schulhof-relay.toml")]
        config: PathBuf,
    },
    /// Print the key of this relay as a witness, for the schools whose logs it witnesses.
    WitnessKey {
        /// Configuration, TOML.
        #[arg(long, default_value = "schulhof-relay.toml")]
        config: PathBuf,
    },
    /// Take a school's key away: its link and all its streams end.
    Revoke {
        /// Id of the school.
        #[arg(value_parser = school)]
        school: SchoolId,
        /// Configuration, TOML.
        #[arg(long, default_value = "schulhof-relay.toml")]
        config: PathBuf,
    },
}

fn school(text: &str) -> Result<SchoolId, relay_wire::school::SchoolIdError> {
    SchoolId::parse(text)
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("SCHULHOF_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,async_nats=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("schulhof-relay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { config } => serve(&config).await,
        Command::Enrol {
            school,
            replace,
            config,
        } => {
            let token = cloud_relay::enrol(&Config::load(&config)?, &school, replace).await?;
            println!("{token}");
            Ok(())
        }
        Command::WitnessKey { config } => {
            println!("{}", cloud_relay::witness_key(&Config::load(&config)?)?);
            Ok(())
        }
        Command::Revoke { school, config } => {
            let changed = cloud_relay::revoke(&Config::load(&config)?, &school).await?;
            println!(
                "{school}: {}",
                if changed { "revoked" } else { "had no key" }
            );
            Ok(())
        }
    }
}

async fn serve(config: &Path) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let relay = Relay::start(config).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tokio::select! {
        () = relay.stop() => {}
        // Asked twice, it does not wait for streams any longer.
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
