//! The school as its office would hand it over: pupils as DaNiS exports them, the staff as a table of its own.
//! Invented people in the real dialects, so that an import can be tried at any size.

use super::School;
use super::people::{Office, Person};

const PUPIL_HEADINGS: &str = "SchuelerIdentNummer;SchuelerRufname;SchuelerNachname;SchuelerGeburtsdatum;GruppeBezeichung;SchuelerAbgangsdatum;Verantw1Nachname;Verantw1Vorname;Verantw1Erziehungsberechtigt;Verantw2Nachname;Verantw2Vorname;Verantw2Erziehungsberechtigt";
const STAFF_HEADINGS: &str = "Import-ID\tVorname\tNachname\tKürzel\tRolle";

/// The pupils: UTF-8 with a byte order mark, semicolons, CRLF; `GruppeBezeichung` is spelled as DaNiS spells it.
#[must_use]
pub fn danis(school: &School) -> Vec<u8> {
    let pupils = school
        .people
        .iter()
        .filter(|person| person.office == Office::Pupil);
    let lines = std::iter::once(PUPIL_HEADINGS.to_owned()).chain(pupils.map(pupil_line));
    let text: String = lines.flat_map(|line| [line, "\r\n".to_owned()]).collect();
    format!("\u{feff}{text}").into_bytes()
}

/// The staff: UTF-16, little-endian with a byte order mark, tabs. The offices above teaching appear as what they are paid for.
#[must_use]
pub fn staff(school: &School) -> Vec<u8> {
    let staff = school
        .people
        .iter()
        .filter(|person| person.office != Office::Pupil);
    let lines = std::iter::once(STAFF_HEADINGS.to_owned()).chain(staff.map(staff_line));
    let text: String = lines.flat_map(|line| [line, "\n".to_owned()]).collect();
    std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn pupil_line(pupil: &Person) -> String {
    let born = pupil
        .birth_date
        .map(|date| date.strftime("%d.%m.%Y").to_string())
        .unwrap_or_default();
    let class = pupil.class.as_deref().unwrap_or_default();
    let mut fields = vec![
        pupil.source_id.clone(),
        pupil.given.clone(),
        pupil.family.clone(),
        born,
        class.to_owned(),
        String::new(),
    ];
    for number in 0..2 {
        match pupil.guardians.get(number) {
            Some(guardian) => fields.extend([
                guardian.family.clone(),
                guardian.given.clone(),
                "1".to_owned(),
            ]),
            None => fields.extend([String::new(), String::new(), String::new()]),
        }
    }
    fields.join(";")
}

fn staff_line(person: &Person) -> String {
    let role = if person.abbreviation.is_some() {
        "Lehrkraft"
    } else {
        "Mitarbeit"
    };
    let abbreviation = person.abbreviation.as_deref().unwrap_or_default();
    [
        &person.source_id,
        &person.given,
        &person.family,
        abbreviation,
        role,
    ]
    .join("\t")
}

#[cfg(test)]
mod tests {
    use super::{danis, staff};
    use crate::generator::{Plan, School};
    use jiff::civil::date;

    fn school() -> School {
        School::invent(&Plan {
            seed: 1,
            people: 1750,
            today: date(2026, 11, 23),
            weeks: 0,
        })
    }

    #[test]
    fn the_pupils_file_has_a_line_for_each_and_twelve_columns() {
        let bytes = danis(&school());
        let text = String::from_utf8(bytes).expect("the file is UTF-8");
        assert!(text.starts_with("\u{feff}SchuelerIdentNummer;"));
        assert_eq!(text.lines().count(), 1551);
        assert!(text.lines().all(|line| line.matches(';').count() == 11));
    }

    #[test]
    fn the_staff_file_reads_back_as_utf_16() {
        let bytes = staff(&school());
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|two| u16::from_le_bytes([two[0], two[1]]))
            .collect();
        let text = String::from_utf16(&units).expect("the file is UTF-16");
        assert_eq!(text.lines().count(), 201);
        assert!(text.lines().all(|line| line.matches('\t').count() == 4));
    }
}
