//! Who has looked at a person's data by a special right, for their package. Roles stand for names: who it was the person's settings
//! say, and a package outlives names.

use super::overview::{role_in_words, table};
use events::access::Access;
use events::audit::Purpose;
use events::audit::view::{LookRow, Looks};
use events::ids::PersonId;
use events::{Millis, Recorded, Touched, View};
use maud::Markup;

/// The look that an event is, when it was at what a person had a part in up to then.
pub(super) fn look_at(recorded: &Recorded, person: PersonId, access: &Access) -> Option<LookRow> {
    let mut rows = Touched::default();
    Looks::apply(recorded, &mut rows);
    let (_, row) = rows.into_rows().pop()?;
    // Whoever added a file that was read has a row of their own for it, with its name.
    if row.author == Some(person) {
        return None;
    }
    let scope = Looks::place(&row).scope;
    access
        .could_see_by(person, scope, recorded.position)
        .then_some(row)
}

pub(super) fn section(looks: &[LookRow], when: &dyn Fn(Millis) -> String) -> Markup {
    let rows = looks.iter().map(|look| {
        let who = match (look.by, look.role) {
            (None, _) => "Betreuung am Server",
            (Some(_), role) => role.map_or("", role_in_words),
        };
        let what = match (look.what.as_str(), look.name.get()) {
            ("messages", _) => "Nachrichten",
            ("files", _) => "Namen von Dateien",
            ("file", Some(name)) => &format!("Inhalt der Datei {name}"),
            ("file", None) => "Inhalt einer Datei",
            ("records", _) => "Angaben des Schulbüros",
            ("package", _) => "Datenpaket",
            _ => "ein einzelner Eintrag",
        };
        let purpose = look.purpose.map_or("", purpose_in_words);
        [&when(look.at), who, what, purpose].map(str::to_owned)
    });
    table(
        "Wer diese Daten angesehen hat",
        ["Zeit", "als", "was", "Zweck"],
        rows.collect(),
    )
}

fn purpose_in_words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Protection => "Schutz eines Kindes",
        Purpose::Conflict => "Streit, Mobbing oder Drohung aufklären",
        Purpose::OwnWish => "auf Wunsch der betroffenen Person",
        Purpose::Authority => "Anfrage von Behörde oder Gericht",
        Purpose::Fault => "technischen Fehler klären",
        Purpose::Control => "Datenschutz prüfen",
        Purpose::Accounts => "Konten führen",
    }
}
