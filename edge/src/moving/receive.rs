//! The new machine's part of a move: it listens, builds what arrives, and gives the school its place once the sealed log is there.

use super::desk::{Desk, Job};
use super::server::router;
use super::tls::acceptor;
use super::wire::State;
use super::work::{Pairing, Seal, Work};
use super::{Code, Point};
use crate::backup::{self, Built, Target};
use crate::connection;
use crate::house::House;
use crate::places::Places;
use anyhow::{Context, Result, ensure};
use axum::http::Request;
use edge_kernel::Clock;
use edge_kernel::ledger::handed_here;
use hyper::body::Incoming;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a stranger may take to show that it has the code, and how many may try at once.
const HANDSHAKE: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 16;
/// How often what arrives is shown.
const OFTEN: Duration = Duration::from_millis(200);

type Progress<'a> = &'a (dyn Fn(&str, u64, u64) + Sync);

/// How a school is received.
pub struct Options {
    /// Where the old machine is waited for.
    pub listen: SocketAddr,
    /// What the old machine reaches this one by, when it is another address.
    pub address: Option<String>,
    /// How long the code may be used the first time, in minutes.
    pub minutes: u64,
    /// For drills.
    pub point: Point,
}

/// A school on its way here.
pub struct Receiving {
    desk: Arc<Desk>,
    jobs: UnboundedReceiver<Job>,
    built: Option<Built>,
    stop: CancellationToken,
}

impl Receiving {
    /// Listens for the old machine; what arrived before is kept.
    ///
    /// # Errors
    /// When something else is in the place that the school would have, or nobody can listen there.
    pub async fn open(data: &Path, options: Options) -> Result<Self> {
        let work = Work::open(data)?;
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.with_context(|| format!("listening on {}", options.listen))?;
        let address = match options.address {
            Some(address) => address,
            None => reachable(listener.local_addr()?)?.to_string(),
        };
        let now = Clock::System.now();
        let known = work
            .pairing()?
            .filter(|known| known.key.is_some() || known.until > now);
        let pairing = match known {
            Some(known) => Pairing { address, ..known },
            None => Pairing::new(&Code::new(address)?, now + options.minutes * 60_000),
        };
        work.keep(&pairing)?;
        let tls = acceptor(&pairing.code())?;
        let is_sealed = work.seal()?.is_some();
        let (sender, jobs) = tokio::sync::mpsc::unbounded_channel();
        let desk = Arc::new(Desk::new(work, pairing, is_sealed, sender, options.point));
        let stop = CancellationToken::new();
        tokio::spawn(listen(listener, tls, Arc::clone(&desk), stop.clone()));
        Ok(Self {
            desk,
            jobs,
            built: None,
            stop,
        })
    }

    /// What the operator types on the old machine.
    #[must_use]
    pub fn code(&self) -> Code {
        self.desk
            .pairing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .code()
    }

    /// Receives until the school is in its place.
    ///
    /// # Errors
    /// When what the old machine has sealed cannot be built. It can be tried again.
    pub async fn arrive(&mut self, progress: Progress<'_>) -> Result<()> {
        let mut show = tokio::time::interval(OFTEN);
        loop {
            if self.desk.work.has_arrived() {
                return Ok(());
            }
            if let Some(seal) = self.desk.work.seal()? {
                let finished = self.finish(&seal, progress).await;
                if let Err(error) = &finished {
                    self.desk.set(State::Failed {
                        why: format!("{error:#}"),
                    });
                }
                return finished;
            }
            let job = tokio::select! {
                job = self.jobs.recv() => job.context("nobody listens any more")?,
                _ = show.tick() => {
                    let (what, done, of) = self.desk.brought();
                    if of > 0 {
                        progress(&what, done, of);
                    }
                    continue;
                }
            };
            match job {
                Job::Build { whole } => {
                    let state = match self.build(whole, progress).await {
                        Ok(size) => State::Built { size },
                        Err(error) => {
                            self.built = None;
                            State::Failed {
                                why: format!("{error:#}"),
                            }
                        }
                    };
                    self.desk.set(state);
                }
                Job::Stopped(error) => return Err(error),
                Job::Sealed | Job::Confirmed => {}
            }
        }
    }

