//! Any bytes: no panic, bounded output, and an import of what was read is stable.
#![no_main]

use edge_accounts_fuzz::roster::change_set::{Occasion, SchoolNow};
use edge_accounts_fuzz::roster::{Source, change_set, login_name::LoginNames, one_time_code::OneTimeCode, read_roster};
use events::ids::ImportId;
use libfuzzer_sys::fuzz_target;

const HEADINGS: [&str; 3] = [
    "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname;SchuelerGeburtsdatum;GruppeBezeichung;SchuelerAbgangsdatum;Verantw1Nachname;Verantw1Vorname;Verantw1Erziehungsberechtigt;Verantw2Nachname;Verantw2Vorname;Verantw2Erziehungsberechtigt\n",
    "Vorname;Nachname;Klasse\n",
    "Import-ID\tVorname\tNachname\tKürzel\tRolle\n",
];

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    for heading in HEADINGS {
        read(&[heading.as_bytes(), bytes].concat());
    }
    drop(OneTimeCode::parse(&String::from_utf8_lossy(bytes)));
});

fn read(bytes: &[u8]) {
    let Ok(roster) = read_roster(bytes, Source::Auto) else { return };
    let occasion = Occasion { id: ImportId(uuid::Uuid::nil()), today: "2026-11-23".parse().expect("a date"), year: 2026 };
    let set = change_set(&roster, &SchoolNow::default(), &occasion);
    assert!(set.new.len() <= roster.people.len() && set.leaving.is_empty());
    let mut names = LoginNames::default();
    for person in &roster.people {
        let name = names.give(&person.given, &person.family);
        assert!(!names.is_free(&name));
    }
}
