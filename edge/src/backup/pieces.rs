//! Which entries go into which piece. Whole segments stay as they are for ever; behind the last of them lie shorter pieces, each
//! about half as long as the one before or less, so that the newest events are brought often and little is brought twice: an entry is
//! packed anew at most sixteen times on its way into a whole segment.

use super::manifest::Piece;
use edge_kernel::ledger::segment::SEGMENT;
use events::Position;

/// Entries after one position, up to and with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) after: Position,
    pub(super) until: Position,
}

/// How to bring a backup with these pieces up to a size: how many of them stay, and what is cut behind them.
pub(super) fn cuts(pieces: &[Piece], size: Position) -> (usize, Vec<Cut>) {
    let mut stay = pieces.len();
    let mut after = pieces.last().map_or(0, Piece::last);
    if after >= size {
        return (stay, Vec::new());
    }
    while let Some(last) = stay.checked_sub(1).and_then(|at| pieces.get(at)) {
        // A piece that a whole segment will cover, or that is no longer than what comes behind it.
        let is_short = last.count < SEGMENT;
        let completes = size / SEGMENT > (last.first - 1) / SEGMENT;
        if !is_short || !completes && last.count > size - after {
            break;
        }
        after = last.first - 1;
        stay -= 1;
    }
    let mut cuts = Vec::new();
    while after < size {
        let until = size.min((after / SEGMENT + 1) * SEGMENT);
        cuts.push(Cut { after, until });
        after = until;
    }
    (stay, cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(cut: Cut) -> Piece {
        Piece {
            first: cut.after + 1,
            count: cut.until - cut.after,
            segment: String::new(),
            beside: String::new(),
        }
    }

    /// Pieces after pushes at these sizes, and how many entries were packed.
    fn after(sizes: impl IntoIterator<Item = u64>) -> (Vec<Piece>, u64) {
        let (mut pieces, mut packed) = (Vec::new(), 0);
        for size in sizes {
            let (stay, cuts) = cuts(&pieces, size);
            pieces.truncate(stay);
            packed += cuts.iter().map(|cut| cut.until - cut.after).sum::<u64>();
            pieces.extend(cuts.into_iter().map(piece));
            let mut next = 1;
            for piece in &pieces {
                assert_eq!(piece.first, next);
                let segment = |at| (at - 1) / SEGMENT;
                assert_eq!(segment(piece.first), segment(piece.last()));
                next += piece.count;
            }
            assert_eq!(next, size + 1);
        }
        (pieces, packed)
    }

    #[test]
    fn many_small_pushes_leave_few_pieces_and_pack_little_twice() {
        let size = 3 * SEGMENT + 40_000;
        let sizes = (1..=size / 50).map(|n| n * 50).chain([size]);
        let (pieces, packed) = after(sizes);
        assert!(pieces.len() < 3 + 16, "{} pieces", pieces.len());
        assert!(packed < size * 16, "{packed} entries were packed");
        assert!(pieces[..3].iter().all(|piece| piece.count == SEGMENT));
    }

    #[test]
    fn one_large_push_leaves_whole_segments_and_one_piece() {
        let (pieces, packed) = after([2 * SEGMENT + 7]);
        assert_eq!(pieces.len(), 3);
        assert_eq!(packed, 2 * SEGMENT + 7);
    }
}
