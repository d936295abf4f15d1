//! A wire to the database server's Unix socket that a test can hold and cut while a commit is on it.

use crate::support::Home;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;

/// What becomes of a commit that was sent.
pub(crate) enum Fate {
    /// It comes to the server, and its answer comes back.
    Arrives,
    /// The connection is cut before it comes to the server.
    Lost,
    /// It comes to the server, and the connection is cut before its answer comes back.
    Unanswered,
    /// The connection is cut, and the server receives it when it is told to; then the other side is told that it has answered.
    Late(oneshot::Receiver<()>, oneshot::Sender<()>),
}

/// A commit to wait for: it is told when one is sent, holds it until it may go on, and lets it meet its fate.
struct Trap {
    sent: oneshot::Sender<()>,
    held: oneshot::Receiver<()>,
    fate: Fate,
}

type Set = Arc<Mutex<Option<Trap>>>;

/// A wire between a kernel and its server.
pub(crate) struct Wire {
    directory: tempfile::TempDir,
    trap: Set,
}

const SOCKET: &str = ".s.PGSQL.5432";
/// A statement with a block of events is longer, one that looks something up or says something shorter.
const SHORTEST: usize = 300;

impl Wire {
    /// A wire to the server of a home, and the same home at its other end; none when the server is not reached over a Unix socket.
    pub(crate) fn to(home: &Home) -> Option<(Self, Home)> {
        let address = home.address.as_ref()?;
        let (user, rest) = address.strip_prefix("postgres://")?.split_once('@')?;
        let (host, name) = rest.split_once('/')?;
        let socket = Path::new(&host.replace("%2F", "/")).join(SOCKET);
        if !socket.exists() {
            eprintln!("SKIPPED: the PostgreSQL cluster is not reached over a Unix socket");
            return None;
        }
        let directory = tempfile::tempdir().expect("a directory");
        let listener = UnixListener::bind(directory.path().join(SOCKET)).expect("listens");
        let host = directory.path().display().to_string().replace('/', "%2F");
        let address = format!("postgres://{user}@{host}/{name}");
        let trap = Set::default();
        tokio::spawn(serve(listener, socket, Arc::clone(&trap)));
        let wired = Home {
            server: Some(address.parse().expect("an address")),
            address: Some(address),
            ..home.beside()
        };
        Some((Self { directory, trap }, wired))
    }

    /// Waits for the next commit. Gives what is told when it is sent, and what lets it go on.
    pub(crate) fn trap(&self, fate: Fate) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        assert!(self.directory.path().exists());
        let (sent, is_sent) = oneshot::channel();
        let (let_go, held) = oneshot::channel();
        let trap = Trap { sent, held, fate };
        *self.trap.lock().unwrap_or_else(PoisonError::into_inner) = Some(trap);
        (is_sent, let_go)
    }
}

async fn serve(listener: UnixListener, socket: PathBuf, trap: Set) {
    while let Ok((client, _)) = listener.accept().await {
        let server = UnixStream::connect(&socket).await.expect("connects");
        tokio::spawn(carry(client, server, Arc::clone(&trap)));
    }
}

/// Carries bytes in both directions until one side closes or the wire is cut.
async fn carry(mut client: UnixStream, mut server: UnixStream, trap: Set) {
    let (mut asked, mut answered) = (vec![0; 1 << 18], vec![0; 1 << 18]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let said = &asked[..length];
                let is_commit = said[0] == b'B' && length > SHORTEST;
                let trapped = is_commit.then(|| trap.lock().unwrap_or_else(PoisonError::into_inner).take());
                if let Some(Trap { sent, held, fate }) = trapped.flatten() {
                    let _ = sent.send(());
                    let _ = held.await;
                    match fate {
                        Fate::Arrives => {}
                        Fate::Lost => return,
                        Fate::Unanswered => {
                            server.write_all(said).await.expect("arrives");
                            let _ = server.read(&mut answered).await;
                            return;
                        }
                        Fate::Late(told, done) => {
                            drop(client);
                            let _ = told.await;
                            server.write_all(said).await.expect("arrives");
                            let _ = server.read(&mut answered).await;
                            let _ = done.send(());
                            return;
                        }
                    }
                }
                if server.write_all(said).await.is_err() { return }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&answered[..length]).await.is_err() { return }
            }
        }
    }
}
