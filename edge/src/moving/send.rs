//! The old machine's part of a move, as often as it takes: whatever was done before is found done.

use super::back::keep_successor;
use super::remote::Remote;
use super::secrets::{destroy, pack};
use super::wire::{State, Welcome};
use super::{Code, Point};
use crate::backup::{Pushed, Scope, Target};
use crate::house::House;
use crate::places::Places;
use crate::room::needed;
use anyhow::{Context, Result, bail, ensure};
use edge_kernel::Kernel;
use edge_kernel::ledger::Ledger;
use events::Position;
use events_proof::note;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the tail is brought before the cut, while it is longer than so many events.
const ROUNDS: u32 = 6;
const SHORT: Position = 500;
/// How often the new machine is asked how far it has come.
const OFTEN: Duration = Duration::from_millis(100);
/// How long a new machine that does not answer is waited for once the log is sealed: it may just start again.
const RETURNS: Duration = Duration::from_secs(120);

type Progress<'a> = &'a (dyn Fn(&str, u64, u64) + Sync);

/// What was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The last event that was appended here.
    pub position: Position,
    /// The verifier key under which the log goes on.
    pub successor: String,
    /// For how long no machine took commands; none when the log was sealed by an earlier try.
    pub pause: Option<Duration>,
}

impl House {
    /// Moves the school to the machine that has printed a code, or goes on with a move that was interrupted.
    ///
    /// # Errors
    /// Why the school has not moved. Unless the log was sealed, this machine then serves as before.
    pub async fn move_to(
        &self,
        code: &Code,
        progress: Progress<'_>,
        point: &Point,
    ) -> Result<Handed> {
        let _turn = self
            .moving
            .turn
            .try_lock()
            .ok()
            .context("the school is moving already; a try that was cut off ends by itself within two minutes")?;
        ensure!(
            !self.kernel.ledger.is_on_server(),
            "the school's log lies on a database server: another machine needs its address and the keys, and no move; \
             a log is brought from a server into a file with `schulhof backup` and `schulhof restore`"
        );
        let remote = Remote::new(code)?;
        let target = Target::machine(Arc::clone(&remote));
        let mut send = Send {
            house: self,
            kernel: &self.kernel,
            remote,
            target,
            progress,
            point,
        };
        // As large as all its steps: it need not lie on the caller's stack.
        Box::pin(send.run()).await
    }
}

/// Nobody takes commands while this is held; when it is dropped in the middle, they are taken again.
struct Pause(Option<Ledger>);

impl Drop for Pause {
    fn drop(&mut self) {
        if let Some(ledger) = self.0.take() {
            tokio::spawn(async move {
                if let Err(error) = ledger.go_on().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(
                        error,
                        "commands are not taken again after a move was given up"
                    );
                }
            });
        }
    }
}

struct Send<'a> {
    house: &'a House,
    kernel: &'a Kernel,
    remote: Arc<Remote>,
    target: Target,
    progress: Progress<'a>,
    point: &'a Point,
}

