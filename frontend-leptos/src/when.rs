//! Times and sizes as people write them, in the reader's own time zone.

use crate::words::{Language, Words, fill};
use events::Millis;
use js_sys::Date;
use wasm_bindgen::JsValue;

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 and file sizes stay below 2^53"
)]
fn as_float(number: u64) -> f64 {
    number as f64
}

fn date(at: Millis) -> Date {
    Date::new(&JsValue::from_f64(as_float(at)))
}

/// Days since 1970 in the reader's time zone, for telling today from yesterday.
fn day(date: &Date) -> i64 {
    let local = date.get_time() - date.get_timezone_offset() * 60_000.0;
    #[expect(clippy::cast_possible_truncation, reason = "days fit by far")]
    let days = (local / 86_400_000.0).floor() as i64;
    days
}

/// The hour and minute: `8:05`.
pub(crate) fn time(at: Millis) -> String {
    let date = date(at);
    format!("{}:{:02}", date.get_hours(), date.get_minutes())
}

/// The day alone: `heute`, `gestern`, `Mo 23.11.`, and with the year when it is not this year's.
pub(crate) fn day_of(at: Millis, words: &Words) -> String {
    let (then, now) = (date(at), Date::new_0());
    match day(&now) - day(&then) {
        0 => words.common.today.to_owned(),
        1 => words.common.yesterday.to_owned(),
        ago => {
            let (day, month) = (then.get_date(), then.get_month() + 1);
            let weekday = words
                .common
                .weekdays
                .split(' ')
                .nth(then.get_day() as usize);
            let this_year = then.get_full_year() == now.get_full_year();
            match words.language {
                Language::German if this_year && ago > 0 => {
                    format!("{} {day}.{month}.", weekday.unwrap_or_default())
                }
                Language::German => format!("{day}.{month}.{}", then.get_full_year()),
                Language::English if this_year && ago > 0 => {
                    format!("{} {day}/{month}", weekday.unwrap_or_default())
                }
                Language::English => format!("{day}/{month}/{}", then.get_full_year()),
            }
        }
    }
}

/// A day that is written `YYYY-MM-DD`, as people say it.
pub(crate) fn day_named(written: &str, words: &Words) -> String {
    from_input(written).map_or_else(String::new, |at| day_of(at, words))
}

/// Day and time: `heute 8:05`, `Mo 23.11. 8:05`.
pub(crate) fn moment(at: Millis, words: &Words) -> String {
    format!("{} {}", day_of(at, words), time(at))
}

/// Today's time, or an earlier day: what a list has room for.
pub(crate) fn brief(at: Millis, words: &Words) -> String {
    if day(&date(at)) == day(&Date::new_0()) {
        time(at)
    } else {
        day_of(at, words)
    }
}

/// Whether two moments are of the same day.
pub(crate) fn same_day(one: Millis, other: Millis) -> bool {
    day(&date(one)) == day(&date(other))
}

/// The full time to the second, for auditors: `2026-11-23 08:05:09`.
pub(crate) fn exact(at: Millis) -> String {
    let date = date(at);
    format!(
        "{}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    )
}

/// The time of an entry of the log, as exactly as the log knows it: `2026-11-23 08:05:09`, or `etwa 2026-11-23 08:00`.
pub(crate) fn logged(at: Millis, coarse: bool, words: &Words) -> String {
    let exact = exact(at);
    match exact.rsplit_once(':') {
        Some((minute, _)) if coarse => fill(words.audit.about, &[("time", minute)]),
        _ => exact,
    }
}

/// For the `datetime` attribute, in UTC.
pub(crate) fn machine(at: Millis) -> String {
    String::from(date(at).to_iso_string())
}

/// What an `<input type="datetime-local">` holds, as a moment.
pub(crate) fn from_input(value: &str) -> Option<Millis> {
    let millis = Date::new(&JsValue::from_str(value)).get_time();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a number from 1970 on"
    )]
    let at = millis as u64;
    (millis.is_finite() && millis >= 0.0).then_some(at)
}

/// Now.
pub(crate) fn now() -> Millis {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since 1970 are positive and fit"
    )]
    let now = Date::now() as u64;
    now
}

/// Now, as an `<input type="datetime-local">` holds it.
pub(crate) fn now_for_input() -> String {
    exact(now()).replace(' ', "T").chars().take(16).collect()
}

/// A moment, as an `<input type="datetime-local">` with seconds holds it.
pub(crate) fn for_input(at: Millis) -> String {
    exact(at).replace(' ', "T")
}

/// Today as the school writes days: `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    now_for_input().chars().take(10).collect()
}

/// The hour of the day, 0 to 23.
pub(crate) fn hour() -> u32 {
    Date::new_0().get_hours()
}

/// A size in bytes: `812 B`, `3,4 MB`.
pub(crate) fn size(bytes: u64, words: &Words) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // In tenths of the unit, rounded half up; whole numbers throughout, because formatting floats is kilobytes of code.
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = "B";
    for next in ["KB", "MB", "GB", "TB"] {
        if tenths < 9995 {
            break;
        }
        tenths = (tenths + 500) / 1000;
        unit = next;
    }
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let point = match words.language {
        Language::German => ',',
        Language::English => '.',
    };
    if whole < 10 {
        format!("{whole}{point}{tenth} {unit}")
    } else {
        format!("{} {unit}", (tenths + 5) / 10)
    }
}

/// A clock time as it is read aloud: `8:05 Uhr`.
pub(crate) fn spoken(at: Millis, words: &Words) -> String {
    fill(words.common.clock, &[("time", &time(at))])
}