    async fn build(&mut self, whole: bool, progress: Progress<'_>) -> Result<u64> {
        let desk = Arc::clone(&self.desk);
        let told = |what: &str, done, of| {
            desk.set(State::Working {
                what: what.to_owned(),
                done,
                of,
            });
            progress(what, done, of);
        };
        desk.at("build the log")?;
        let target = Target::open(&desk.work.objects().to_string_lossy())?;
        let key = desk
            .pairing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .key
            .clone();
        let key = key.context("nobody has used the code yet")?;
        let school = desk.work.school();
        let before = self.built.take();
        let built = Box::pin(backup::build(
            &target,
            &key,
            &school,
            before.as_ref(),
            &told,
        ))
        .await?;
        let size = built.size;
        if whole {
            desk.at("fold the views")?;
            let house = House::open_still(&school, &Places::default(), &told).await?;
            let proven =
                backup::prove(&house.kernel.ledger, &built, &school.join("blobs"), &told).await;
            // It is not ours yet: nothing is signed when it is closed.
            house.kernel.ledger.stop();
            house.close().await;
            proven?;
        }
        self.built = Some(built);
        Ok(size)
    }

    /// Finishes alone: the whole sealed log is here.
    async fn finish(&mut self, seal: &Seal, progress: Progress<'_>) -> Result<()> {
        let size = self.build(false, progress).await?;
        let root = self.built.as_ref().map(|built| built.root.as_str());
        ensure!(
            size == seal.position && root == Some(seal.root.as_str()),
            "what has arrived is not the log that was sealed"
        );
        let school = self.desk.work.school();
        let handed = handed_here(&school).await?;
        ensure!(
            handed.is_some_and(|handed| handed.position == seal.position),
            "the log was not sealed for this machine"
        );
        self.desk.at("give the school its place")?;
        self.desk.work.arrive()
    }

    /// Tells the old machine that the school is served here.
    ///
    /// # Errors
    /// When the log cannot be signed.
    pub async fn serves(&self, house: &House) -> Result<()> {
        self.desk.at("say that it serves")?;
        let ledger = &house.kernel.ledger;
        ledger.checkpoint().await?;
        let checkpoint = ledger.checkpoints(1).await?.pop();
        let checkpoint = checkpoint.context("the log is not signed")?;
        self.desk.set(State::Serving { checkpoint });
        Ok(())
    }

    /// Waits until the old machine has destroyed its keys, and clears away what only the move needed.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub async fn until_confirmed(&mut self) -> Result<()> {
        loop {
            match self.jobs.recv().await.context("nobody listens any more")? {
                Job::Confirmed => {
                    self.desk.at("clear away")?;
                    // The answer is on its way.
                    tokio::time::sleep(OFTEN).await;
                    self.stop.cancel();
                    return self.desk.work.clear();
                }
                Job::Stopped(error) => return Err(error),
                Job::Build { .. } | Job::Sealed => {}
            }
        }
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn listen(listener: TcpListener, tls: TlsAcceptor, desk: Arc<Desk>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let router = router(desk);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (tls, router, stop) = (tls.clone(), router.clone(), stop.clone());
        tokio::spawn(async move {
            let _place = place;
            let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await else {
                return;
            };
            let answer = move |request: Request<Incoming>| router.clone().oneshot(request);
            tokio::select! {
                () = connection::serve(stream, &stop, answer) => {},
                () = stop.cancelled() => {}
            }
        });
    }
}

/// An address by which others reach what listens here. Nothing is sent to find it.
fn reachable(bound: SocketAddr) -> Result<SocketAddr> {
    if !bound.ip().is_unspecified() {
        return Ok(bound);
    }
    let local = |from: &str, to: &str| -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind(from)?;
        socket.connect(to)?;
        Ok(socket.local_addr()?.ip())
    };
    let found = local("0.0.0.0:0", "192.0.2.1:9").or_else(|_| local("[::]:0", "[2001:db8::1]:9"));
    let ip = found.context("this machine has no address on a network; name one with --address")?;
    Ok(SocketAddr::new(ip, bound.port()))
}
