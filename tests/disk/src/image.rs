//! A file as a power cut sees it: what was synced last is certain, what came later is not. Everything that was written since
//! may have arrived or not, each 512-byte sector for itself, in any order.

use crate::Dice;

/// What a disk writes at once.
const SECTOR: usize = 512;

/// A change that was not synced.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

/// A file with its past since the last sync.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    /// None while not even the file's name is certain.
    synced: Option<Vec<u8>>,
    since: Vec<Change>,
}

impl Image {
    /// A file that was there before.
    pub(crate) fn synced(bytes: Vec<u8>) -> Self {
        Self {
            synced: Some(bytes),
            since: Vec::new(),
        }
    }

    pub(crate) fn is_certain(&self) -> bool {
        self.synced.is_some()
    }

    /// The folder was synced: the file's name is certain now, what is in it is not.
    pub(crate) fn name_is_synced(&mut self) {
        self.synced.get_or_insert_default();
    }

    pub(crate) fn change(&mut self, change: Change) {
        self.since.push(change);
    }

    pub(crate) fn sync(&mut self) {
        let mut bytes = self.synced.take().unwrap_or_default();
        for change in self.since.drain(..) {
            match change {
                Change::Write { at, bytes: new } => write(&mut bytes, at, &new),
                Change::Cut(length) => bytes.resize(length, 0),
            }
        }
        self.synced = Some(bytes);
    }

    /// What a power cut leaves; none when the file is not there.
    pub(crate) fn after_cut(&self, dice: &mut Dice) -> Option<Vec<u8>> {
        let mut bytes = match &self.synced {
            Some(bytes) => bytes.clone(),
            None if dice.percent(50) => return None,
            None => Vec::new(),
        };
        // Now nearly everything arrived, now nearly nothing: both ends find other faults than the middle.
        let likely = [0, 10, 50, 90, 100][dice.below(5) as usize];
        for change in &self.since {
            match change {
                Change::Cut(length) if dice.percent(likely) => bytes.resize(*length, 0),
                Change::Cut(_) => {}
                Change::Write { at, bytes: new } => {
                    for (at, sector) in sectors(*at, new) {
                        if dice.percent(likely) {
                            write(&mut bytes, at, sector);
                        }
                    }
                }
            }
        }
        Some(bytes)
    }
}

fn write(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    let end = at + new.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(new);
}

/// A write in pieces that lie in one sector each, with their places.
fn sectors(mut at: usize, mut bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    std::iter::from_fn(move || {
        let room = SECTOR - at % SECTOR;
        let (piece, rest) = bytes.split_at(room.min(bytes.len()));
        let place = at;
        at += piece.len();
        bytes = rest;
        (!piece.is_empty()).then_some((place, piece))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_torn_where_sectors_end() {
        let bytes = [7; 1100];
        let pieces = sectors(500, &bytes).map(|(at, piece)| (at, piece.len()));
        assert_eq!(
            pieces.collect::<Vec<_>>(),
            [(500, 12), (512, 512), (1024, 512), (1536, 64)]
        );
    }

    #[test]
    fn what_was_synced_outlives_every_cut_and_what_was_not_outlives_some() {
        let mut image = Image::default();
        let of = |value, at| Change::Write {
            at,
            bytes: vec![value; SECTOR],
        };
        image.change(of(1, 0));
        image.sync();
        image.change(of(2, SECTOR));
        image.change(of(3, 2 * SECTOR));
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let left = image.after_cut(&mut Dice::new(seed)).expect("it is there");
            assert_eq!(left[..SECTOR], [1; SECTOR]);
            seen.insert((left.get(SECTOR).copied(), left.get(2 * SECTOR).copied()));
        }
        let possible = [
            (None, None),
            (Some(2), None),
            (Some(0), Some(3)),
            (Some(2), Some(3)),
        ];
        assert_eq!(seen, possible.into());
    }

    #[test]
    fn a_file_whose_name_was_never_synced_may_be_gone() {
        let image = Image::default();
        let left = |seed| image.after_cut(&mut Dice::new(seed)).is_some();
        assert!((0..50).any(left) && !(0..50).all(left));
    }
}
