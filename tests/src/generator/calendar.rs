//! School time: which school year a day belongs to, and on which days and at which times school people write.

use super::Chance;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Weekday, time};

/// The calendar year in which the day's school year began: it begins in August.
pub(super) fn school_year(day: Date) -> i16 {
    if day.month() >= 8 {
        day.year()
    } else {
        day.year() - 1
    }
}

/// The school days of some weeks before a day, oldest first. The day itself is left out, so that nothing lies in its future.
pub(super) fn school_days(today: Date, weeks: u32) -> Vec<Date> {
    let back = i64::from(weeks) * 7;
    let days = (1..=back)
        .rev()
        .filter_map(|days| today.checked_sub(days.days()).ok());
    days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .collect()
}

/// A moment at which somebody at this school might write: between the first lesson and the early evening.
pub(super) fn moment(chance: &mut Chance, day: Date) -> DateTime {
    let minute = 7 * 60 + 20 + chance.below(12 * 60);
    at_minute(day, minute, chance.below(60))
}

/// Some minutes later, but on the same day.
pub(super) fn later(chance: &mut Chance, at: DateTime, minutes: usize) -> DateTime {
    let minute = at.hour() as usize * 60 + at.minute() as usize + 1 + chance.below(minutes.max(1));
    at_minute(at.date(), minute.min(23 * 60 + 50), chance.below(60)).max(at)
}

fn at_minute(day: Date, minute: usize, second: usize) -> DateTime {
    let part = |value: usize| i8::try_from(value).unwrap_or_default();
    day.to_datetime(time(part(minute / 60), part(minute % 60), part(second), 0))
}

/// The German name of a weekday.
pub(super) fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "Montag",
        Weekday::Tuesday => "Dienstag",
        Weekday::Wednesday => "Mittwoch",
        Weekday::Thursday => "Donnerstag",
        Weekday::Friday => "Freitag",
        Weekday::Saturday => "Samstag",
        Weekday::Sunday => "Sonntag",
    }
}

#[cfg(test)]
mod tests {
    use super::{school_days, school_year};
    use jiff::civil::date;

    #[test]
    fn the_school_year_begins_in_august() {
        assert_eq!(
            (
                school_year(date(2026, 7, 31)),
                school_year(date(2026, 8, 1))
            ),
            (2025, 2026)
        );
    }

    #[test]
    fn two_weeks_have_ten_school_days_and_today_is_none_of_them() {
        let days = school_days(date(2026, 11, 23), 2);
        assert_eq!(
            (days.len(), days.last().copied()),
            (10, Some(date(2026, 11, 20)))
        );
    }
}
