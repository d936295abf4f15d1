//! When a fact held: from which position on, until which, and perhaps again later.

use crate::recorded::Position;

/// From which position on something holds, and until which (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: Position,
    until: Position,
}

impl Span {
    fn open(from: Position) -> Self {
        Self {
            from,
            until: Position::MAX,
        }
    }

    fn holds(self, at: Position) -> bool {
        self.from <= at && at < self.until
    }
}

/// A fact that begins and ends, perhaps several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spans(Vec<Span>);

impl Spans {
    pub(super) fn begin(&mut self, at: Position) {
        let is_over = |span: &Span| span.until != Position::MAX;
        if self.0.last().is_none_or(is_over) {
            self.0.push(Span::open(at));
        }
    }

    pub(super) fn end(&mut self, at: Position) {
        if let Some(span) = self.0.last_mut().filter(|span| span.until == Position::MAX) {
            span.until = at;
        }
    }

    pub(super) fn begins(&self) -> impl Iterator<Item = Position> + '_ {
        self.0.iter().map(|span| span.from)
    }

    pub(super) fn began_by(&self, at: Position) -> bool {
        self.0.first().is_some_and(|span| span.from <= at)
    }

    pub(super) fn holds(&self, at: Position) -> bool {
        self.0.iter().any(|span| span.holds(at))
    }
}
