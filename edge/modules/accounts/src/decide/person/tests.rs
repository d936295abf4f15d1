//! Given, when, then: what a person's account decides, and what it refuses.

use super::*;
use cqrs_es::test::TestFramework;
use events::accounts::Way;
use uuid::Uuid;

const ANNA: PersonId = PersonId(Uuid::from_u128(7));
const SESSION: SessionId = SessionId(Uuid::from_u128(8));

fn name(given: &str, family: &str) -> PersonName {
    PersonName {
        given: given.to_owned(),
        family: family.to_owned(),
    }
}

fn added() -> Vec<AccountsEvent> {
    vec![
        AccountsEvent::PersonAdded {
            person: ANNA,
            name: Personal::new(name("Anna", "Müller")),
            roles: vec![Role::Pupil],
        },
        AccountsEvent::LoginNameGiven {
            person: ANNA,
            login: Personal::new("anna.mueller".to_owned()),
        },
    ]
}

fn signed_in() -> AccountsEvent {
    AccountsEvent::SignedIn {
        person: ANNA,
        session: SESSION,
        device: Personal::new("Firefox, Linux".to_owned()),
        way: Way::Lan,
    }
}

fn closed() -> AccountsEvent {
    AccountsEvent::AccountClosed {
        person: ANNA,
        on: "2026-07-31".parse().expect("a date"),
    }
}

fn to(command: PersonCommand) -> ToPerson {
    ToPerson {
        person: ANNA,
        command,
    }
}

fn given(events: Vec<AccountsEvent>) -> cqrs_es::test::AggregateTestExecutor<Person> {
    TestFramework::<Person>::with(()).given(events)
}

#[test]
fn a_person_comes_with_a_login_name() {
    let command = PersonCommand::AddPerson {
        name: name(" Anna ", "Müller"),
        roles: vec![Role::Pupil, Role::Pupil],
        login: "anna.mueller".to_owned(),
    };
    given(Vec::new())
        .when(to(command))
        .then_expect_events(added());
}

#[test]
fn nobody_is_added_twice_or_without_role_or_name() {
    let add = |given: &str, roles: Vec<Role>, login: &str| {
        to(PersonCommand::AddPerson {
            name: name(given, ""),
            roles,
            login: login.to_owned(),
        })
    };
    let anna = || add("Anna", vec![Role::Pupil], "anna");
    given(added())
        .when(anna())
        .then_expect_error(PersonRefusal::AlreadyThere);
    given(Vec::new())
        .when(add("Anna", vec![], "anna"))
        .then_expect_error(PersonRefusal::NoRole);
    given(Vec::new())
        .when(add(" ", vec![Role::Pupil], "anna"))
        .then_expect_error(PersonRefusal::NotAName);
    given(Vec::new())
        .when(add("Anna", vec![Role::Pupil], "Anna!"))
        .then_expect_error(PersonRefusal::NotALogin);
}

#[test]
fn whoever_is_not_there_can_be_told_nothing() {
    given(Vec::new())
        .when(to(PersonCommand::ReopenAccount))
        .then_expect_error(PersonRefusal::Unknown);
}

#[test]
fn a_command_that_changes_nothing_leaves_no_trace() {
    let nothing = [
        PersonCommand::RenamePerson {
            name: name("Anna", "Müller"),
        },
        PersonCommand::GiveRole { role: Role::Pupil },
        PersonCommand::TakeRole { role: Role::Head },
        PersonCommand::GiveLoginName {
            login: "anna.mueller".to_owned(),
        },
        PersonCommand::DescribePerson {
            source_id: None,
            birth_date: None,
            abbreviation: None,
        },
        PersonCommand::RemoveGuardian {
            guardian: PersonId(Uuid::from_u128(9)),
        },
        PersonCommand::EndSession {
            session: SESSION,
            reason: EndReason::SignedOut,
        },
        PersonCommand::ReopenAccount,
    ];
    for command in nothing {
        given(added())
            .when(to(command))
            .then_expect_events(Vec::new());
    }
}

#[test]
fn closing_an_account_ends_its_sessions() {
    let on: Date = "2026-07-31".parse().expect("a date");
    let ended = AccountsEvent::SessionEnded {
        person: ANNA,
        session: SESSION,
        reason: EndReason::AccountClosed,
    };
    let before = [added(), vec![signed_in()]].concat();
    given(before)
        .when(to(PersonCommand::CloseAccount { on }))
        .then_expect_events(vec![ended, closed()]);
}

#[test]
fn nobody_signs_in_to_a_closed_account_or_gets_a_code_for_it() {
    let before = || [added(), vec![closed()]].concat();
    let sign_in = PersonCommand::SignIn {
        session: SESSION,
        device: String::new(),
        way: Way::Lan,
    };
    for command in [
        sign_in,
        PersonCommand::MintCode,
        PersonCommand::ChoosePassword,
    ] {
        given(before())
            .when(to(command))
            .then_expect_error(PersonRefusal::Closed);
    }
}

#[test]
fn a_guardian_is_named_again_only_when_something_differs() {
    let guardian = PersonId(Uuid::from_u128(9));
    let named = |custody| AccountsEvent::GuardianNamed {
        pupil: ANNA,
        guardian,
        name: Personal::new(name("Ute", "Müller")),
        custody,
    };
    let command = |custody| {
        to(PersonCommand::NameGuardian {
            guardian,
            name: name("Ute", "Müller"),
            custody,
        })
    };
    let before = || [added(), vec![named(true)]].concat();
    given(before())
        .when(command(true))
        .then_expect_events(Vec::new());
    given(before())
        .when(command(false))
        .then_expect_events(vec![named(false)]);
}

#[test]
fn nobody_loses_their_last_role() {
    given(added())
        .when(to(PersonCommand::TakeRole { role: Role::Pupil }))
        .then_expect_error(PersonRefusal::NoRole);
}

#[test]
fn no_field_is_longer_than_anybody_needs() {
    let describe = |source_id: Option<String>, abbreviation: Option<String>| {
        to(PersonCommand::DescribePerson {
            source_id,
            birth_date: None,
            abbreviation,
        })
    };
    given(added())
        .when(describe(Some("9".repeat(65)), None))
        .then_expect_error(PersonRefusal::NotANumber);
    given(added())
        .when(describe(None, Some("M".repeat(17))))
        .then_expect_error(PersonRefusal::NotAnAbbreviation);
    given(added())
        .when(to(PersonCommand::RenamePerson {
            name: name(&"A".repeat(121), "Müller"),
        }))
        .then_expect_error(PersonRefusal::NotAName);
    let fits = Some("9".repeat(64));
    given(added())
        .when(describe(fits.clone(), Some("Mül".to_owned())))
        .then_expect_events(vec![AccountsEvent::PersonDescribed {
            person: ANNA,
            source_id: Personal::new(fits),
            birth_date: Personal::new(None),
            abbreviation: Personal::new(Some("Mül".to_owned())),
        }]);
}
