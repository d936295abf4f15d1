//! A nats-server of the test's own, where there is one to be found.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{free_port, until};

/// A running server; it ends with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    binary: PathBuf,
    process: Option<Child>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A server that is not started yet; nothing, said plainly, where none is installed.
pub(crate) fn server() -> Option<Server> {
    let installed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/nats/bin/nats-server");
    let named = std::env::var_os("SCHULHOF_NATS_SERVER").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    let found = named
        .into_iter()
        .chain([installed])
        .chain(on_path)
        .find(|file| file.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: this test needs nats-server; `cargo xtask tools` installs it");
    }
    found.map(|binary| Server {
        address: free_port(),
        binary,
        process: None,
    })
}

impl Server {
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Starts, or starts again, on the same port, with the permissions of `nats.conf`; every password is `pw-<user>`.
    pub(crate) async fn start(&mut self) {
        let process = Command::new(&self.binary)
            .args([
                "-a",
                "127.0.0.1",
                "-p",
                &self.address.port().to_string(),
                "-c",
            ])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("nats.conf"))
            .envs([
                ("SCHULHOF_NATS_RELAY", "pw-relay"),
                ("SCHULHOF_NATS_OPERATOR", "pw-operator"),
                ("SCHULHOF_NATS_KGS", "pw-kgs"),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(process.expect("it runs"));
        until("nats-server to listen", || {
            TcpStream::connect(self.address).is_ok()
        })
        .await;
    }

    /// Ends it without a word to anybody.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// A client as one of the users.
    pub(crate) async fn client(&self, user: &str) -> async_nats::Client {
        let options = async_nats::ConnectOptions::new()
            .user_and_password(user.to_owned(), format!("pw-{user}"))
            .custom_inbox_prefix(format!("_INBOX.{user}"));
        options.connect(self.url()).await.expect("it listens")
    }

    pub(crate) fn settings(&self, user: &str) -> cloud_relay::Nats {
        cloud_relay::Nats {
            url: self.url(),
            user: Some(user.to_owned()),
            password: Some(format!("pw-{user}")),
            credentials: None,
        }
    }
}
