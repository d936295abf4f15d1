//! A school in a directory of its own, served in this process on a free port; everything that a test sees of it goes
//! through HTTP.

use crate::api::Api;
use crate::plan::{FOUNDER, FOUNDER_PASSWORD, Plan, Settled};
use edge::{Config, House, Running};
use edge_kernel::Clock;
use events::accounts::PersonName;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use tempfile::TempDir;

/// A running school; it stops when it is dropped, and its directory goes with it.
pub struct School {
    settled: Settled,
    running: Option<Running>,
    clock: Clock,
    config: Config,
    directory: TempDir,
}

impl Deref for School {
    type Target = Settled;

    fn deref(&self) -> &Settled {
        &self.settled
    }
}

impl School {
    /// Founds a school after a plan.
    pub async fn open(plan: &Plan) -> Self {
        Self::open_at(plan, Clock::System).await
    }

    /// Founds a school whose clock the test moves.
    pub async fn open_at(plan: &Plan, clock: Clock) -> Self {
        Self::open_as(plan, clock, Config::default()).await
    }

    /// Founds a school that is configured in another way; its port is free all the same.
    pub async fn open_as(plan: &Plan, clock: Clock, config: Config) -> Self {
        let directory = tempfile::tempdir().expect("a directory of our own");
        let config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..config
        };
        let running = serve(directory.path(), clock.clone(), config.clone()).await;
        let address = running.http;
        let founder = Api::new(address);
        found(&running).await;
        founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
        let settled = plan.settle(&founder, || Api::new(address)).await;
        Self {
            settled,
            running: Some(running),
            clock,
            config,
            directory,
        }
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.directory.path()
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where it answers.
    ///
    /// # Panics
    /// While it is stopped.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running
            .as_ref()
            .expect("the school is stopped; start it first")
            .http
    }

    /// The house that is being served, for faults that nobody can cause from outside.
    ///
    /// # Panics
    /// While it is stopped.
    #[must_use]
    pub fn house(&self) -> &House {
        let running = self.running.as_ref();
        &running
            .expect("the school is stopped; start it first")
            .house
    }

    /// A device that nobody has signed in on.
    #[must_use]
    pub fn stranger(&self) -> Api {
        Api::new(self.address())
    }

    /// Stops the server, and waits until the directory is free.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Changes what the server will be started with next.
    pub fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
    }

    /// Signs the head of the log and asks the witnesses that are due, as the running server does every ten seconds.
    ///
    /// # Panics
    /// While it is stopped, or when the log cannot be read.
    pub async fn sign_and_ask(&self) {
        let running = self.running.as_ref();
        let running = running.expect("the school is stopped; start it first");
        let signed = running.house.kernel.ledger.checkpoint().await;
        signed.expect("the head is signed");
        let asked = running.house.audit.ask_witnesses(&running.witnesses).await;
        asked.expect("the log can be read");
    }

    /// Starts the server again, on another port unless one is configured.
    pub async fn start(&mut self) {
        let running = serve(self.data(), self.clock.clone(), self.config.clone()).await;
        self.settled = self.settled.at(running.http);
        self.running = Some(running);
    }
}

async fn serve(data: &Path, clock: Clock, config: Config) -> Running {
    let started = edge::start(data, config, clock, &|_, _, _| {}).await;
    started.unwrap_or_else(|error| panic!("the school does not open: {error:?}"))
}

async fn found(running: &Running) {
    let name = PersonName {
        given: "Anke".to_owned(),
        family: "Amtmann".to_owned(),
    };
    let accounts = &running.house.accounts;
    let founded = accounts.found("Schule am Test", FOUNDER, name, FOUNDER_PASSWORD);
    founded.await.expect("the school is founded");
}
