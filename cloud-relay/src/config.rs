//! The relay's configuration: one TOML file, overridden by `SCHULHOF_RELAY_*` (`__` between levels). Everything is checked before
//! anything is opened, and every complaint names the field.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use relay_wire::HostName;
use serde::Deserialize;

use crate::witness::LogKey;

/// All a relay needs to know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of this relay within its fleet, `[a-z0-9-]{1,32}`; part of NATS subjects.
    pub id: String,
    /// Schools are reached at `<school>.<domain>`.
    pub domain: HostName,
    /// Folder for the directory database and the private authority; created with mode 0700.
    pub data: PathBuf,
    /// Where it listens.
    pub listen: Listen,
    /// What it tells edges about itself, where that differs from `listen`.
    #[serde(default)]
    pub public: Public,
    /// The control plane; without it the relay serves its own links only.
    pub nats: Option<Nats>,
    /// Bounds against floods; the defaults suit a relay with 4 GiB.
    #[serde(default)]
    pub limits: Limits,
    /// Times.
    #[serde(default)]
    pub times: Times,
    /// Whose logs it witnesses, besides those of its own schools.
    #[serde(default)]
    pub witness: Witness,
}

/// The relay as a witness. Schools that reach it through NATS name their own log; others stand here.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Witness {
    /// Verifier keys of logs, `name+hash+key`.
    pub logs: Vec<String>,
}

/// Addresses of the listeners.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Visitors; TLS is passed through by server name.
    pub front: Vec<SocketAddr>,
    /// Control links and work connections of edges.
    pub link: SocketAddr,
    /// Enrolment.
    pub enrol: SocketAddr,
    /// Prometheus metrics; loopback only.
    pub metrics: Option<SocketAddr>,
    /// Checkpoints to witness, plain HTTP; without it only NATS brings them.
    pub witness: Option<SocketAddr>,
}

/// Addresses as seen from outside.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Public {
    /// `host:port` that edges dial for links; default `listen.link`.
    pub link: Option<String>,
    /// Home relays given to an edge at enrolment; default this relay alone.
    pub homes: Vec<String>,
    /// Port that visitors use; default that of the first front listener.
    pub port: Option<u16>,
    /// NATS URL given to edges.
    pub nats: Option<String>,
}

/// Where NATS is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nats {
    /// `nats://host:port`.
    pub url: String,
    /// User, where the server asks for one.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// Credentials file (JWT and seed) where the server runs in operator mode.
    pub credentials: Option<PathBuf>,
}

/// Upper bounds. "Address" means an IPv4 address or an IPv6 /64.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Streams of all visitors; each costs two descriptors. Lowered at start when the process may not open so many.
    pub visitors: usize,
    /// Streams and waiting hellos of one address.
    pub per_address: usize,
    /// Streams of one address that a school's own link comes from: a whole school may stand behind it.
    pub per_own_address: usize,
    /// Streams of one school.
    pub per_school: usize,
    /// New connections of one address per second, in the long run.
    pub connects_per_second: u32,
    /// New connections of one address at once.
    pub connects_burst: u32,
    /// Unknown names that one address may ask for in a minute before it is dropped without an answer.
    pub unknown_names_per_minute: u32,
    /// Visitors that have not yet sent a whole ClientHello, or wait for their school; beyond it the oldest goes.
    pub waiting: usize,
    /// Peers on the link port that have proved nothing yet; beyond it the oldest goes.
    pub unproven: usize,
    /// Work connections parked on one link.
    pub parked: u16,
    /// Work connections that one link may bring per second.
    pub dials_per_second: u32,
    /// Work connections that one school is asked for per second when none is parked.
    pub cold_dials_per_second: u32,
    /// Enrolments tried per minute and address.
    pub enrolments_per_minute: u32,
    /// Size of a splice pipe in bytes; at most 1 MiB without privileges.
    pub pipe: usize,
    /// Pipes kept open. All pipes of one user share 64 MiB in the kernel.
    pub pipes: usize,
}

/// Deadlines and rhythms, in milliseconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// Wall-clock time from accept until the ClientHello must be whole.
    pub hello: u64,
    /// How long a visitor is held when the school has no link or nothing parked. An unknown name waits as long.
    pub hold: u64,
    /// How long a peer on the link or enrolment port may take to prove itself.
    pub prove: u64,
    /// Between pings on a control link; a link silent for two of them and a half is dead.
    pub ping: u64,
    /// A stream whose receiver takes nothing for so long is closed.
    pub stalled: u64,
    /// How long running streams may go on after SIGTERM.
    pub drain: u64,
    /// How often the directory database is asked whether another process changed it.
    pub directory: u64,
    /// Between load reports on NATS.
    pub load: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            visitors: 50_000,
            per_address: 64,
            per_own_address: 4_000,
            per_school: 5_000,
            connects_per_second: 50,
            connects_burst: 200,
            unknown_names_per_minute: 5,
            waiting: 20_000,
            unproven: 4_096,
            parked: 64,
            dials_per_second: 1_000,
            cold_dials_per_second: 64,
            enrolments_per_minute: 5,
            pipe: 256 * 1024,
            pipes: 128,
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            hello: 3_000,
            hold: 2_800,
            prove: 3_000,
            ping: 5_000,
            stalled: 60_000,
            drain: 10_000,
            directory: 1_000,
            load: 5_000,
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there.
    #[error("there is no configuration file {0}")]
    Missing(PathBuf),
    /// The file or an environment variable does not say what it should.
    #[error("reading the configuration {file}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What figment found.
        source: Box<figment::Error>,
    },
    /// A field makes no sense.
    #[error("configuration: {0}")]
    Senseless(String),
}

