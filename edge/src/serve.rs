//! Serving: the house is opened and verified, reactions have caught up, and only then do the doors open.

use crate::backup;
use crate::config::Config;
use crate::connection;
use crate::console::socket;
use crate::doors;
use crate::feed::{Feed, Open};
use crate::health::Health;
use crate::house::House;
use crate::relay::serve::Server;
use crate::relay::{self, RelayLink};
use crate::rules::rules;
use crate::tls::Certificates;
use crate::witness::{self, Ways};
use anyhow::{Context, Result};
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::{Extension, Router};
use edge_accounts::Arrival;
use edge_kernel::Clock;
use edge_kernel::blobs::Swept;
use events::accounts::Way;
use hyper::body::Incoming;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How often the head is signed when it moved, and certificates are looked after.
const CHECKPOINT: Duration = Duration::from_secs(10);
const RENEWAL: Duration = Duration::from_secs(24 * 3600);
/// How often sessions that nobody uses any more are ended.
const SWEEP: Duration = Duration::from_secs(3600);
/// How often what the retention rules make due is proposed.
const PROPOSING: Duration = Duration::from_secs(24 * 3600);
/// How often copies of the keys of before an erasure are looked for.
const COPIES: Duration = Duration::from_secs(60);
/// How long the views may take at start to fold what the flows have just done.
const CAUGHT_UP: Duration = Duration::from_secs(120);
/// How long open requests may take to end when we stop.
const GRACE: Duration = Duration::from_secs(5);

/// A running edge.
pub struct Running {
    /// Where plain HTTP is answered, on loopback.
    pub http: SocketAddr,
    /// Where HTTPS is answered on the school's network.
    pub https: Option<SocketAddr>,
    /// The house, for whoever started it in their own process.
    pub house: House,
    /// The ways to the log's witnesses.
    pub witnesses: Ways,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// Opens the house in a data directory and its doors.
pub async fn start(
    data: &Path,
    config: Config,
    clock: Clock,
    progress: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<Running> {
    let link = config.relay_link(data)?;
    let configured = config.witness.check(link.is_some())?;
    let places = config.places()?;
    let rules = rules(&config, data)?;
    let mut house = House::open_at(data, &places, clock, progress).await?;
    house.privacy = house.privacy.with_rules(rules);
    house.audit = house.audit.with_witnesses(configured.policy.clone());
    if let Some(largest) = config.files.largest {
        house.files = house.files.with_largest(largest.bytes());
    }
    edge_flows::catch_up(&house.kernel, &house.files, &house.messenger).await?;
    let head = house.kernel.ledger.size();
    house.kernel.views.wait_for(head, CAUGHT_UP).await?;
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let certificates =
        Arc::new(Certificates::open(&data.join("tls"), &config.names).context("preparing TLS")?);
    let way_out = match link {
        Some(link) => Some(
            relay::start(link)
                .await
                .context("preparing the way to the relay")?,
        ),
        None => None,
    };
    let (relay, visitors) = way_out.map_or((None, None), |(link, visitors)| {
        (Some(link), Some(visitors))
    });
    let witnesses = Ways::try_new(
        &configured,
        relay.clone(),
        house.kernel.ledger.verifier_key(),
    )
    .context("preparing the way to the witnesses")?;
    let router = router(&house, &config, relay.clone(), &stop);
    let http = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("listening on {}", config.listen))?;
    let http_address = http.local_addr()?;
    let https = match config.https {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .with_context(|| format!("listening on {address}"))?,
        ),
        None => None,
    };
    let https_address = https.as_ref().map(TcpListener::local_addr).transpose()?;
    let console = socket::listen(data)?;
    tasks.spawn(socket::serve(console, house.clone(), stop.clone()));
    tasks.spawn(edge_flows::run(
        house.kernel.clone(),
        house.files.clone(),
        house.messenger.clone(),
        stop.clone(),
    ));
    tasks.spawn(sweep_blobs(house.clone(), stop.clone()));
    tasks.spawn(keep_erasing(house.clone(), stop.clone()));
    tasks.spawn(look_after(
        house.clone(),
        Arc::clone(&certificates),
        stop.clone(),
    ));
    tasks.spawn(witness::run(
        house.audit.clone(),
        witnesses.clone(),
        stop.clone(),
    ));
    if let Some(address) = config.backup.to.clone() {
        let (bring, kernel) = (house.backup.clone(), house.kernel.clone());
        tasks.spawn(backup::run(bring, kernel, address, stop.clone()));
    }
    if let Some(https) = https {
        let router = router.clone().layer(Extension(Arrival {
            way: Way::Lan,
            secure: true,
        }));
        tasks.spawn(Server::new(router, Arc::clone(&certificates), stop.clone()).listener(https));
    }
    if let (Some(link), Some(visitors)) = (relay, visitors) {
        let router = router.clone().layer(Extension(Arrival {
            way: Way::Relay,
            secure: true,
        }));
        tasks.spawn(
            Server::new(router, certificates, stop.clone()).visitors(link.clone(), visitors),
        );
        tasks.spawn(stop_link(link, stop.clone()));
    }
    let router = router.layer(Extension(Arrival {
        way: Way::Lan,
        secure: false,
    }));
    tasks.spawn(plain(http, router, stop.clone()));
    Ok(Running {
        http: http_address,
        https: https_address,
        house,
        witnesses,
        stop,
        tasks,
    })
}

