//! This browser as a witness: it remembers the last signed state of the school's log that it saw, and when it comes back it wants
//! to see proven that today's log has only grown from there. What does not fit is said plainly, and the old state is kept.

mod check;
mod warning;

pub(crate) use warning::LogWarning;

use crate::ask::{Ask, Trouble};
use crate::sync::Line;
use crate::when;
use check::{Doubt, Reason, Seen, Shown, check};
use events::Millis;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Where the last seen state lies, per school by the browser's own rule of origins.
const PLACE: &str = "schulhof-log";

/// When it was seen, in milliseconds since 1970.
const WHEN: &str = "schulhof-log-at";

/// What this browser has found wrong with the log, with what it had seen before and what it was shown.
type Found = RwSignal<Option<(Doubt, String, Shown)>>;

/// Looks whenever the feed has come to stand, at the start as well as later.
fn watch(line: RwSignal<Line>, ask: Ask) -> Found {
    let found = RwSignal::new(None);
    Effect::new(move |_| {
        if line.get() == Line::Live {
            spawn_local(look(found, ask));
        }
    });
    found
}

async fn look(found: Found, ask: Ask) {
    let seen = seen();
    let size = seen.as_ref().map_or(0, Seen::size);
    let path = format!("/api/audit/consistency?from={size}");
    let answer = ask.get::<Shown>(&path).await;
    let (verdict, shown) = match answer {
        Ok(shown) => (check(seen.as_ref(), &shown), shown),
        // A log that was seen before is said to have no beginning yet.
        Err(Trouble::Refused(problem)) if problem.status == 404 && size > 0 => {
            let (reason, before, now) = (Reason::Smaller, size, 0);
            let doubt = Doubt {
                reason,
                before,
                now,
            };
            (Err(doubt), Shown::default())
        }
        // Without an answer there is nothing to judge; the next connection asks again.
        Err(_) => return,
    };
    let doubt = match verdict {
        Ok(newer) => {
            keep(&newer);
            None
        }
        Err(doubt) => Some((doubt, seen.map(|seen| seen.note).unwrap_or_default(), shown)),
    };
    found.try_set(doubt);
}

fn seen() -> Option<Seen> {
    let storage = window().local_storage().ok()??;
    // What this app cannot read it has not written; then this is the first sight.
    Seen::read(&storage.get_item(PLACE).ok()??)
}

/// Another tab may have seen more in the meantime: the larger one stays.
fn keep(newer: &Seen) {
    let storage = window().local_storage().ok().flatten();
    let known = seen().map_or(0, |seen| seen.size());
    if let (Some(storage), true) = (storage, newer.size() >= known) {
        storage.set_item(PLACE, &newer.text()).ok();
        storage.set_item(WHEN, &when::now().to_string()).ok();
    }
}

/// When the state that is remembered was seen, as far as this browser knows.
fn seen_at() -> Option<Millis> {
    let storage = window().local_storage().ok()??;
    storage.get_item(WHEN).ok()??.parse().ok()
}

/// Forgets what was seen and remembers what is shown instead: the school has said that this is right.
fn accept(found: Found) {
    let shown = found.get_untracked().map(|(_, _, shown)| shown);
    let storage = window().local_storage().ok().flatten();
    if let (Some(storage), Some(shown)) = (storage, shown) {
        storage.remove_item(PLACE).ok();
        if let Some(newer) = shown.accepted() {
            keep(&newer);
        }
        found.set(None);
    }
}
