//! Hearing that other machines have appended. What is heard only wakes: how far the log has come is read from its head, now and
//! then also when nothing was heard.

use super::say::CHANNEL;
use crate::database::Server;
use events::Position;
use std::time::Duration;
use tokio::sync::watch;

/// Look yourself: it is not known how far the log has come.
pub(super) const LOOK: Position = Position::MAX;
/// How long nothing may be heard before somebody looks.
const QUIET: Duration = Duration::from_secs(5);
/// Pause before the server is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Hears for as long as somebody wants to know.
pub(in crate::ledger) async fn listen(server: Server, heard: watch::Sender<Position>) {
    while !heard.is_closed() {
        if let Err(error) = hear(&server, &heard).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what other machines append is noticed late"
            );
            heard.send_replace(LOOK);
            tokio::select! {
                () = heard.closed() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}

async fn hear(server: &Server, heard: &watch::Sender<Position>) -> sqlx::Result<()> {
    let mut listener = server.listen(CHANNEL).await?;
    // Whatever was said before anybody listened.
    heard.send_replace(LOOK);
    loop {
        tokio::select! {
            () = heard.closed() => return Ok(()),
            said = tokio::time::timeout(QUIET, listener.try_recv()) => {
                let size = match said {
                    Ok(said) => said?.and_then(|said| said.payload().parse().ok()),
                    Err(_) => None,
                };
                heard.send_replace(size.unwrap_or(LOOK));
            }
        }
    }
}
