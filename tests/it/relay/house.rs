//! A relay, a school behind it with a page of its own, and visitors who trust that school's authority.

use axum::Router;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use edge::relay::serve::Server;
use edge::relay::{Enrolment, NatsConfig, PoolBounds, RelayConfig, RelayLink, Status};
use edge::tls::Certificates;
use relay_wire::Token;
use std::fs::File;
use std::future::Future;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Long enough for a busy machine; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A relay process on ports that it keeps, so that it can be killed and started again.
pub(crate) struct Relay {
    pub(crate) front: SocketAddr,
    pub(crate) link: SocketAddr,
    /// Everything it has logged.
    pub(crate) log: PathBuf,
    /// Its folder.
    pub(crate) data: PathBuf,
    enrol: SocketAddr,
    config: PathBuf,
    process: Option<Child>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Relay {
    /// Not started yet. Relays with the same `data` are of one fleet.
    pub(crate) fn new(folder: &Path, id: &str, nats: Option<&str>) -> Self {
        Self::with(
            folder,
            id,
            nats.map(|url| format!("[nats]\nurl = \"{url}\"\n"))
                .unwrap_or_default(),
        )
    }

    /// The same, telling schools to dial their links at another address, where somebody listens in.
    pub(crate) fn tapped(folder: &Path, id: &str, tap: SocketAddr) -> Self {
        Self::with(folder, id, format!("[public]\nlink = \"{tap}\"\n"))
    }

    fn with(folder: &Path, id: &str, more: String) -> Self {
        let [front, link, enrol] = [(); 3].map(|()| free_port());
        let config = folder.join(format!("{id}.toml"));
        let log = config.with_extension("log");
        let data = folder.join("relay");
        let text = format!(
            "id = \"{id}\"\ndomain = \"relay.localhost\"\ndata = {data:?}\n[listen]\nfront = [\"{front}\"]\n\
             link = \"{link}\"\nenrol = \"{enrol}\"\n{more}"
        );
        std::fs::write(&config, text).expect("the folder is ours");
        Self {
            front,
            link,
            log,
            data,
            enrol,
            config,
            process: None,
        }
    }

    /// Starts it and waits until it accepts visitors.
    pub(crate) async fn start(&mut self) {
        let log = File::options().create(true).append(true).open(&self.log);
        let mut command = Command::new(binary());
        command
            .args(["serve", "--config"])
            .arg(&self.config)
            .stderr(log.expect("the folder is ours"));
        self.process = Some(command.spawn().expect("the relay runs"));
        until("the relay to listen", || {
            TcpStream::connect(self.front).is_ok()
        })
        .await;
    }

    /// Ends it without a word to anybody.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// The process, while it runs.
    pub(crate) fn process(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Where a school enrols, and a token for it, as the operator passes them on.
    pub(crate) fn invitation(&self, school: &str) -> (String, String) {
        let Enrolment { address, token } = self.enrolment(school);
        (address, token.to_string())
    }

    /// Its key as a witness, as the operator reads it off.
    pub(crate) fn witness_key(&self) -> String {
        let mut command = Command::new(binary());
        let output = command
            .args(["witness-key", "--config"])
            .arg(&self.config)
            .output()
            .expect("the relay runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub(super) fn enrolment(&self, school: &str) -> Enrolment {
        let mut command = Command::new(binary());
        let output = command
            .args(["enrol", school, "--config"])
            .arg(&self.config)
            .output()
            .expect("the relay runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let token = String::from_utf8_lossy(&output.stdout)
            .parse()
            .expect("a token");
        Enrolment {
            address: self.enrol.to_string(),
            token,
        }
    }

    pub(super) fn wrong_enrolment(&self) -> Enrolment {
        Enrolment {
            address: self.enrol.to_string(),
            token: Token::new([7; 16]),
        }
    }
}

fn binary() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/schulhof-relay");
    assert!(
        path.is_file(),
        "build the relay first: cargo build -p cloud-relay"
    );
    path
}

/// A school's machine as far as the relay is concerned. Dropping it ends it like a crash.
pub(super) struct School {
    pub(super) link: RelayLink,
    certificates: Arc<Certificates>,
    serving: JoinHandle<()>,
    stop: CancellationToken,
}

impl Drop for School {
    fn drop(&mut self) {
        self.link.stop();
        self.stop.cancel();
        self.serving.abort();
    }
}

/// The way out of a school whose data is in `folder`.
pub(super) fn way_out(
    folder: &TempDir,
    school: &str,
    enrolment: Option<Enrolment>,
    nats: Option<&str>,
) -> RelayConfig {
    RelayConfig {
        directory: folder.path().join(school).join("relay"),
        enrolment,
        nats: nats.map(|url| NatsConfig {
            url: Some(url.to_owned()),
            ..NatsConfig::default()
        }),
        pool: PoolBounds::default(),
        build: "test".to_owned(),
    }
}

impl School {
    pub(super) async fn start(config: RelayConfig) -> Self {
        let tls = config.directory.with_file_name("tls");
        let certificates = Arc::new(Certificates::open(&tls, &[]).expect("certificates"));
        let (link, visitors) = edge::relay::start(config)
            .await
            .expect("the way out is prepared");
        let stop = CancellationToken::new();
        let server = Server::new(router(), Arc::clone(&certificates), stop.clone());
        let serving = tokio::spawn(server.visitors(link.clone(), visitors));
        Self {
            link,
            certificates,
            serving,
            stop,
        }
    }

    /// Waits until its status is as wanted.
    pub(super) async fn until(&self, what: &str, holds: impl Fn(&Status) -> bool) {
        let mut status = self.link.watch();
        soon(what, async {
            status.wait_for(|status| holds(status)).await.map(|_| ())
        })
        .await
        .expect("it runs");
    }

    pub(super) async fn reachable(&self) {
        self.until("the link to stand", |status| {
            status.is_reachable() && status.parked > 0
        })
        .await;
    }

    /// A visitor's client; the relay's name leads to `front`.
    pub(super) fn visitor(&self, front: SocketAddr) -> reqwest::Client {
        // The first test to come here decides; they all want the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authority = std::fs::read(self.certificates.authority_file()).expect("readable");
        reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&authority).expect("PEM")])
            .resolve("kgs.relay.localhost", front)
            .resolve("bgy.relay.localhost", front)
            .timeout(PATIENCE)
            .build()
            .expect("a client")
    }
}

