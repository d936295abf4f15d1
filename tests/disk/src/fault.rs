//! What can go wrong with a disk, and when it does.

/// A way in which a disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A write, cut, sync, creation or removal fails, and nothing of it happened.
    Error,
    /// There is no room for a write.
    Full,
    /// The first half of a write arrives, then the disk fails.
    Short,
    /// A read fails.
    Read,
}

impl Fault {
    /// This fault at the n-th point from now on, counted from 1, and at no other.
    #[must_use]
    pub fn at(self, point: u64) -> Planned {
        Planned {
            fault: self,
            point,
            lasts: false,
        }
    }

    /// This fault at the n-th point from now on and at every later one, until it is lifted.
    #[must_use]
    pub fn from(self, point: u64) -> Planned {
        Planned {
            fault: self,
            point,
            lasts: true,
        }
    }
}

/// A fault and its moment.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// What goes wrong.
    pub fault: Fault,
    /// At which point, counted from 1: of reads for a fault of reading, else of everything that changes the disk.
    pub point: u64,
    /// Whether it goes wrong from there on.
    pub lasts: bool,
}

impl Planned {
    pub(crate) fn strikes(&self, point: u64) -> bool {
        point == self.point || (self.lasts && point > self.point)
    }
}
