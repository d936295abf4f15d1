//! What the tests share: a relay on ports of its own, a scripted edge, visitors, and hand-made ClientHellos.

pub(crate) mod edge;
pub(crate) mod hello;
pub(crate) mod nats;
pub(crate) mod tap;
pub(crate) mod visitor;

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::time::Duration;

use cloud_relay::{Addresses, Config, Relay};
use relay_wire::{HostName, SchoolId, Token};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use edge::Edge;

/// Long enough for a busy machine; a test that needs it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A relay in this process, with a folder that goes when it does.
pub(crate) struct House {
    pub(crate) relay: Relay,
    pub(crate) config: Config,
    folder: TempDir,
}

/// A configuration on free ports, with times short enough to wait for.
pub(crate) fn config(folder: &TempDir) -> Config {
    let text = format!(
        r#"
        id = "r1"
        domain = "relay.localhost"
        data = "{}"
        [listen]
        front = ["127.0.0.1:0"]
        link = "127.0.0.1:0"
        enrol = "127.0.0.1:0"
        metrics = "127.0.0.1:0"
        [limits]
        connects_per_second = 100000
        connects_burst = 100000
        per_address = 10000
        unknown_names_per_minute = 1000
        enrolments_per_minute = 1000
        [times]
        hello = 700
        hold = 600
        prove = 700
        ping = 300
        drain = 500
        directory = 50
        "#,
        folder.path().join("data").display()
    );
    let file = folder.path().join("relay.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    Config::load(&file).expect("a good configuration")
}

impl House {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = config(&folder);
        change(&mut config);
        let relay = Relay::start(config.clone())
            .await
            .expect("the relay starts");
        Self {
            relay,
            config,
            folder,
        }
    }

    /// The relay, and the folder that must outlive what is started in it again.
    pub(crate) fn into_parts(self) -> (Relay, TempDir) {
        (self.relay, self.folder)
    }

    pub(crate) fn addresses(&self) -> &Addresses {
        self.relay.addresses()
    }

    pub(crate) fn front(&self) -> SocketAddr {
        self.addresses().front[0]
    }

    pub(crate) async fn token(&self, school: &str) -> Token {
        cloud_relay::enrol(&self.config, &id(school), false)
            .await
            .expect("a token")
    }

    /// An enrolled school without a link.
    pub(crate) async fn school(&self, school: &str) -> Edge {
        let token = self.token(school).await;
        Edge::enrol(self.addresses().enrol, &token)
            .await
            .expect("enrolled")
    }

    /// An enrolled school that serves visitors: it answers with its own id, and then sends back what it gets.
    pub(crate) async fn serving(&self, school: &str) -> edge::Serving {
        let edge = self.school(school).await;
        edge.link(1).await.expect("a link").serve(4).await
    }

    /// One value of the metrics.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        metric(&self.relay.metrics(), name)
    }

    pub(crate) async fn until_metric(&self, name: &str, enough: impl Fn(u64) -> bool) {
        until(name, || enough(self.metric(name))).await;
    }
}

pub(crate) fn metric(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| {
        line.strip_prefix("schulhof_relay_")?
            .strip_prefix(name)?
            .strip_prefix(' ')
    });
    line.unwrap_or_else(|| panic!("there is no metric {name}"))
        .parse()
        .expect("a number")
}

pub(crate) fn id(school: &str) -> SchoolId {
    SchoolId::parse(school).expect("an id")
}

pub(crate) fn name(school: &str) -> HostName {
    HostName::parse(&format!("{school}.relay.localhost")).expect("a name")
}

/// Polls until it holds; tells what did not when it never does.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}: waited {PATIENCE:?} in vain");
        sleep(Duration::from_millis(5)).await;
    }
}

/// A future that must end.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what}: waited {PATIENCE:?} in vain"))
}

/// A port that stays free: below the range from which the system takes ports for outgoing connections.
pub(crate) fn free_port() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 1_000).expect("below 1000") * 12;
    loop {
        let offset = first.wrapping_add(NEXT.fetch_add(1, Relaxed)) % 12_000;
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + offset));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