fn router(
    house: &House,
    config: &Config,
    relay: Option<RelayLink>,
    stop: &CancellationToken,
) -> Router {
    let ready_file = config.ready_file.clone().map(Arc::new);
    let health = Health {
        kernel: house.kernel.clone(),
        audit: house.audit.clone(),
        relay,
        ready_file,
        backup: house.backup.clone(),
    };
    let feed = Feed {
        kernel: house.kernel.clone(),
        stop: stop.clone(),
        open: Open::default(),
    };
    doors::router(house, health, feed)
}

/// Plain HTTP: a connection that breaks is its own affair, and open ones may end when we stop.
async fn plain(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let Ok((stream, address)) = accepted else {
            // Out of descriptors: the backlog holds the others meanwhile.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (router, stop) = (router.clone(), stop.clone());
        connections.spawn(async move {
            let answer = move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(address));
                router.clone().oneshot(request)
            };
            connection::serve(stream, &stop, answer).await;
        });
    }
    connections.close();
    connections.wait().await;
}

async fn stop_link(link: RelayLink, stop: CancellationToken) {
    stop.cancelled().await;
    link.stop();
}

/// Carries on with erasures that were cut off, and seals the keys anew where copies of before an erasure lie; the next start
/// carries on with what stopping cuts off.
async fn keep_erasing(house: House, stop: CancellationToken) {
    tokio::select! {
        () = house.privacy.keep_on() => {}
        () = renew_keys(&house) => {}
        () = stop.cancelled() => {}
    }
}