impl Config {
    /// Reads `file` and the environment, and checks every field.
    ///
    /// # Errors
    /// The first thing that is wrong, by name.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        if !file.is_file() {
            return Err(ConfigError::Missing(file.to_owned()));
        }
        // `SCHULHOF_RELAY__…` is the edge's section about its relay, not ours.
        let ours = Env::prefixed("SCHULHOF_RELAY_")
            .filter(|key| !key.starts_with("_"))
            .split("__");
        let figment = Figment::from(Toml::file_exact(file)).merge(ours);
        let unreadable = |source| ConfigError::Unreadable {
            file: file.to_owned(),
            source: Box::new(source),
        };
        let config: Self = figment.extract().map_err(unreadable)?;
        config.check()?;
        Ok(config)
    }

    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`] with the field's name.
    pub fn check(&self) -> Result<(), ConfigError> {
        let senseless = |text: &str| Err(ConfigError::Senseless(text.to_owned()));
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&self.id.len()) || !self.id.bytes().all(letter) {
            return senseless("`id` has 1 to 32 characters out of a-z, 0-9 and -");
        }
        if self.listen.front.is_empty() {
            return senseless("`listen.front` needs at least one address");
        }
        if self
            .listen
            .metrics
            .is_some_and(|address| !address.ip().is_loopback())
        {
            return senseless(
                "`listen.metrics` must be a loopback address: metrics are not for strangers",
            );
        }
        if self
            .nats
            .as_ref()
            .is_some_and(|nats| nats.user.is_some() != nats.password.is_some())
        {
            return senseless("`nats.user` and `nats.password` go together");
        }
        if let Some(at) = (self.witness.logs.iter()).position(|key| LogKey::parse(key).is_none()) {
            return Err(ConfigError::Senseless(format!(
                "`witness.logs` number {} is not the verifier key of a log (name+hash+key)",
                at + 1
            )));
        }
        self.limits.check()?;
        self.times.check()
    }

    /// Port that visitors use.
    #[must_use]
    pub fn visitor_port(&self) -> u16 {
        self.public
            .port
            .or_else(|| self.listen.front.first().map(SocketAddr::port))
            .unwrap_or_default()
    }
}

impl Limits {
    fn check(&self) -> Result<(), ConfigError> {
        let counts = [
            ("visitors", self.visitors),
            ("per_address", self.per_address),
            ("per_own_address", self.per_own_address),
            ("per_school", self.per_school),
            ("waiting", self.waiting),
            ("unproven", self.unproven),
            ("parked", usize::from(self.parked)),
            ("connects_per_second", self.connects_per_second as usize),
            ("connects_burst", self.connects_burst as usize),
            ("dials_per_second", self.dials_per_second as usize),
            ("cold_dials_per_second", self.cold_dials_per_second as usize),
            ("enrolments_per_minute", self.enrolments_per_minute as usize),
        ];
        match counts.iter().find(|(_, count)| *count == 0) {
            Some((field, _)) => Err(ConfigError::Senseless(format!(
                "`limits.{field}` must not be 0"
            ))),
            None if !(4_096..=1 << 20).contains(&self.pipe) => Err(ConfigError::Senseless(
                "`limits.pipe` is between 4096 and 1048576 bytes".to_owned(),
            )),
            None => Ok(()),
        }
    }
}

impl Times {
    fn check(&self) -> Result<(), ConfigError> {
        let all = [
            ("hello", self.hello),
            ("prove", self.prove),
            ("ping", self.ping),
            ("stalled", self.stalled),
            ("directory", self.directory),
            ("load", self.load),
        ];
        match all.iter().find(|(_, time)| *time == 0) {
            Some((field, _)) => Err(ConfigError::Senseless(format!(
                "`times.{field}` must not be 0"
            ))),
            None => Ok(()),
        }
    }

    pub(crate) fn hello(&self) -> Duration {
        Duration::from_millis(self.hello)
    }

    pub(crate) fn hold(&self) -> Duration {
        Duration::from_millis(self.hold)
    }

    pub(crate) fn prove(&self) -> Duration {
        Duration::from_millis(self.prove)
    }

    pub(crate) fn ping(&self) -> Duration {
        Duration::from_millis(self.ping)
    }

    pub(crate) fn stalled(&self) -> Duration {
        Duration::from_millis(self.stalled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_says_what_the_defaults_are() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("relay.example.toml");
        let example = Config::load(&file).expect("the example is a good configuration");
        assert_eq!(
            format!("{:?}", example.limits),
            format!("{:?}", Limits::default())
        );
        assert_eq!(
            format!("{:?}", example.times),
            format!("{:?}", Times::default())
        );
    }
}
