//! `schulhof move`: on the new machine it receives, and serves what has arrived; on the old one it sends.

use super::{end, log_to_standard_error, say_open, until_stopped};
use crate::config::Config;
use crate::console::{self, Answer, Command as Console, Tell};
use crate::moving::{Options, Receiving};
use crate::serve;
use anyhow::Result;
use clap::Args;
use edge_kernel::Clock;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args)]
pub(super) struct Move {
    /// On the old machine: the code that the new one shows. The server may run, and serves until the last seconds.
    #[arg(
        long,
        value_name = "CODE",
        required_unless_present_any = ["receive", "take_back"],
        conflicts_with_all = ["receive", "take_back"]
    )]
    to: Option<String>,
    /// On the new machine: show a code, receive the school, and serve it.
    #[arg(long)]
    receive: bool,
    /// On the old machine: go on here after all, when the new one was lost once the log was sealed for it.
    #[arg(long, conflicts_with = "receive")]
    take_back: bool,
    /// With --take-back: that the new machine never served the school, and never will.
    #[arg(long, requires = "take_back")]
    new_machine_is_lost: bool,
    /// The data directory; on the new machine one that is not there yet.
    #[arg(long)]
    data: PathBuf,
    /// Where the old machine is waited for.
    #[arg(long, default_value = "0.0.0.0:8446", requires = "receive")]
    listen: SocketAddr,
    /// What the old machine reaches this one by (host and port), when that is not the address it listens at.
    #[arg(long, requires = "receive")]
    address: Option<String>,
    /// For how many minutes the code may be used the first time.
    #[arg(long, default_value_t = 60, requires = "receive")]
    minutes: u64,
    /// Plain HTTP on loopback once the school is here, as `serve --listen`.
    #[arg(long, requires = "receive")]
    http: Option<SocketAddr>,
    /// The configuration to serve by; by default the schulhof.toml that moves along.
    #[arg(long, requires = "receive")]
    config: Option<PathBuf>,
}

impl Move {
    pub(super) async fn run(self, tell: &Tell) -> Result<Answer> {
        if self.take_back {
            return console::take_back(&self.data, self.new_machine_is_lost, tell).await;
        }
        match self.to.clone() {
            Some(code) => console::run(&self.data, Console::Move { code }, tell).await,
            None => self.receive(tell).await,
        }
    }

    async fn receive(self, tell: &Tell) -> Result<Answer> {
        log_to_standard_error();
        if let Some(http) = self.http {
            anyhow::ensure!(
                http.ip().is_loopback(),
                "--http is plain HTTP and stays on loopback"
            );
        }
        let options = Options {
            listen: self.listen,
            address: self.address.clone(),
            minutes: self.minutes,
            point: Arc::new(|_| Ok(())),
        };
        let mut receiving = Receiving::open(&self.data, options).await?;
        println!(
            "Type on the old machine:\n  schulhof move --data DIRECTORY --to {}",
            receiving.code()
        );
        let progress = |what: &str, done, of| tell.progress(what, done, of);
        receiving.arrive(&progress).await?;
        let mut config = Config::read(&self.data, self.config.as_deref())?;
        if let Some(http) = self.http {
            config.listen = http;
        }
        let running = serve::start(&self.data, config, Clock::System, &progress).await?;
        receiving.serves(&running.house).await?;
        say_open(&running);
        println!("The school is served here now.");
        let ended = tokio::select! {
            ended = until_stopped(&running) => ended,
            confirmed = receiving.until_confirmed() => {
                if let Err(error) = confirmed {
                    tracing::warn!(error = %format!("{error:#}"), "what only the move needed was not cleared away");
                }
                until_stopped(&running).await
            }
        };
        running.stop().await;
        end(ended, &self.data)
    }
}
