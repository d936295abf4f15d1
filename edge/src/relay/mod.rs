//! The edge's way out: enrols with the blind relay, keeps a control link and a warm pool of work connections to each home relay, and
//! hands visitors in as streams that begin with their ClientHello. TLS and HTTP on those streams are `serve`'s, the certificates `tls`'s.
//!
//! Everything here is outbound and mends itself: relay and NATS may be missing, die and come back in any order.

mod backoff;
mod enrolment;
mod identity;
mod link;
mod links;
mod pool;
mod presence;
pub mod serve;
mod socket;
mod stream;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use relay_wire::{HostName, SchoolId, Token};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use identity::IdentityError;
pub use stream::VisitorStream;

use identity::Identity;

/// Visitors that may wait for the root to take them.
const QUEUE: usize = 256;

/// What the relay link needs to know.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// Folder of its own (`DATA/relay`); keys in it are readable for the owner only.
    pub directory: PathBuf,
    /// Where and with which token to enrol; not needed once enrolled.
    pub enrolment: Option<Enrolment>,
    /// The control plane, if it is to be used.
    pub nats: Option<NatsConfig>,
    /// Bounds of the pool of each link.
    pub pool: PoolBounds,
    /// Build of this edge, shown to the relay's operator.
    pub build: String,
}

/// Where to enrol, and the proof of being allowed to.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The relay's enrolment listener, `host:port`.
    pub address: String,
    /// The one-time token the relay's operator handed out.
    pub token: Token,
}

/// NATS as the school reaches it.
#[derive(Debug, Clone, Default)]
pub struct NatsConfig {
    /// `nats://host:port`; without it, the address the relay named at enrolment.
    pub url: Option<String>,
    /// User, where the server asks for one.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<String>,
}

/// How many work connections one link keeps parked.
#[derive(Debug, Clone, Copy)]
pub struct PoolBounds {
    /// Always at least so many.
    pub floor: usize,
    /// Never more, and never more than the relay allows.
    pub ceiling: usize,
}

impl Default for PoolBounds {
    fn default() -> Self {
        Self {
            floor: 2,
            ceiling: 64,
        }
    }
}

/// Somebody who came through a relay. The relay has seen their server name and address, and nothing else.
#[derive(Debug)]
pub struct Visitor {
    /// Raw bytes, beginning with the ClientHello: TLS is still to be made.
    pub stream: VisitorStream,
    /// The visitor's own address, from the sealed header. Personal.
    pub address: SocketAddr,
    /// The relay's listener they came to; its port tells the service.
    pub listener: SocketAddr,
    /// The name they asked for; always one of this school's.
    pub authority: HostName,
}

/// How the way out is doing; for `/readyz`, metrics and the administrator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// The school's id at the relay; nothing until enrolled.
    pub school: Option<SchoolId>,
    /// Names the relay leads here.
    pub names: Vec<HostName>,
    /// Port that visitors use.
    pub port: u16,
    /// Relays with a standing link, sorted.
    pub relays: Vec<String>,
    /// Work connections parked or on their way, all links together.
    pub parked: usize,
    /// Visitors handed in since the start.
    pub visitors: u64,
    /// Whether NATS is connected.
    pub nats: bool,
    /// What the administrator should know, if anything is wrong.
    pub problem: Option<String>,
}

impl Status {
    /// Whether visitors can come in.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        !self.relays.is_empty()
    }

    /// Where visitors find the school.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let name = self.names.first()?;
        Some(if self.port == 443 {
            format!("https://{name}")
        } else {
            format!("https://{name}:{}", self.port)
        })
    }
}

/// The way out could not be set up. A relay that does not answer is no such error: it is tried again for ever.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Neither enrolled nor able to.
    #[error("this school is not enrolled with a relay; ask the relay's operator for a token")]
    NotEnrolled,
    /// Keys or grant on disk.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// The running way out; clones share it. It ends with [`RelayLink::stop`], or when the receiver of visitors is dropped.
#[derive(Debug, Clone)]
pub struct RelayLink {
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    control: Control,
}

/// The connection to NATS and the school's id there, once there is one.
type Control = Arc<OnceLock<(async_nats::Client, SchoolId)>>;

impl RelayLink {
    /// Brings a checkpoint to the relays through NATS, and gives status and body of the answer; none when there was none. `key`
    /// is the verifier key of the log.
    pub async fn ask_witness(&self, key: &str, body: String) -> Option<(u16, String)> {
        let (client, school) = self.control.get()?;
        presence::ask_witness(client, school, key, body).await
    }

    /// How it is doing now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// To wait for changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Ends links and pools. Visitors already handed in go on.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

/// Starts the way out in the background: returns at once, whether or not a relay answers.
///
/// # Errors
/// When the keys cannot be read or written, or there is neither an enrolment nor a token.
pub async fn start(
    config: RelayConfig,
) -> Result<(RelayLink, mpsc::Receiver<Visitor>), RelayError> {
    let identity = Identity::open(&config.directory)?;
    if identity.is_none() && config.enrolment.is_none() {
        return Err(RelayError::NotEnrolled);
    }
    let (visitors, receiver) = mpsc::channel(QUEUE);
    let (status, watched) = watch::channel(Status::default());
    let stop = CancellationToken::new();
    let link = RelayLink {
        status: watched,
        stop: stop.clone(),
        control: Control::default(),
    };
    let control = Arc::clone(&link.control);
    tokio::spawn(async move {
        let closed = visitors.clone();
        tokio::select! {
            () = run(config, identity, visitors, Arc::new(status), stop.child_token(), &control) => {}
            () = stop.cancelled() => {}
            () = closed.closed() => {}
        }
        stop.cancel();
    });
    Ok((link, receiver))
}

async fn run(
    config: RelayConfig,
    identity: Option<Identity>,
    visitors: mpsc::Sender<Visitor>,
    status: Arc<watch::Sender<Status>>,
    stop: CancellationToken,
    control: &Control,
) {
    let Some(identity) = enrolment::enrolled(&config, identity, &status).await else {
        // Refused for good: the status says why, and the administrator has to act.
        return stop.cancelled().await;
    };
    let grant = &identity.grant;
    status.send_modify(|status| {
        status.school = Some(grant.school.clone());
        status.names.clone_from(&grant.names);
        status.port = grant.port;
        status.problem = None;
    });
    let homes = grant.links.clone();
    let nats = config.nats.clone();
    let links = links::Links::new(config, identity, visitors, status, stop);
    homes.into_iter().for_each(|home| links.keep(home));
    if let Some(nats) = nats {
        presence::serve(&links, nats, control).await;
    }
    links.stopped().await;
}
