//! The part of a file that a request asks for (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header means for a content of some size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: no range, one of another unit, or several at once, which a server may ignore.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Nothing that the content has.
    Nothing,
}

pub(super) fn wanted(header: Option<&str>, size: u64) -> Wanted {
    let ranges = header
        .and_then(|text| text.trim().split_once('='))
        .filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"))
        .map(|(_, ranges)| ranges.trim());
    let Some((from, to)) = ranges
        .filter(|ranges| !ranges.contains(','))
        .and_then(|range| range.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let part = match (number(from), number(to)) {
        (Ok(Some(from)), Ok(None)) => from..size,
        (Ok(Some(from)), Ok(Some(to))) if from <= to => from..to.saturating_add(1).min(size),
        (Ok(None), Ok(Some(last))) => size.saturating_sub(last)..size,
        _ => return Wanted::Whole,
    };
    if part.is_empty() {
        Wanted::Nothing
    } else {
        Wanted::Part(part)
    }
}

fn number(text: &str) -> Result<Option<u64>, ()> {
    match text.trim() {
        "" => Ok(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // More digits than a size can have lie behind every end.
            Ok(Some(digits.parse().unwrap_or(u64::MAX)))
        }
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_mean_what_the_rfc_says() {
        for (header, expected) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=0-499", Wanted::Part(0..500)),
            ("bytes=500-", Wanted::Part(500..1000)),
            ("bytes=-1", Wanted::Part(999..1000)),
            ("bytes=-5000", Wanted::Part(0..1000)),
            ("Bytes = 999-5000", Wanted::Whole),
            ("bytes=999-99999999999999999999999", Wanted::Part(999..1000)),
            ("bytes=1000-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-4", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
        ] {
            assert_eq!(wanted(Some(header), 1000), expected, "{header}");
        }
        assert_eq!(wanted(None, 1000), Wanted::Whole);
        assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Nothing);
    }
}