async fn renew_keys(house: &House) {
    let mut look = tokio::time::interval(COPIES);
    let mut told = 0;
    loop {
        look.tick().await;
        let (backup, ledger) = (house.backup.clone(), house.kernel.ledger.clone());
        let renew = move || backup.renew_keys(ledger.keyring());
        match tokio::task::spawn_blocking(renew).await {
            Ok(Ok(renewed)) => {
                if !renewed.removed.is_empty() {
                    let copies = renewed.removed.len();
                    tracing::info!(
                        copies,
                        "keys were sealed anew, and copies of before an erasure removed"
                    );
                }
                if renewed.left.len() > told {
                    let copies = renewed.left.len();
                    tracing::warn!(
                        copies,
                        "copies of the keys of before an erasure cannot be reached; `schulhof backup keys` names them"
                    );
                }
                told = renewed.left.len();
            }
            Ok(Err(error)) => {
                let error: &(dyn std::error::Error + 'static) = &*error;
                tracing::warn!(
                    error,
                    "copies of the keys of before an erasure were not renewed"
                );
            }
            Err(_) => {}
        }
    }
}

/// What is due from time to time: signing the head, renewing certificates, ending idle sessions, proposing what is due to be forgotten, verifying a large log once in the background.
async fn look_after(house: House, certificates: Arc<Certificates>, stop: CancellationToken) {
    let mut sign = tokio::time::interval(CHECKPOINT);
    let mut renew = tokio::time::interval(RENEWAL);
    let mut sweep = tokio::time::interval(SWEEP);
    let mut forget = tokio::time::interval_at(tokio::time::Instant::now() + PROPOSING, PROPOSING);
    let mut verify = std::pin::pin!(verify_in_background(&house));
    let mut verified = false;
    let mut follow = std::pin::pin!(house.privacy.follow());
    let mut followed = false;
    loop {
        tokio::select! {
            _ = sign.tick() => if let Err(error) = house.kernel.ledger.checkpoint().await {
                tracing::error!(error = &error as &dyn std::error::Error, "the head was not signed");
            },
            _ = renew.tick() => if let Err(error) = certificates.renew() {
                tracing::error!(error = &error as &dyn std::error::Error, "a certificate was not renewed");
            },
            _ = sweep.tick() => if let Err(error) = house.accounts.end_idle_sessions().await {
                tracing::error!(error = &error as &dyn std::error::Error, "idle sessions were not ended");
            },
            _ = forget.tick() => if let Err(error) = house.privacy.propose_due().await {
                tracing::error!(error = &error as &dyn std::error::Error, "what is due to be forgotten was not proposed");
            },
            () = &mut verify, if !verified => verified = true,
            done = &mut follow, if !followed => {
                followed = true;
                if let Err(error) = done {
                    tracing::error!(error = &error as &dyn std::error::Error, "what retention rules go by was not folded");
                }
            }
            () = stop.cancelled() => return,
        }
    }
}

/// Clears away what uploads left that were cut off by a kill or a power cut, once, beside everything else.
async fn sweep_blobs(house: House, stop: CancellationToken) {
    let sweep = async {
        // Files are the only module that stores bytes; whoever comes second adds its names here.
        let named = house.files.named_blobs().await?;
        anyhow::Ok(house.kernel.blobs.sweep(named).await?)
    };
    let swept = tokio::select! {
        swept = sweep => swept,
        () = stop.cancelled() => return,
    };
    match swept {
        Ok(swept) if swept != Swept::default() => tracing::info!(
            parts = swept.parts,
            blobs = swept.blobs,
            bytes = swept.bytes,
            "cleared away what unfinished uploads had left"
        ),
        Ok(_) => {}
        Err(error) => {
            let error: &(dyn std::error::Error + 'static) = &*error;
            tracing::error!(
                error,
                "what unfinished uploads may have left was not cleared away"
            );
        }
    }
}

async fn verify_in_background(house: &House) {
    if !house.kernel.ledger.is_large() {
        return;
    }
    match house.kernel.ledger.verify(&|_, _| {}).await {
        Ok(report) if report.problems.is_empty() => {
            tracing::info!(events = report.size, "the whole log verifies")
        }
        Ok(report) => {
            for problem in &report.problems {
                tracing::error!(
                    position = problem.position,
                    what = problem.what,
                    "the log does not verify"
                );
            }
            house.kernel.ledger.stop();
        }
        Err(error) => tracing::error!(
            error = &error as &dyn std::error::Error,
            "the log could not be verified"
        ),
    }
}

impl Running {
    /// Whether the log has stopped because it could not be sure of itself; then serving on makes no sense.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.house.kernel.ledger.is_stopped()
    }

    /// Closes the doors, lets open requests end, and waits until the log's writer has ended.
    pub async fn stop(self) {
        let Self {
            house,
            stop,
            mut tasks,
            ..
        } = self;
        stop.cancel();
        let ended =
            tokio::time::timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            tasks.shutdown().await;
        }
        // Connections that were cut off may still hold a handle for a moment; the log is durable either way.
        let _ = tokio::time::timeout(GRACE, house.close()).await;
    }
}
