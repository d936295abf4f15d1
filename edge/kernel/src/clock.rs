//! Time as an input: the machine's clock, or one that tests and the demo's seeder move by hand.

use events::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until it is moved.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// A clock that stands at a moment.
    #[must_use]
    pub fn manual(at: Millis) -> Self {
        Self::Manual(Arc::new(AtomicU64::new(at)))
    }

    /// Milliseconds since 1970 in UTC.
    #[must_use]
    pub fn now(&self) -> Millis {
        match self {
            Self::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Self::Manual(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock; the machine's clock is not ours to move.
    pub fn set(&self, to: Millis) {
        if let Self::Manual(at) = self {
            at.store(to, Ordering::SeqCst);
        }
    }

    /// The calendar year in which the running school year began: it turns on the first of August, UTC.
    #[must_use]
    pub fn school_year(&self) -> u16 {
        school_year(self.now())
    }

    /// Today in UTC as the calendar writes it.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        date(self.now())
    }
}

/// The day of a moment in UTC.
pub(crate) fn date(at: Millis) -> jiff::civil::Date {
    let millis = i64::try_from(at).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::UTC.to_datetime(moment).date()
}

/// The calendar year in which the school year of a moment began.
#[must_use]
pub fn school_year(at: Millis) -> u16 {
    let date = date(at);
    let year = if date.month() >= 8 {
        date.year()
    } else {
        date.year() - 1
    };
    u16::try_from(year).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_school_year_turns_in_august() {
        let at = |text: &str| {
            text.parse::<jiff::Timestamp>()
                .expect("a moment")
                .as_millisecond() as u64
        };
        assert_eq!(school_year(at("2026-07-31T23:00:00Z")), 2025);
        assert_eq!(school_year(at("2026-08-01T00:00:00Z")), 2026);
    }
}