impl Send<'_> {
    fn at(&self, step: &'static str) -> Result<()> {
        (self.point)(step).with_context(|| format!("stopped before it could {step}"))
    }

    async fn run(&mut self) -> Result<Handed> {
        let ledger = &self.kernel.ledger;
        self.at("greet the new machine")?;
        let bytes = needed(ledger.directory(), ledger.size());
        let welcome = self.remote.hello(ledger.verifier_key(), bytes).await?;
        let began = match ledger.given_to().await? {
            Some(given) => {
                ensure!(
                    given.successor == welcome.key,
                    "the log was sealed for another machine, the one with the key {}",
                    given.successor
                );
                None
            }
            None => {
                self.pull(&welcome).await?;
                Some(self.cut(&welcome).await?)
            }
        };
        let given = ledger.given_to().await?.context("the log is not sealed")?;
        self.deliver(&welcome, given.position).await?;
        let pause = began.map(|began| began.elapsed());
        self.at("destroy the keys")?;
        destroy(ledger.directory())?;
        self.at("say that the keys are destroyed")?;
        // Whoever does not hear it only waits in vain.
        let _ = self.remote.confirm().await;
        self.house
            .moving
            .over
            .store(true, std::sync::atomic::Ordering::SeqCst);
        Ok(Handed {
            position: given.position,
            successor: given.successor,
            pause,
        })
    }

    /// Everything that can be brought while commands are taken.
    async fn pull(&self, welcome: &Welcome) -> Result<()> {
        let mut known = self.push(Scope::All).await?.size;
        self.secrets(welcome).await?;
        self.build(true).await?;
        for _ in 0..ROUNDS {
            let size = self.push(Scope::Tail).await?.size;
            if size - known < SHORT {
                break;
            }
            self.build(true).await?;
            known = size;
        }
        Ok(())
    }

    /// Stops taking commands, and seals the log once the new machine has everything but the seal. When that fails, commands are
    /// taken again. Gives when it was that they stopped.
    async fn cut(&self, welcome: &Welcome) -> Result<Instant> {
        let ledger = &self.kernel.ledger;
        let began = Instant::now();
        self.at("stop taking commands")?;
        ledger.pause();
        // Whoever asked for the move may go away in the middle of it.
        let mut pause = Pause(Some(ledger.clone()));
        let sealed = async {
            self.push(Scope::Tail).await?;
            self.secrets(welcome).await?;
            self.build(false).await?;
            self.at("keep the key by which the log can be taken back")?;
            keep_successor(ledger.directory(), &welcome.signing)?;
            self.at("seal the log")?;
            ledger
                .seal_log(&welcome.key)
                .await
                .context("sealing the log")
        };
        let sealed = sealed.await;
        pause.0 = None;
        if let Err(error) = sealed {
            if ledger.go_on().await? {
                return Err(error.context("the school has not moved, and goes on here"));
            }
            return Err(error);
        }
        Ok(began)
    }

    /// Brings what is left once the log is sealed, and waits until the new machine serves.
    async fn deliver(&self, welcome: &Welcome, position: Position) -> Result<()> {
        let ledger = &self.kernel.ledger;
        let hint = "the log is sealed, and this machine takes no commands any more; type the same command again";
        let status = self.remote.status().await.context(hint)?;
        if !status.is_sealed {
            self.at("sign the last checkpoint")?;
            ledger.checkpoint().await?;
            let bring = async {
                self.push(Scope::Tail).await?;
                self.secrets(welcome).await?;
                self.at("hand the log over")?;
                let root = ledger.root_at(position).await?;
                self.remote
                    .sealed(position, events_proof::tree::to_hex(&root))
                    .await
            };
            bring.await.context(hint)?;
        }
        let checkpoint = self.until_it_serves().await.context(hint)?;
        let signed = note::verify(&checkpoint, &welcome.key);
        let signed = signed.context("the new machine does not sign with the key that it named")?;
        ensure!(
            signed.size > position,
            "the new machine has not gone on with the log"
        );
        let root = ledger.root_at(position).await?;
        ensure!(
            signed.size > position + 1 || signed.root != root,
            "the new machine has not gone on with the log"
        );
        Ok(())
    }

    async fn until_it_serves(&self) -> Result<String> {
        let mut silent = Instant::now();
        loop {
            match self.remote.status().await.map(|status| status.state) {
                Ok(State::Serving { checkpoint }) => return Ok(checkpoint),
                Ok(State::Failed { why }) => bail!("the new machine cannot finish: {why}"),
                Ok(State::Working { what, done, of }) => {
                    (self.progress)(&what, done, of);
                    silent = Instant::now();
                }
                Ok(State::Receiving | State::Built { .. }) => silent = Instant::now(),
                Err(error) if silent.elapsed() > RETURNS => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
            tokio::time::sleep(OFTEN).await;
        }
    }

    async fn push(&self, scope: Scope) -> Result<Pushed> {
        self.at("bring what is new")?;
        let progress = |what: &str, done, of| {
            let what = if what == "backup" {
                "move"
            } else {
                "move files"
            };
            self.remote.show(what, done, of);
            (self.progress)(what, done, of);
        };
        self.house
            .backup
            .push(self.kernel, &self.target, scope, &progress)
            .await
    }

    async fn secrets(&self, welcome: &Welcome) -> Result<()> {
        self.at("bring the keys")?;
        let ledger = &self.kernel.ledger;
        let sealed = pack(ledger.keyring(), ledger.directory(), &welcome.recipient)?;
        self.remote.secrets(sealed).await
    }

    async fn build(&self, whole: bool) -> Result<()> {
        self.at("have it built")?;
        self.remote.build(whole).await?;
        loop {
            match self.remote.status().await?.state {
                State::Built { .. } => return Ok(()),
                State::Working { what, done, of } => (self.progress)(&what, done, of),
                State::Failed { why } => {
                    bail!("the new machine cannot use what has arrived: {why}")
                }
                State::Receiving | State::Serving { .. } => {
                    bail!("the new machine was started anew; type the same command again")
                }
            }
            tokio::time::sleep(OFTEN).await;
        }
    }
}

/// Goes on with the move of a school whose log is sealed and that is not served.
///
/// # Errors
/// Why it has not moved.
pub async fn send_sealed(
    data: &Path,
    places: &Places,
    code: &Code,
    progress: Progress<'_>,
    point: &Point,
) -> Result<Handed> {
    let house = House::open_still(data, places, progress).await?;
    let handed = house.move_to(code, progress, point).await;
    house.close().await;
    // Closing may have written beside the views once more.
    finish_destroying(data)?;
    handed
}

/// Carries on destroying the keys of a school that has moved. Gives whether they are gone.
///
/// # Errors
/// When a file cannot be removed.
pub fn finish_destroying(data: &Path) -> Result<bool> {
    if data.join("keys").exists() {
        return Ok(false);
    }
    destroy(data).map(|()| true)
}
