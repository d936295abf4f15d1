//! Previews that wait to be applied: in memory only, few, and for an hour. Whoever comes later reads the file again.

use crate::roster::change_set::Occasion;
use crate::roster::{ChangeSet, Roster};
use events::Millis;
use events::ids::ImportId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Previews that wait at a time; each holds a school's list in memory.
const MOST: usize = 8;
/// How long one waits.
const WAITS: Millis = 60 * 60 * 1000;

/// A roster that was read and compared.
#[derive(Clone)]
pub(super) struct Preview {
    pub(super) roster: Roster,
    pub(super) occasion: Occasion,
    pub(super) set: ChangeSet,
    pub(super) at: Millis,
}

/// The waiting previews by the id of their change set.
#[derive(Default)]
pub(crate) struct Previews(Mutex<BTreeMap<ImportId, Preview>>);

impl Previews {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ImportId, Preview>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a preview; the oldest makes room.
    pub(super) fn remember(&self, preview: Preview) {
        let mut waiting = self.lock();
        waiting.insert(preview.occasion.id, preview);
        while waiting.len() > MOST {
            let oldest = waiting
                .iter()
                .min_by_key(|(_, preview)| preview.at)
                .map(|(id, _)| *id);
            oldest.and_then(|id| waiting.remove(&id));
        }
    }

    /// A preview that still waits.
    pub(super) fn get(&self, id: ImportId, now: Millis) -> Option<Preview> {
        let mut waiting = self.lock();
        waiting.retain(|_, preview| now.saturating_sub(preview.at) <= WAITS);
        waiting.get(&id).cloned()
    }

    /// Forgets all of them: they hold names, and may hold one that is to be forgotten.
    pub(crate) fn forget_all(&self) {
        self.lock().clear();
    }

    /// Forgets a preview that was applied.
    pub(super) fn forget(&self, id: ImportId) {
        self.lock().remove(&id);
    }
}
