//! What is due: rules and facts in, people and days out.

use super::facts::{Facts, Known};
use super::pack::{Pack, Rule, Who};
use events::Millis;
use events::ids::PersonId;
use events::privacy::Aged;
use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::Offset};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What falls under a rule on one day: people, or single events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Due {
    /// The day from which on it is to be forgotten.
    #[schemars(with = "String")]
    pub on: Date,
    /// The rule, by name.
    pub rule: String,
    /// Whom.
    pub people: Vec<PersonId>,
    /// Which single events, when the rule is about such.
    pub events: Option<DueEvents>,
}

/// Single events of one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DueEvents {
    /// Their kind, by name.
    pub kind: String,
    /// The first day of their month.
    #[schemars(with = "String")]
    pub month: Date,
    /// How many still have their personal part.
    pub count: u64,
}

/// Everything that is due up to and with a day, the earliest first. `kept` are people whom no rule forgets.
pub(crate) fn due(pack: &Pack, facts: &Facts, kept: &[PersonId], until: Date) -> Vec<Due> {
    let mut due = Vec::new();
    for rule in &pack.rules {
        match &rule.events {
            Some(kind) => due.extend(due_events(rule, kind, facts, until)),
            None => due.extend(due_people(rule, facts, kept, until)),
        }
    }
    due.sort_by(|one, other| (one.on, &one.rule).cmp(&(other.on, &other.rule)));
    due
}

fn due_people(rule: &Rule, facts: &Facts, kept: &[PersonId], until: Date) -> Vec<Due> {
    let mut by_day: BTreeMap<Date, Vec<PersonId>> = BTreeMap::new();
    let people = facts.people.iter();
    for (person, known) in people.filter(|(person, _)| !kept.contains(person)) {
        if let Some(on) = day_of(rule, known).filter(|on| *on <= until) {
            by_day.entry(on).or_default().push(*person);
        }
    }
    let due = by_day.into_iter().map(|(on, people)| Due {
        on,
        rule: rule.name.clone(),
        people,
        events: None,
    });
    due.collect()
}

/// Whole months, so that an erasure is a dozen acts a year and tells nothing by its own day.
fn due_events(rule: &Rule, kind: &str, facts: &Facts, until: Date) -> Vec<Due> {
    let mut by_month: BTreeMap<Date, u64> = BTreeMap::new();
    let days = facts.days.iter().filter(|((of, _), _)| *of == kind);
    for ((_, day), count) in days {
        *by_month.entry(day.first_of_month()).or_default() += count;
    }
    let due = by_month.into_iter().filter_map(|(month, count)| {
        let on = later(month.last_of_month().tomorrow().ok()?, rule.after_days)?;
        (on <= until).then(|| Due {
            on,
            rule: rule.name.clone(),
            people: Vec::new(),
            events: Some(DueEvents {
                kind: kind.to_owned(),
                month,
                count,
            }),
        })
    });
    due.collect()
}

/// The days of a month on which such events still are, in windows of at most `most` events but for days that alone have more.
/// Days that `skip` names are left out, and end a window.
pub(crate) fn windows(
    facts: &Facts,
    due: &DueEvents,
    most: u64,
    skip: impl Fn(Date) -> bool,
) -> Vec<(Date, Date)> {
    let mut windows: Vec<(Date, Date, u64)> = Vec::new();
    let mut is_open = false;
    let days = facts
        .days
        .iter()
        .filter(|((kind, day), _)| *kind == due.kind && day.first_of_month() == due.month);
    for ((_, day), count) in days {
        if skip(*day) {
            is_open = false;
            continue;
        }
        match windows.last_mut() {
            Some((_, last, held)) if is_open && *held + count <= most => {
                *last = *day;
                *held += count;
            }
            Some(_) | None => windows.push((*day, *day, *count)),
        }
        is_open = true;
    }
    let windows = windows.into_iter().map(|(first, last, _)| (first, last));
    windows.collect()
}

/// Whether a day lies in the time that single events are forgotten of.
pub(crate) fn is_within(day: Date, aged: &Aged) -> bool {
    moment(day).is_some_and(|at| at >= aged.from && at < aged.before)
}

/// When a day begins, UTC.
pub(crate) fn moment(day: Date) -> Option<Millis> {
    let begins = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    u64::try_from(begins.as_millisecond()).ok()
}

/// From when on a person falls under a rule; never, when the rule is not about them or its days run past the calendar.
fn day_of(rule: &Rule, known: &Known) -> Option<Date> {
    let from = match (rule.who?, &known.left) {
        (Who::Left, Some(left)) => left.as_str().parse().ok()?,
        (Who::Inactive, None) => day(known.seen)?,
        (Who::Left, None) | (Who::Inactive, Some(_)) => return None,
    };
    later(from, rule.after_days)
}