fn router() -> Router {
    let address =
        |ConnectInfo(address): ConnectInfo<SocketAddr>| async move { address.to_string() };
    Router::new()
        .route("/address", get(address))
        .route("/echo", post(|body: Bytes| async move { body }))
        .layer(axum::extract::DefaultBodyLimit::disable())
}

/// A nats-server, where there is one to be found; nothing, said plainly, where not.
pub(crate) struct Nats {
    pub(crate) url: String,
    port: String,
    binary: PathBuf,
    process: Option<Child>,
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Nats {
    pub(crate) fn find() -> Option<Self> {
        let installed =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/nats/bin/nats-server");
        let named = std::env::var_os("SCHULHOF_NATS_SERVER").map(PathBuf::from);
        let found = named
            .into_iter()
            .chain([installed])
            .find(|file| file.is_file());
        if found.is_none() {
            eprintln!("SKIPPED: this test needs nats-server; `cargo xtask tools` installs it");
        }
        let address = free_port();
        found.map(|binary| Self {
            url: format!("nats://{address}"),
            port: address.port().to_string(),
            binary,
            process: None,
        })
    }

    pub(crate) fn start(&mut self) {
        let mut command = Command::new(&self.binary);
        command
            .args(["-a", "127.0.0.1", "-p", &self.port])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.process = Some(command.spawn().expect("nats-server runs"));
    }

    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A port that stays free: below the range from which the system takes ports for outgoing connections.
fn free_port() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 1_000).expect("below 1000") * 8;
    loop {
        let offset = first.wrapping_add(NEXT.fetch_add(1, Relaxed)) % 8_000;
        let address = SocketAddr::from(([127, 0, 0, 1], 12_000 + offset));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

pub(super) async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon(what, waiting).await;
}

pub(super) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what}: waited {PATIENCE:?} in vain"))
}

/// Asks until somebody answers well: what a browser's user does with the reload button.
pub(super) async fn sooner_or_later(client: &reqwest::Client, url: &str) -> String {
    let asking = async {
        loop {
            let asked = async {
                client
                    .get(url)
                    .send()
                    .await?
                    .error_for_status()?
                    .text()
                    .await
            };
            match asked.await {
                Ok(text) => return text,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    soon("an answer through the relay", asking).await
}
