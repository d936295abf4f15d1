//! The live feed: every event of the scopes that a person had at the event's position, in order, resumable.
//!
//! The feed follows the log, not the commands: committed batches wake it, positions order it, and a feed that lags reads
//! the log itself. `upto` tells how far the feed has come even when nothing was for this person, so that resuming needs
//! no rescan.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use edge_kernel::http::{Asker, Problem};
use edge_kernel::ledger::{Ledger, LedgerError, Published};
use edge_kernel::{Kernel, Recorded, SignedIn};
use events::Position;
use events::access::NOW;
use futures::stream::Stream;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// How often a quiet feed says how far it is, and that the line still lives.
const BEAT: Duration = Duration::from_secs(15);
/// Events read at once while catching up.
const PAGE: u32 = 512;

/// What the feed works on.
#[derive(Clone)]
pub(crate) struct Feed {
    pub(crate) kernel: Kernel,
    pub(crate) stop: CancellationToken,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Asked {
    from: Option<Position>,
}

/// `GET /api/feed?from=POSITION`; `Last-Event-ID` wins, because a browser that reconnects cannot change the address.
pub(crate) async fn feed(
    State(feed): State<Feed>,
    Asker(asker): Asker,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok());
    let resumed = last.and_then(|text| text.parse().ok());
    // Followed first and measured second, so that nothing falls between the two.
    let batches = feed.kernel.ledger.follow();
    let size = feed.kernel.ledger.size();
    let from = resumed.or(asked.from).unwrap_or(size).min(size);
    let state = Following {
        batches,
        ledger: feed.kernel.ledger.clone(),
        stop: feed.stop,
        asker,
        at: from,
        behind: size,
        told: from,
        ready: VecDeque::from([upto(from)]),
        ended: false,
    };
    let events = futures::stream::unfold(state, async |mut state| {
        let event = state.next().await?;
        Some((Ok(event), state))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT * 2)))
}

struct Following {
    batches: broadcast::Receiver<Published>,
    ledger: Ledger,
    stop: CancellationToken,
    asker: SignedIn,
    at: Position,
    /// Up to where the log itself must be read, because it was committed before this feed followed, or too fast for it.
    behind: Position,
    /// The last position that the browser was told of.
    told: Position,
    ready: VecDeque<Event>,
    ended: bool,
}

impl Following {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            if !self.is_welcome() {
                self.ended = true;
                return Some(Event::default().event("end").data("{}"));
            }
            if self.at < self.behind {
                if let Err(error) = self.read().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a feed cannot read the log"
                    );
                    return None;
                }
                continue;
            }
            tokio::select! {
                batch = self.batches.recv() => match batch {
                    Ok(batch) => self.take(&batch),
                    Err(RecvError::Lagged(_)) => self.behind = self.ledger.size(),
                    Err(RecvError::Closed) => return None,
                },
                () = tokio::time::sleep(BEAT) => self.tell(self.at),
                () = self.stop.cancelled() => return None,
            }
        }
    }

    fn is_welcome(&self) -> bool {
        let access = self.ledger.access();
        access.is_open(self.asker.person, NOW) && !access.is_ended(self.asker.session)
    }

    async fn read(&mut self) -> Result<(), LedgerError> {
        let events = self.ledger.read(self.at, PAGE).await?;
        self.show(&events);
        Ok(())
    }

    /// Takes a committed batch: what was read from the log meanwhile is passed over, and a gap is read from it first.
    fn take(&mut self, batch: &[Recorded]) {
        let new = batch
            .get(batch.partition_point(|event| event.position <= self.at)..)
            .unwrap_or_default();
        match new.first() {
            Some(first) if first.position == self.at + 1 => self.show(new),
            Some(_) => self.behind = new.last().map_or(self.at, |last| last.position),
            None => {}
        }
    }

    fn show(&mut self, events: &[Recorded]) {
        let person = self.asker.person;
        let ledger = self.ledger.clone();
        let access = ledger.access();
        for recorded in events {
            self.at = recorded.position;
            let scopes = recorded.event.scopes();
            if scopes
                .iter()
                .any(|scope| access.may_see(person, *scope, recorded.position))
            {
                self.ready.extend(event(recorded));
                self.told = recorded.position;
            }
            for lost in access
                .lost(recorded)
                .into_iter()
                .filter(|lost| lost.person == person)
            {
                let data = serde_json::json!({ "scope": lost.scope }).to_string();
                self.ready.push_back(
                    Event::default()
                        .event("lost")
                        .id(recorded.position.to_string())
                        .data(data),
                );
                self.told = recorded.position;
            }
        }
        // A long stretch that was not for this person must not be read again after a reconnect.
        if self.at - self.told >= u64::from(PAGE) / 2 {
            self.tell(self.at);
        }
    }

    fn tell(&mut self, position: Position) {
        self.ready.push_back(upto(position));
        self.told = position;
    }
}

fn event(recorded: &Recorded) -> Option<Event> {
    let data = serde_json::to_string(recorded).ok()?;
    Some(
        Event::default()
            .event("event")
            .id(recorded.position.to_string())
            .data(data),
    )
}

fn upto(position: Position) -> Event {
    let data = serde_json::json!({ "position": position }).to_string();
    Event::default()
        .event("upto")
        .id(position.to_string())
        .data(data)
}
