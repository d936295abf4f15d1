//! Saying how far this machine has brought the log, so that the others catch up at once. Not in the commit itself: whoever says
//! something holds a lock of the whole cluster until its commit is on the disk, other schools' databases included. A transaction
//! that only says something waits for no disk.

use crate::database::{Connection, Server, query};
use events::Position;
use std::time::Duration;
use tokio::sync::watch;

/// The channel on which the log's size is said.
pub(super) const CHANNEL: &str = "schulhof_head";
/// What is said more often is said together: nobody needs to hear of every commit.
const PAUSE: Duration = Duration::from_millis(5);
/// How long saying may take; whoever hears nothing looks by themselves.
const PATIENCE: Duration = Duration::from_secs(1);

/// Says sizes for as long as there are any to come.
pub(super) async fn say(server: Server, mut sizes: watch::Receiver<Position>) {
    let mut db = None;
    while sizes.changed().await.is_ok() {
        let size = *sizes.borrow_and_update();
        let said = tokio::time::timeout(PATIENCE, notify(&server, db.take(), size));
        match said.await {
            Ok(Ok(connected)) => db = Some(connected),
            Ok(Err(error)) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                "other machines are not told how far the log has come"
            ),
            Err(_) => tracing::debug!("other machines are told late how far the log has come"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn notify(
    server: &Server,
    connected: Option<Connection>,
    size: Position,
) -> sqlx::Result<Connection> {
    let mut db = match connected {
        Some(db) => db,
        None => server.connect_to_read().await?,
    };
    let say = query("SELECT pg_notify(?, ?)").bind(CHANNEL);
    say.bind(size.to_string()).execute(&mut db).await?;
    Ok(db)
}
