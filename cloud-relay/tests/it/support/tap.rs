//! A tap on the wire: passes TCP on and keeps a copy of every byte in both directions.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A running tap.
pub(crate) struct Tap {
    pub(crate) address: SocketAddr,
    captured: Arc<Mutex<Vec<u8>>>,
    _tasks: JoinSet<()>,
}

impl Tap {
    /// Listens on a free port and passes on to `target`.
    pub(crate) async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::on(listener, target)
    }

    pub(crate) fn on(listener: TcpListener, target: SocketAddr) -> Self {
        let address = listener.local_addr().expect("bound");
        let captured = Arc::<Mutex<Vec<u8>>>::default();
        let mut tasks = JoinSet::new();
        let copy = Arc::clone(&captured);
        tasks.spawn(async move {
            let mut passing = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let copy = Arc::clone(&copy);
                passing.spawn(async move {
                    let Ok(far) = TcpStream::connect(target).await else {
                        return;
                    };
                    let ((near_read, near_write), (far_read, far_write)) =
                        (near.into_split(), far.into_split());
                    tokio::join!(
                        pass(near_read, far_write, &copy),
                        pass(far_read, near_write, &copy)
                    );
                });
            }
        });
        Self {
            address,
            captured,
            _tasks: tasks,
        }
    }

    /// Everything that went by so far.
    pub(crate) fn captured(&self) -> Vec<u8> {
        self.captured.lock().expect("no test panics here").clone()
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    copy: &Mutex<Vec<u8>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        copy.lock()
            .expect("no test panics here")
            .extend_from_slice(&buffer[..count]);
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
