//! A tap on the wire: passes TCP on and keeps a copy of every byte in both directions.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A running tap; it ends when it is dropped.
pub struct Tap {
    /// Where it listens.
    pub address: SocketAddr,
    captured: Arc<Mutex<Vec<u8>>>,
    _tasks: JoinSet<()>,
}

impl Tap {
    /// A port for a tap whose target is not known yet.
    pub async fn listener() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.expect("a free port")
    }

    /// Passes on to `target` whatever comes to `listener`.
    #[must_use]
    pub fn on(listener: TcpListener, target: SocketAddr) -> Self {
        let address = listener.local_addr().expect("it is bound");
        let captured = Arc::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, Arc::clone(&captured)));
        Self {
            address,
            captured,
            _tasks: tasks,
        }
    }

    /// Everything that went by so far.
    #[must_use]
    pub fn captured(&self) -> Vec<u8> {
        self.captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, captured: Arc<Mutex<Vec<u8>>>) {
    let mut passing = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let captured = Arc::clone(&captured);
        passing.spawn(async move {
            let Ok(far) = TcpStream::connect(target).await else {
                return;
            };
            let (near, far) = (near.into_split(), far.into_split());
            tokio::join!(
                pass(near.0, far.1, &captured),
                pass(far.0, near.1, &captured)
            );
        });
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    captured: &Mutex<Vec<u8>>,
) {
    let mut block = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut block).await {
        captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(&block[..length]);
        if to.write_all(&block[..length]).await.is_err() {
            return;
        }
    }
    // The other side may be gone already.
    let _ = to.shutdown().await;
}
