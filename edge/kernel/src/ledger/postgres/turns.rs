//! Whether this machine writes ahead, upon what it has written itself, or takes its turn with others. Who writes ahead and loses has
//! staged in vain; where others write too, waiting for the head's lock is the shorter way.

/// So many turns in a row with nobody else between them: then this machine is alone.
const ALONE: u32 = 4;

/// How many turns it has been since somebody else was met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns(u32);

impl Default for Turns {
    /// Whoever is not alone soon notices.
    fn default() -> Self {
        Self(ALONE)
    }
}

impl Turns {
    pub(super) fn is_alone(self) -> bool {
        self.0 >= ALONE
    }

    /// Somebody else has appended, or may have.
    pub(super) fn met_others(&mut self) {
        self.0 = 0;
    }

    /// A turn in which the head was where this machine had left it.
    pub(super) fn met_nobody(&mut self) {
        self.0 = self.0.saturating_add(1);
    }
}