fn later(day: Date, days: u32) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// The day of a moment, UTC.
pub(crate) fn day(at: Millis) -> Option<Date> {
    let moment = Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()?;
    Some(Offset::UTC.to_datetime(moment).date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Recorded;
    use events::accounts::AccountsEvent;
    use events::accounts::Way;
    use events::ids::{Pseudonym, SessionId, StreamId};
    use events::{Personal, accounts::Role};
    use uuid::Uuid;

    const PUPIL: PersonId = PersonId(Uuid::from_u128(1));
    const TEACHER: PersonId = PersonId(Uuid::from_u128(2));

    fn date(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn at(day: &str) -> Millis {
        let moment = format!("{day}T12:00:00Z").parse::<Timestamp>();
        u64::try_from(moment.expect("a moment").as_millisecond()).expect("after 1970")
    }

    fn facts(events: Vec<(&str, AccountsEvent)>) -> Facts {
        let mut facts = Facts::default();
        for (position, (day, event)) in (1..).zip(events) {
            facts.apply(&Recorded {
                position,
                at: at(day),
                stream: StreamId(Uuid::from_u128(9)),
                version: 1,
                actor: Pseudonym::MACHINE,
                event: event.into(),
            });
        }
        facts
    }

    fn added(person: PersonId) -> AccountsEvent {
        AccountsEvent::PersonAdded {
            person,
            name: Personal::forgotten(),
            roles: vec![Role::Pupil],
        }
    }

    fn closed(on: &str) -> AccountsEvent {
        AccountsEvent::AccountClosed {
            person: PUPIL,
            on: on.parse().expect("a day"),
        }
    }

    #[test]
    fn leavers_are_due_ninety_days_after_their_last_day_and_not_before() {
        let pack = Pack::named("de-ni").expect("is built in");
        let facts = facts(vec![
            ("2026-08-01", added(PUPIL)),
            ("2026-08-01", added(TEACHER)),
            ("2027-07-01", closed("2027-07-21")),
        ]);
        assert_eq!(due(&pack, &facts, &[], date("2027-10-18")), []);
        let expected = Due {
            on: date("2027-10-19"),
            rule: "leavers".into(),
            people: vec![PUPIL],
            events: None,
        };
        assert_eq!(due(&pack, &facts, &[], date("2027-10-19")), [expected]);
    }

    #[test]
    fn whom_the_school_cannot_do_without_is_not_forgotten_by_rule() {
        let pack = Pack::named("de-ni").expect("is built in");
        let facts = facts(vec![
            ("2026-08-01", added(PUPIL)),
            ("2027-07-01", closed("2027-07-21")),
        ]);
        let later = date("2030-01-01");
        assert_eq!(due(&pack, &facts, &[TEACHER], later).len(), 1);
        assert_eq!(due(&pack, &facts, &[PUPIL], later), []);
    }

    #[test]
    fn who_comes_back_is_not_due_any_more() {
        let pack = Pack::named("de-ni").expect("is built in");
        let back = AccountsEvent::AccountReopened { person: PUPIL };
        let facts = facts(vec![
            ("2026-08-01", added(PUPIL)),
            ("2027-07-01", closed("2027-07-21")),
            ("2027-08-15", back),
        ]);
        assert_eq!(due(&pack, &facts, &[], date("2030-01-01")), []);
    }

    #[test]
    fn another_state_has_other_rules_without_other_code() {
        let pack = Pack::named("de-sh").expect("is built in");
        let seen = AccountsEvent::SignedIn {
            person: TEACHER,
            session: SessionId(Uuid::from_u128(5)),
            device: Personal::forgotten(),
            way: Way::Lan,
        };
        let facts = facts(vec![
            ("2026-08-01", added(PUPIL)),
            ("2026-08-01", added(TEACHER)),
            ("2026-09-01", seen),
            ("2027-07-01", closed("2027-07-21")),
        ]);
        let found = due(&pack, &facts, &[], date("2027-12-31"));
        let found: Vec<_> = found
            .iter()
            .filter(|due| due.events.is_none())
            .map(|due| (due.on, due.rule.as_str(), due.people[0]))
            .collect();
        let expected = [
            (date("2027-07-21"), "leavers", PUPIL),
            (date("2027-09-01"), "inactive", TEACHER),
        ];
        assert_eq!(found, expected);
    }

    fn signed_in(on: &'static str, device: Personal<String>) -> (&'static str, AccountsEvent) {
        let event = AccountsEvent::SignedIn {
            person: TEACHER,
            session: SessionId(Uuid::from_u128(5)),
            device,
            way: Way::Lan,
        };
        (on, event)
    }

    #[test]
    fn sign_ins_are_due_by_the_month_thirty_days_after_its_end() {
        let pack = Pack::named("de-ni").expect("is built in");
        let known = || Personal::new("Firefox, Linux".to_owned());
        let facts = facts(vec![
            signed_in("2026-10-01", known()),
            signed_in("2026-10-31", known()),
            signed_in("2026-10-31", Personal::forgotten()),
            signed_in("2026-11-02", known()),
        ]);
        assert_eq!(due(&pack, &facts, &[], date("2026-11-30")), []);
        let found = due(&pack, &facts, &[], date("2026-12-01"));
        let events = DueEvents {
            kind: "SignedIn".into(),
            month: date("2026-10-01"),
            count: 2,
        };
        let expected = Due {
            on: date("2026-12-01"),
            rule: "sign-ins".into(),
            people: Vec::new(),
            events: Some(events.clone()),
        };
        assert_eq!(found, [expected]);
        let whole = windows(&facts, &events, 10, |_| false);
        assert_eq!(whole, [(date("2026-10-01"), date("2026-10-31"))]);
        assert_eq!(windows(&facts, &events, 1, |_| false).len(), 2);
        let rest = windows(&facts, &events, 10, |day| day == date("2026-10-01"));
        assert_eq!(rest, [(date("2026-10-31"), date("2026-10-31"))]);
    }
}
