//! What was decided last, kept in memory so that a busy stream is not read again for every command; and the turns that
//! commands to one stream take.

use crate::unit::Known;
use events::ids::StreamId;
use lru::LruCache;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Aggregates held: a school's busy hour touches a few hundred; a large one is some hundred kilobytes.
const HELD: NonZeroUsize = NonZeroUsize::new(2048).expect("not zero");

/// How often everything had been forgotten: what was begun to be read before must not be held after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Era(u64);

pub(crate) struct Cache(Mutex<Aggregates>);

struct Aggregates {
    known: LruCache<StreamId, Known>,
    era: Era,
}

impl Default for Cache {
    fn default() -> Self {
        Self(Mutex::new(Aggregates {
            known: LruCache::new(HELD),
            era: Era(0),
        }))
    }
}

impl Cache {
    pub(crate) fn get(&self, stream: StreamId) -> Option<Known> {
        self.held().known.get(&stream).cloned()
    }

    /// To be asked before an aggregate is read that is to be held.
    pub(crate) fn era(&self) -> Era {
        self.held().era
    }

    /// Holds an aggregate, unless a newer picture of it is held: whoever read slowly must not hide what was decided
    /// meanwhile from those who only look. Nor is it held when everything was forgotten since it was read.
    pub(crate) fn put(&self, stream: StreamId, known: Known, era: Era) {
        let mut held = self.held();
        let before = held.known.peek(&stream);
        let is_newer = before.is_none_or(|before| before.version <= known.version);
        if is_newer && held.era == era {
            held.known.put(stream, known);
        }
    }

    /// Forgets everything: aggregates hold what people said and are called.
    pub(crate) fn clear(&self) {
        let mut held = self.held();
        held.known.clear();
        held.era = Era(held.era.0 + 1);
    }

    pub(crate) fn forget(&self, stream: StreamId) {
        self.held().known.pop(&stream);
    }

    fn held(&self) -> MutexGuard<'_, Aggregates> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One lock per stream in use.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<StreamId, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    pub(crate) fn of(&self, stream: StreamId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() > 10_000 {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        if let Some(turn) = turns.get(&stream).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        turns.insert(stream, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_was_read_before_everything_was_forgotten_is_not_held_after() {
        let cache = Cache::default();
        let stream = StreamId(Uuid::from_u128(1));
        let known = || Known::of(3, "a name".to_owned());
        let before = cache.era();
        cache.put(stream, known(), before);
        assert!(cache.get(stream).is_some());
        cache.clear();
        cache.put(stream, known(), before);
        assert!(cache.get(stream).is_none());
        cache.put(stream, known(), cache.era());
        assert!(cache.get(stream).is_some());
    }
}
