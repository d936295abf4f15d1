//! What the operator can set: by `schulhof.toml` in the data directory (or `--config`), by `SCHULHOF_*` in the
//! environment, with two underscores between levels. Every default suits a school.

use crate::objects::S3;
use crate::relay::{Enrolment, NatsConfig, PoolBounds, RelayConfig};
use crate::size::Size;
use crate::witness::WitnessConfig;
use anyhow::{Context, Result};
use edge_kernel::database::Server;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Everything that can be set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Plain HTTP, on loopback only: for this machine itself, or for a proxy beside us.
    pub listen: SocketAddr,
    /// HTTPS on the school's network; none in a demo that has no use for it.
    pub https: Option<SocketAddr>,
    /// Names and addresses under which the school's network reaches us, besides the relay's name.
    pub names: Vec<String>,
    /// `/readyz` stays 503 until this file exists; for demos that have more to prepare than the edge.
    pub ready_file: Option<PathBuf>,
    /// What files may be.
    pub files: Files,
    /// The way in from home.
    pub relay: Relay,
    /// Who witnesses the school's log, and whose it witnesses.
    pub witness: WitnessConfig,
    /// Where backups go.
    pub backup: Backup,
    /// Where the log is, when it is not in the data directory.
    pub database: Database,
    /// Where the bytes of files are, when they are not in the data directory.
    pub blobs: Blobs,
    /// How object stores are reached.
    pub s3: S3,
    /// When people are forgotten.
    pub privacy: Privacy,
}

/// Where the bytes of files are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blobs {
    /// `s3://bucket/prefix`. Several machines need it, to find the same files.
    pub url: Option<String>,
}

/// When people are forgotten.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// The retention rules: a built-in pack such as `de-ni`, which holds when nothing is said, or a file of one's own that
    /// ends with `.toml`, from the data directory when its path is not absolute.
    pub rules: Option<String>,
}

/// A PostgreSQL server for the log and what is kept beside it, when one machine is not enough.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://user@host:port/database?sslmode=verify-full`; also `SCHULHOF_DATABASE_URL`.
    pub url: Option<String>,
    /// A database of its own for the keys, in the same form; also `SCHULHOF_KEYRING_URL`. Without it, they are in the data directory.
    pub keyring_url: Option<String>,
}

impl Database {
    /// The server, when there is one.
    pub fn server(&self) -> Result<Option<Server>> {
        let server = self.url.as_deref().map(str::parse::<Server>).transpose();
        let server = server.context("reading database.url")?;
        let Some(keys) = &self.keyring_url else {
            return Ok(server);
        };
        let keys = keys.parse().context("reading database.keyring_url")?;
        let server = server.context(
            "database.keyring_url is set and database.url is not: keys are in a database only when the log is",
        )?;
        Ok(Some(server.with_keys(keys)?))
    }
}

impl std::fmt::Debug for Database {
    /// Without the password that the address may hold.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let server = self.server().ok().flatten();
        let keys = server.as_ref().and_then(Server::keys);
        f.debug_struct("Database")
            .field("server", &server)
            .field("keys", &keys)
            .finish()
    }
}

/// Where backups go while the server runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    /// A directory, as a path or `file:///…`, such as a mounted disk, or `s3://bucket/prefix`. It must not hold the keys.
    pub to: Option<String>,
    /// How that store is reached, when it is not as `[s3]` says.
    pub s3: Option<S3>,
}

/// What files may be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// The largest that is taken, such as `500 MiB`; 2 GiB when nothing is said. Larger ones that are there stay.
    pub largest: Option<Size>,
}

/// The way in from home; absent while nothing in it is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Relay {
    /// The relay's enrolment address, `host:port`.
    pub enrol: Option<String>,
    /// The one-time token from the relay's operator.
    pub token: Option<String>,
    /// The control plane.
    pub nats: Nats,
}

/// How NATS is reached.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Nats {
    /// `nats://host:port`.
    pub url: Option<String>,
    /// User, where the server asks for one.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<String>,
}

/// Whether a name in the environment, without its prefix, is a setting of ours: other programs share the prefix.
fn is_setting(name: &figment::value::UncasedStr) -> bool {
    let name = name.as_str().to_ascii_lowercase();
    matches!(name.as_str(), "listen" | "https" | "names" | "ready_file")
        || name.starts_with("files__")
        || name.starts_with("backup__")
        || name.starts_with("blobs__")
        || name.starts_with("database__")
        || name.starts_with("privacy__")
        || name.starts_with("relay__")
        || name.starts_with("s3__")
        || name.starts_with("witness__")
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            https: None,
            names: Vec::new(),
            ready_file: None,
            files: Files::default(),
            relay: Relay::default(),
            witness: WitnessConfig::default(),
            backup: Backup::default(),
            database: Database::default(),
            blobs: Blobs::default(),
            s3: S3::default(),
            privacy: Privacy::default(),
        }
    }
}

