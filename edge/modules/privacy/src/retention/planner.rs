//! What is due: rules and facts in, people and days out.

use super::facts::{Facts, Known};
use super::pack::{Pack, Rule, Who};
use events::Millis;
use events::ids::PersonId;
use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::Offset};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// People who fall under a rule on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Due {
    /// The day from which on they are to be forgotten.
    #[schemars(with = "String")]
    pub on: Date,
    /// The rule, by name.
    pub rule: String,
    /// Whom.
    pub people: Vec<PersonId>,
}

/// Everything that is due up to and with a day, the earliest first. `kept` are people whom no rule forgets.
pub(crate) fn due(pack: &Pack, facts: &Facts, kept: &[PersonId], until: Date) -> Vec<Due> {
    let mut by_day: BTreeMap<(Date, &str), Vec<PersonId>> = BTreeMap::new();
    for rule in &pack.rules {
        let people = facts.0.iter().filter(|(person, _)| !kept.contains(person));
        for (person, known) in people {
            if let Some(on) = day_of(rule, known).filter(|on| *on <= until) {
                by_day.entry((on, &rule.name)).or_default().push(*person);
            }
        }
    }
    let due = by_day.into_iter().map(|((on, rule), people)| Due {
        on,
        rule: rule.to_owned(),
        people,
    });
    due.collect()
}

/// From when on a person falls under a rule; never, when the rule is not about them or its days run past the calendar.
fn day_of(rule: &Rule, known: &Known) -> Option<Date> {
    let from = match (rule.who, &known.left) {
        (Who::Left, Some(left)) => left.as_str().parse().ok()?,
        (Who::Inactive, None) => day(known.seen)?,
        (Who::Left, None) | (Who::Inactive, Some(_)) => return None,
    };
    from.checked_add(Span::new().try_days(rule.after_days).ok()?)
        .ok()
}

fn day(at: Millis) -> Option<Date> {
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
            .map(|due| (due.on, due.rule.as_str(), due.people[0]))
            .collect();
        let expected = [
            (date("2027-07-21"), "leavers", PUPIL),
            (date("2027-09-01"), "inactive", TEACHER),
        ];
        assert_eq!(found, expected);
    }
}
