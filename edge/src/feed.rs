//! The live feed: every event of the scopes that a person had at the event's position, in order, resumable.
//!
//! The feed follows the log, not the commands: committed batches wake it, positions order it, and a feed that lags reads
//! the log itself. `upto` tells how far the feed has come even when nothing was for this person, so that resuming needs
//! no rescan.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use edge_kernel::http::{Asker, Problem, QueryOf};
use edge_kernel::ledger::{Ledger, LedgerError, Published};
use edge_kernel::{Kernel, Recorded, SignedIn};
use events::Position;
use events::access::NOW;
use events::ids::SessionId;
use futures::stream::Stream;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// How often a quiet feed says how far it is, and that the line still lives.
const BEAT: Duration = Duration::from_secs(15);
/// Events read at once while catching up.
const PAGE: u32 = 512;
/// How far back a feed is read: every event costs opening it, and whoever is further behind loads faster anew.
const BACK: Position = 20_000;
/// Feeds of one session at once. A browser has one for all its tabs; a line that broke may be there a while longer.
const FEEDS: usize = 8;

/// What the feed works on.
#[derive(Clone)]
pub(crate) struct Feed {
    pub(crate) kernel: Kernel,
    pub(crate) stop: CancellationToken,
    pub(crate) open: Open,
}

/// How many feeds each session has open.
#[derive(Clone, Default)]
pub(crate) struct Open(Arc<Mutex<HashMap<SessionId, usize>>>);

impl Open {
    /// One more, unless there are too many already.
    fn another(&self, session: SessionId) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(session).or_default();
        if *count >= FEEDS {
            return None;
        }
        *count += 1;
        Some(Place {
            open: self.clone(),
            session,
        })
    }
}

/// One of a session's feeds; it is free again when this is dropped.
struct Place {
    open: Open,
    session: SessionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

fn too_many() -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_feeds",
        "Diese Anmeldung hat schon zu viele offene Verbindungen. Bitte schließen Sie einige Fenster.",
        "This sign-in has too many open connections already. Please close some windows.",
    )
    .retry_after(30)
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Asked {
    from: Option<Position>,
}

/// `GET /api/feed?from=POSITION`; `Last-Event-ID` wins, because a browser that reconnects cannot change the address.
pub(crate) async fn feed(
    State(feed): State<Feed>,
    Asker(asker): Asker,
    QueryOf(asked): QueryOf<Asked>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = feed.open.another(asker.session).ok_or_else(too_many)?;
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok());
    let resumed = last.and_then(|text| text.parse().ok());
    // Followed first and measured second, so that nothing falls between the two.
    let batches = feed.kernel.ledger.follow();
    let size = feed.kernel.ledger.size();
    let asked = resumed.or(asked.from).unwrap_or(size).min(size);
    let (from, first) = match is_too_far(asked, size) {
        true => (size, missed(size)),
        false => (asked, upto(asked)),
    };
    let state = Following {
        batches,
        ledger: feed.kernel.ledger.clone(),
        stop: feed.stop,
        asker,
        at: from,
        behind: size,
        told: from,
        ready: VecDeque::from([first]),
        ended: false,
        _place: place,
    };
    let events = futures::stream::unfold(state, async |mut state| {
        let event = state.next().await?;
        Some((Ok(event), state))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT * 2)))
}

/// Whether so much has happened since a position that it is not told event by event.
fn is_too_far(asked: Position, size: Position) -> bool {
    size.saturating_sub(asked) > BACK
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
    _place: Place,
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

/// Nothing more was for this person up to here.
fn upto(position: Position) -> Event {
    reached("upto", position)
}

/// What happened up to here is not told any more: whoever folds must load anew.
fn missed(position: Position) -> Event {
    reached("missed", position)
}

fn reached(name: &str, position: Position) -> Event {
    let data = serde_json::json!({ "position": position }).to_string();
    Event::default()
        .event(name)
        .id(position.to_string())
        .data(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_far_behind_loads_anew_and_others_are_told() {
        assert!(!is_too_far(0, BACK) && !is_too_far(7, 7));
        assert!(is_too_far(0, BACK + 1));
    }

    #[test]
    fn a_session_has_eight_feeds_and_another_one_when_one_ends() {
        let open = Open::default();
        let session = |number| SessionId(uuid::Uuid::from_u128(number));
        let mut places: Vec<_> = (0..FEEDS).map(|_| open.another(session(1))).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(open.another(session(1)).is_none());
        assert!(open.another(session(2)).is_some(), "others have their own");
        places.pop();
        assert!(open.another(session(1)).is_some());
        places.clear();
        assert!(open.0.lock().expect("whole").is_empty());
    }
}