impl Config {
    /// Reads the configuration for a data directory.
    pub fn read(data: &Path, file: Option<&Path>) -> Result<Self> {
        let path = file.map_or_else(|| data.join("schulhof.toml"), Path::to_owned);
        // The file in the data directory need not exist; one that was named must.
        let toml = match file.is_some() || path.exists() {
            true => Figment::from(Toml::file_exact(&path)),
            false => Figment::new(),
        };
        let config: Self = Figment::from(Serialized::defaults(Self::default()))
            .merge(toml)
            .merge(Env::prefixed("SCHULHOF_").filter(is_setting).split("__"))
            .merge(
                Env::prefixed("SCHULHOF_")
                    .only(&["database_url"])
                    .map(|_| "database.url".into()),
            )
            .merge(
                Env::prefixed("SCHULHOF_")
                    .only(&["keyring_url"])
                    .map(|_| "database.keyring_url".into()),
            )
            .extract()
            .with_context(|| {
                format!(
                    "reading the configuration ({} and SCHULHOF_*)",
                    path.display()
                )
            })?;
        if !config.listen.ip().is_loopback() {
            anyhow::bail!(
                "`listen` is plain HTTP and stays on loopback; for the school's network set `https`"
            );
        }
        Ok(config)
    }

    /// What the relay link needs, when the school is enrolled or can be.
    pub(crate) fn relay_link(&self, data: &Path) -> Result<Option<RelayConfig>> {
        let directory = data.join("relay");
        let enrolment = match (&self.relay.enrol, &self.relay.token) {
            (Some(address), Some(token)) => {
                let token = token
                    .parse()
                    .context("relay.token is not a token as the relay's operator prints it")?;
                Some(Enrolment {
                    address: address.clone(),
                    token,
                })
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                anyhow::bail!("set both relay.enrol and relay.token, or neither")
            }
        };
        if enrolment.is_none() && !directory.join("identity.json").exists() {
            return Ok(None);
        }
        let Nats {
            url,
            user,
            password,
        } = self.relay.nats.clone();
        Ok(Some(RelayConfig {
            directory,
            enrolment,
            nats: Some(NatsConfig {
                url,
                user,
                password,
            }),
            pool: PoolBounds::default(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_programs_are_not_settings() {
        for ours in [
            "LISTEN",
            "READY_FILE",
            "FILES__LARGEST",
            "PRIVACY__RULES",
            "RELAY__NATS__URL",
            "BLOBS__URL",
            "S3__ENDPOINT",
            "relay__token",
        ] {
            assert!(is_setting(ours.into()), "{ours}");
        }
        for others in ["S3", "LOG", "NATS_SERVER", "RELAY_DATA", "PICTURES"] {
            assert!(!is_setting(others.into()), "{others}");
        }
    }

    #[test]
    fn the_largest_file_is_the_operator_s_to_set_and_nonsense_is_refused_with_an_example() {
        let directory = tempfile::tempdir().expect("a directory of our own");
        let read = |text: &str| {
            std::fs::write(directory.path().join("schulhof.toml"), text).expect("it is ours");
            Config::read(directory.path(), None)
        };
        let set = read("[files]\nlargest = \"500 MiB\"\n").expect("is read");
        assert_eq!(set.files.largest.map(Size::bytes), Some(500 << 20));
        assert_eq!(read("").expect("is read").files.largest, None);
        let refused = read("[files]\nlargest = \"big\"\n").expect_err("is refused");
        assert!(format!("{refused:#}").contains("500 MiB"), "{refused:#}");
    }

    #[test]
    fn keys_are_in_a_database_of_their_own_or_with_the_operator_s_mistake_told() {
        let database = |url: Option<&str>, keys: &str| Database {
            url: url.map(str::to_owned),
            keyring_url: Some(keys.to_owned()),
        };
        let log = Some("postgres://school:geheim@db.example/log");
        let apart = database(log, "postgres://keys:geheimer@db.example/keys");
        let server = apart.server().expect("are two").expect("is one");
        assert!(server.keys().is_some());
        assert!(!format!("{apart:?}").contains("geheim"), "{apart:?}");
        for (wrong, told) in [
            (
                database(log, "postgres://keys:geheimer@db.example/log"),
                "must not be in one database",
            ),
            (
                database(None, "postgres://keys:geheimer@db.example/keys"),
                "database.url is not",
            ),
            (database(log, "keys"), "database.keyring_url"),
        ] {
            let refused = format!("{:#}", wrong.server().expect_err("is refused"));
            assert!(refused.contains(told), "{refused}");
            assert!(!refused.contains("geheim"), "{refused}");
        }
    }
}
