//! What was decided last, kept in memory so that a busy stream is not read again for every command; and the turns that
//! commands to one stream take.

use crate::unit::Known;
use events::ids::StreamId;
use lru::LruCache;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Aggregates held: a school's busy hour touches a few hundred; a large one is some hundred kilobytes.
const HELD: NonZeroUsize = NonZeroUsize::new(2048).expect("not zero");

pub(crate) struct Cache(Mutex<LruCache<StreamId, Known>>);

impl Default for Cache {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(HELD)))
    }
}

impl Cache {
    pub(crate) fn get(&self, stream: StreamId) -> Option<Known> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&stream)
            .cloned()
    }

    /// Holds an aggregate, unless a newer picture of it is held: whoever read slowly must not hide what was decided
    /// meanwhile from those who only look.
    pub(crate) fn put(&self, stream: StreamId, known: Known) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_newer = held
            .peek(&stream)
            .is_none_or(|before| before.version <= known.version);
        if is_newer {
            held.put(stream, known);
        }
    }

    /// Forgets everything: aggregates hold what people said and are called.
    pub(crate) fn clear(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.clear();
    }

    pub(crate) fn forget(&self, stream: StreamId) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop(&stream);
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
