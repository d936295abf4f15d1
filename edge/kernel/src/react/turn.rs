//! Where several machines share a log, one of them reacts, or does something else that two must not do at a time: whoever holds a lock
//! on the server, in the session of a connection of its own. The lock goes with the connection, so another machine goes on when this
//! one is gone.

use super::{ReactError, boxed};
use crate::Kernel;
use crate::database::{Connection, Server, query};
use std::time::{Duration, Instant};

/// How often it is looked whether the lock is still held, at most.
const LOOK: Duration = Duration::from_secs(1);
/// The server gives up a machine that was cut from the network or the current after so many seconds, and a few more.
const SILENT: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// The right to do something that only one machine may do at a time.
pub enum Turn {
    /// Nobody else has this log.
    Alone,
    /// The lock.
    Held {
        /// Whose session holds it.
        session: Connection,
        /// When that was last seen.
        seen: Instant,
    },
}

impl Turn {
    /// Takes the turn, unless another machine has it.
    pub async fn take(kernel: &Kernel, name: &str) -> Result<Option<Self>, ReactError> {
        match kernel.ledger.server() {
            None => Ok(Some(Self::Alone)),
            Some(server) => lock(server, name).await.map_err(boxed),
        }
    }

    /// Whether it is still this machine's turn. What was done by whoever does not know yet that it is not, is done twice, which every
    /// reaction has to bear.
    pub(super) async fn is_held(&mut self) -> bool {
        match self {
            Self::Held { session, seen } if seen.elapsed() >= LOOK => {
                *seen = Instant::now();
                query("SELECT 1").fetch_one(session).await.is_ok()
            }
            Self::Alone | Self::Held { .. } => true,
        }
    }
}

async fn lock(server: &Server, name: &str) -> sqlx::Result<Option<Turn>> {
    let mut session = server.connect_to_read().await?;
    session.run(SILENT).await?;
    let sql = "SELECT pg_try_advisory_lock(hashtext('schulhof reaction'), hashtext(?))";
    let row = query(sql).bind(name).fetch_one(&mut session).await?;
    let is_ours: bool = row.try_get(0)?;
    if !is_ours {
        session.close().await?;
        return Ok(None);
    }
    let seen = Instant::now();
    Ok(Some(Turn::Held { session, seen }))
}
