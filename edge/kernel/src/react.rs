//! Reactions: what follows elsewhere from an event. They are not projections: each has a durable cursor, runs at least
//! once per event, must be repeat-safe, and is never replayed. Of several machines on one log, one reacts.

mod turn;

use crate::Kernel;
use crate::database::query;
use crate::ledger::{AppendError, LedgerError, Value, number};
use crate::unit::Order;
use crate::{Actor, Recorded};
use events::Position;
use std::future::Future;
use std::time::Duration;
pub use turn::Turn;

/// Events handed to a reaction at once.
const BATCH: u32 = 512;
/// Pause after a failure; it doubles up to a minute.
const PAUSE: Duration = Duration::from_millis(250);
/// How often a machine asks whether it is its turn.
const ASK: Duration = Duration::from_secs(2);

/// A reaction could not be carried out; it will be tried again.
#[derive(Debug, thiserror::Error)]
#[error("a reaction failed")]
pub struct ReactError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Something that follows from events.
pub trait Reaction: Send + Sync + 'static {
    /// The cursor's name; it must never change.
    const NAME: &'static str;

    /// Does what follows from these events, or nothing. May be called again with events that it has seen.
    fn react(
        &self,
        kernel: &Kernel,
        events: &[Recorded],
    ) -> impl Future<Output = Result<(), ReactError>> + Send;
}

/// Runs a reaction from its cursor on, for as long as the log's writer lives; where another machine does, waits until that one is gone.
pub async fn run<R: Reaction>(kernel: Kernel, reaction: R) {
    let mut head = kernel.ledger.watch();
    let mut pause = PAUSE;
    let (mut at, mut turn) = (None, None);
    loop {
        let size = *head.borrow_and_update();
        match in_turn(&kernel, &reaction, &mut turn, &mut at).await {
            Ok(None) => {
                pause = PAUSE;
                let mut log = head.clone();
                let closed = async { while log.changed().await.is_ok() {} };
                if tokio::time::timeout(ASK, closed).await.is_ok() {
                    return;
                }
            }
            Ok(Some(now)) if now < size => {}
            Ok(Some(_)) => {
                pause = PAUSE;
                if head.changed().await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    reaction = R::NAME,
                    "a reaction waits"
                );
                (at, turn) = (None, None);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(60));
            }
        }
    }
}

/// A step, when it is this machine's turn; none when it is not.
async fn in_turn<R: Reaction>(
    kernel: &Kernel,
    reaction: &R,
    turn: &mut Option<Turn>,
    at: &mut Option<Position>,
) -> Result<Option<Position>, ReactError> {
    let is_held = match turn {
        Some(turn) => turn.is_held().await,
        None => false,
    };
    if !is_held {
        // Another machine may have gone on meanwhile.
        (*at, *turn) = (None, None);
        *turn = Turn::take(kernel, R::NAME).await?;
    }
    match turn {
        Some(_) => step(kernel, reaction, at).await.map(Some),
        None => Ok(None),
    }
}

/// Runs a reaction until it has caught up with the head as it is on arrival. When another machine does so already, it is left to that.
pub async fn catch_up<R: Reaction>(kernel: &Kernel, reaction: &R) -> Result<(), ReactError> {
    let Some(_turn) = Turn::take(kernel, R::NAME).await? else {
        return Ok(());
    };
    let size = kernel.ledger.size();
    let mut at = None;
    while step(kernel, reaction, &mut at).await? < size {}
    Ok(())
}

async fn step<R: Reaction>(
    kernel: &Kernel,
    reaction: &R,
    at: &mut Option<Position>,
) -> Result<Position, ReactError> {
    let from = match *at {
        Some(at) => at,
        None => cursor(kernel, R::NAME).await?,
    };
    let events = kernel.ledger.read(from, BATCH).await.map_err(boxed)?;
    let Some(last) = events.last().map(|event| event.position) else {
        return Ok(from);
    };
    let before = kernel.ledger.size();
    reaction.react(kernel, &events).await?;
    // A cursor is worth a write only after something was done, or after a stretch of doing nothing.
    if kernel.ledger.size() != before || events.len() == BATCH as usize {
        move_cursor(kernel, R::NAME, last).await.map_err(boxed)?;
    }
    *at = Some(last);
    Ok(last)
}

fn boxed(error: impl std::error::Error + Send + Sync + 'static) -> ReactError {
    ReactError(Box::new(error))
}

async fn cursor(kernel: &Kernel, name: &str) -> Result<Position, ReactError> {
    let row = query("SELECT position FROM kernel_cursor WHERE name = ?")
        .bind(name)
        .fetch_optional(kernel.ledger.kept())
        .await;
    let position = row.and_then(|row| row.map(|row| number(&row, 0)).transpose());
    let position = position
        .map_err(|source| LedgerError::Database {
            doing: "read",
            source,
        })
        .map_err(boxed)?;
    Ok(position.unwrap_or_default())
}

async fn move_cursor(kernel: &Kernel, name: &'static str, to: Position) -> Result<(), AppendError> {
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    let sql = "INSERT INTO kernel_cursor (name, position) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET position = excluded.position";
    unit.keep(sql, [Value::from(name), Value::from(to)]);
    unit.commit().await.map(|_| ())
}
