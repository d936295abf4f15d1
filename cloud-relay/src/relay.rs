//! One running relay: opens what it needs, then its listeners, and ends them in order.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::authority::{self, Authority, AuthorityError};
use crate::config::{Config, ConfigError};
use crate::directory::Directory;
use crate::link::Order;
use crate::metrics::Metrics;
use crate::pipes::Pipes;
use crate::state::{Gates, State};
use crate::store::{Store, StoreError};
use crate::witness::{Witness, WitnessKey};
use crate::{enrol, front, links, nats, socket, status, witness};

/// How long edges may take to hear the last word.
const GOODBYE: Duration = Duration::from_secs(1);

/// A relay that serves.
pub struct Relay {
    state: Arc<State>,
    addresses: Addresses,
    tasks: JoinSet<()>,
}

/// Where a relay listens, with the ports it really got.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Visitors.
    pub front: Vec<SocketAddr>,
    /// Links and work connections.
    pub link: SocketAddr,
    /// Enrolment.
    pub enrol: SocketAddr,
    /// Metrics.
    pub metrics: Option<SocketAddr>,
    /// Checkpoints to witness.
    pub witness: Option<SocketAddr>,
}

/// A relay did not start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The private authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A listener.
    #[error("listening on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

impl Relay {
    /// Opens store and authority, then the listeners, last the front. NATS is connected in its own time.
    ///
    /// # Errors
    /// Whatever cannot be read, made or opened, by name.
    pub async fn start(config: Config) -> Result<Self, RelayError> {
        config.check()?;
        authority::make_folder(&config.data)?;
        let store = Store::open(&config.data).await?;
        let authority = Authority::open(&config.data)?;
        let link = listen(config.listen.link)?;
        let enrol = listen(config.listen.enrol)?;
        let key = WitnessKey::open(&config.data, config.domain.as_str())?;
        let metrics = config.listen.metrics.map(listen).transpose()?;
        let witness = config.listen.witness.map(listen).transpose()?;
        let fronts = config
            .listen
            .front
            .iter()
            .copied()
            .map(listen)
            .collect::<Result<Vec<_>, _>>()?;
        let addresses = Addresses {
            front: fronts.iter().map(|front| front.address).collect(),
            link: link.address,
            enrol: enrol.address,
            metrics: metrics.as_ref().map(|metrics| metrics.address),
            witness: witness.as_ref().map(|witness| witness.address),
        };
        let state = Arc::new(state(config, &addresses, store, authority, key));
        state.reload().await?;

        let mut tasks = JoinSet::new();
        tasks.spawn(watch_directory(Arc::clone(&state)));
        if let Some(settings) = state.config.nats.clone() {
            tasks.spawn(nats::serve(Arc::clone(&state), settings));
        }
        if let Some(metrics) = metrics {
            tasks.spawn(status::serve(Arc::clone(&state), metrics.listener));
        }
        if let Some(witness) = witness {
            tasks.spawn(witness::serve(Arc::clone(&state), witness.listener));
        }
        tasks.spawn(enrol::serve(Arc::clone(&state), enrol.listener));
        tasks.spawn(links::serve(Arc::clone(&state), link.listener));
        for front in fronts {
            tasks.spawn(front::serve(
                Arc::clone(&state),
                front.listener,
                front.address,
            ));
        }
        tracing::info!(relay = state.config.id, domain = %state.config.domain, schools = state.directory.len(), "relay serves");
        Ok(Self {
            state,
            addresses,
            tasks,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The metrics, as `/metrics` shows them.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.state.metrics.text(self.state.gauges())
    }

    /// Accepts nothing more, tells the edges, lets running streams end for as long as the configuration allows, and goes.
    pub async fn stop(mut self) {
        self.state.drain();
        self.state
            .directory
            .links()
            .iter()
            .for_each(|link| link.order(Order::Drain));
        let until = Instant::now() + Duration::from_millis(self.state.config.times.drain);
        while self.state.metrics.streams_now.load(Relaxed) > 0 && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
        self.state.directory.end();
        let until = Instant::now() + GOODBYE;
        while !self.state.has_no_links() && Instant::now() < until {
            sleep(Duration::from_millis(5)).await;
        }
        while self.tasks.join_next().await.is_some() {}
        self.state.store.close().await;
        tracing::info!("relay stopped");
    }
}

fn state(
    config: Config,
    addresses: &Addresses,
    store: Store,
    authority: Authority,
    key: WitnessKey,
) -> State {
    let visitors = affordable(config.limits.visitors);
    State {
        link_address: config
            .public
            .link
            .clone()
            .unwrap_or_else(|| addresses.link.to_string()),
        visitor_port: config
            .public
            .port
            .or_else(|| addresses.front.first().map(SocketAddr::port))
            .unwrap_or_default(),
        bounds: Gates::new(&config, visitors),
        directory: Directory::new(config.limits.per_school),
        pipes: Pipes::new(config.limits.pipe, config.limits.pipes),
        links: RwLock::default(),
        metrics: Metrics::default(),
        nats: OnceLock::new(),
        presence: Mutex::default(),
        stopping: CancellationToken::new(),
        draining: false.into(),
        config,
        store,
        authority,
        witness: Witness::new(key),
    }
}

struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

fn listen(address: SocketAddr) -> Result<Bound, RelayError> {
    let bound = socket::listen(address).and_then(|listener| {
        Ok(Bound {
            address: listener.local_addr()?,
            listener,
        })
    });
    bound.map_err(|source| RelayError::Listen { address, source })
}

/// As many visitors as descriptors allow, two for each: 80 % of them, the rest is for work connections, links and pipes, so that a
/// flood of visitors never locks an edge out.
fn affordable(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, raised);
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let affordable = usize::try_from(descriptors / 10 * 4).unwrap_or(usize::MAX);
    if affordable < wanted {
        tracing::warn!(
            wanted,
            affordable,
            "fewer visitors than configured: the process may not open more descriptors"
        );
    }
    affordable.min(wanted)
}

/// Notices what another process (`enrol`, `revoke`, a second relay) wrote into the directory.
async fn watch_directory(state: Arc<State>) {
    let mut ticks = interval(Duration::from_millis(state.config.times.directory));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = None;
    loop {
        tokio::select! {
            () = state.stopping.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let refreshed = async {
            let revision = state.store.revision().await?;
            if seen != Some(revision) {
                state.reload().await?;
                seen = Some(revision);
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = refreshed.await {
            // What is in memory still holds; visitors notice nothing.
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "reading the directory"
            );
        }
    }
}
