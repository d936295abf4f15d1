//! The values that accounts speak in: names, roles, kinds of group, dates.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A person's name as they are called at school. Personal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonName {
    /// The name they are called by.
    pub given: String,
    /// The family name, with its particles.
    pub family: String,
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.given, self.family)
    }
}

/// What a person is at the school; a person may be several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Role {
    /// Learns here.
    Pupil,
    /// Teaches here.
    Teacher,
    /// Works here without teaching.
    Staff,
    /// Leads the school.
    Head,
    /// Keeps accounts and the machine.
    Administrator,
    /// Checks the log; sees metadata, not content.
    Auditor,
    /// Watches over how the school handles data: what an auditor sees, and a say in who reads other people's content.
    DataProtection,
}

/// What kind of group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum GroupKind {
    /// A class of the school year.
    Class,
    /// A course that mixes classes.
    Course,
    /// A voluntary club.
    Club,
    /// Colleagues.
    Staff,
}

/// What a member may do in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MemberRole {
    /// Belongs to it.
    Member,
    /// Leads it: class teacher, course teacher.
    Leader,
}

/// From where a person signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Way {
    /// In the school.
    Lan,
    /// Through the relay.
    Relay,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// The person ended it from another device.
    Revoked,
    /// The password was changed.
    PasswordChanged,
    /// It was not used for too long.
    Expired,
    /// The account was closed.
    AccountClosed,
}

/// A day of the calendar, written `YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(String);

/// The text is not a day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADate;

impl fmt::Display for NotADate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date; write YYYY-MM-DD")
    }
}

impl std::error::Error for NotADate {}

impl Date {
    /// A day by year (1..=9999), month and day, when the Gregorian calendar has it.
    pub fn try_new(year: u16, month: u8, day: u8) -> Result<Self, NotADate> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(NotADate),
        };
        if year == 0 || year > 9999 || day == 0 || day > days {
            return Err(NotADate);
        }
        Ok(Self(format!("{year:04}-{month:02}-{day:02}")))
    }

    /// The day as `YYYY-MM-DD`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.splitn(3, '-');
        let mut part = |digits: usize| -> Result<u16, NotADate> {
            let part = parts.next().ok_or(NotADate)?;
            if part.len() != digits || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(NotADate);
            }
            part.parse().map_err(|_| NotADate)
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        let byte = |number: u16| u8::try_from(number).map_err(|_| NotADate);
        Self::try_new(year, byte(month)?, byte(day)?)
    }
}

impl TryFrom<String> for Date {
    type Error = NotADate;

    fn try_from(text: String) -> Result<Self, NotADate> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_the_calendar_has_are_dates() {
        for good in ["2024-02-29", "2000-02-29", "2026-12-31"] {
            assert_eq!(good.parse::<Date>().map(String::from), Ok(good.to_owned()));
        }
        for bad in [
            "2023-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-1-1",
            "0000-01-01",
            "2026-01-01x",
            "",
        ] {
            assert_eq!(bad.parse::<Date>(), Err(NotADate), "{bad}");
        }
    }
}
