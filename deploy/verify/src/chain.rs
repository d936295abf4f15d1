//! What holds between segments: positions without a gap, versions of streams, the tree over everything, checkpoints, and that
//! only what was erased is absent.

use crate::erasures::{Absent, Erasures};
use crate::handovers::Handovers;
use crate::hash::Hash;
use crate::report::Problems;
use crate::segment::{Checked, SEGMENT, Step};
use crate::tree::Tree;
use std::collections::{BTreeSet, HashMap};

/// The last version of a stream, and how many events could not be read until then.
#[derive(Clone, Copy, Default)]
struct Last {
    version: u32,
    unread: u64,
}

/// The chain as far as it was followed.
pub(crate) struct Chain<'a> {
    pub(crate) problems: Problems,
    erasures: &'a Erasures,
    handovers: &'a Handovers,
    checkpoints: &'a [(u64, Hash)],
    streams: HashMap<u128, Last>,
    /// Events whose stream and version nobody can tell any more.
    unread: u64,
    tree: Tree,
    next: u64,
    /// Whether every event so far was read: otherwise neither versions nor roots can be told.
    is_whole: bool,
    said: BTreeSet<u64>,
}

impl<'a> Chain<'a> {
    pub(crate) fn new(
        erasures: &'a Erasures,
        handovers: &'a Handovers,
        checkpoints: &'a [(u64, Hash)],
    ) -> Self {
        Self {
            problems: Problems::default(),
            erasures,
            handovers,
            checkpoints,
            streams: HashMap::new(),
            unread: 0,
            tree: Tree::default(),
            next: 1,
            is_whole: true,
            said: BTreeSet::new(),
        }
    }

    /// Takes the next segment.
    pub(crate) fn segment(&mut self, first: u64, count: u32, mut checked: Checked) {
        if first != self.next {
            let what = match first.checked_sub(self.next) {
                Some(_) => format!("the events up to position {} are missing", first - 1),
                None => format!("the segment that begins at position {first} does not belong here"),
            };
            self.problems.at(self.next, what);
            self.is_whole = false;
        } else if !(first - 1).is_multiple_of(SEGMENT) {
            self.problems.at(
                first,
                "a segment that is not the last must hold 65,536 events",
            );
            self.is_whole = false;
        }
        self.next = first + u64::from(count);
        self.problems.append(std::mem::take(&mut checked.problems));
        for (position, absent) in &checked.absent {
            self.absent(*position, *absent);
        }
        self.said.extend(&checked.said);
        self.is_whole &= checked.is_whole;
        if !self.is_whole {
            return;
        }
        for (position, step) in (first..).zip(&checked.steps) {
            self.step(position, step);
        }
        for local in &checked.trees {
            let mut tree = self.tree.clone();
            tree.extend(local);
            self.checkpoint(&tree);
        }
        self.tree.extend(&checked.tree);
    }

    fn absent(&mut self, position: u64, absent: Absent) {
        if self.erasures.covering(position, absent).is_none() {
            let what = match absent {
                Absent::Body => "the body is gone without an erasure",
                Absent::Entry => "the entry is gone without an erasure",
            };
            self.problems.at(position, what);
        }
    }

    fn step(&mut self, position: u64, step: &Step) {
        let Some((stream, version)) = step else {
            self.unread += 1;
            return;
        };
        let now = Last {
            version: *version,
            unread: self.unread,
        };
        let last = self
            .streams
            .insert(u128::from_ne_bytes(*stream), now)
            .unwrap_or_default();
        let skipped = u64::from(*version).checked_sub(u64::from(last.version) + 1);
        // What a stream skips must have been among the events that are gone since.
        if skipped.is_none_or(|skipped| skipped > self.unread - last.unread) {
            let what = "the entry does not follow the one before it in its stream";
            self.problems.at(position, what);
        }
    }

    fn checkpoint(&mut self, tree: &Tree) {
        let at = self
            .checkpoints
            .binary_search_by_key(&tree.size(), |(size, _)| *size);
        let signed = at.ok().and_then(|at| self.checkpoints.get(at));
        if signed.is_some_and(|(_, root)| *root != tree.root()) {
            self.problems.at(
                tree.size(),
                "the signed checkpoint of this size has another root",
            );
        }
    }

    /// Where the log ends, and the root over it when every event was read.
    pub(crate) fn end(&mut self) -> (u64, Option<Hash>) {
        for position in self.erasures.positions() {
            if !self.said.contains(&position) {
                let what = "no event here says the erasure that erasures.json tells";
                self.problems.at(position, what);
            }
        }
        for (_, position) in self.handovers.keys() {
            if !self.said.contains(&position) {
                let what = "no event here says the change of keys that handovers.json tells";
                self.problems.at(position, what);
            }
        }
        (self.next - 1, self.is_whole.then(|| self.tree.root()))
    }
}
