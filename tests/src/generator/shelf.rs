//! What groups keep on their shelves: worksheets, plans, minutes. Plain lists.

use super::documents::Kind;
use super::groups::GroupKind;

/// A folder, a file's name, its kind, and its lines; placeholders as in conversations.
type File = (&'static str, &'static str, Kind, &'static [&'static str]);

/// What a group of a kind stores.
pub(super) fn files_of(kind: GroupKind) -> &'static [File] {
    match kind {
        GroupKind::Class | GroupKind::Course => &[
            (
                "Arbeitsblätter",
                "{fach} Arbeitsblatt {nummer}",
                Kind::Pdf,
                &[
                    "{fach} – Arbeitsblatt {nummer}",
                    "",
                    "1. Lies den Text im Buch auf Seite {seite}.",
                    "2. Markiere unbekannte Wörter und schlage sie nach.",
                    "3. Beantworte die Fragen in ganzen Sätzen.",
                ],
            ),
            (
                "Arbeitsblätter",
                "{fach} Übung Seite {seite}",
                Kind::Pdf,
                &[
                    "{fach} – Übung zu Seite {seite}",
                    "",
                    "a) Beschreibe die Abbildung.",
                    "b) Erkläre den Zusammenhang mit eigenen Worten.",
                    "c) Für Schnelle: Finde ein eigenes Beispiel.",
                ],
            ),
            (
                "Lösungen",
                "{fach} Lösungen {nummer}",
                Kind::Text,
                &[
                    "Lösungen zu Arbeitsblatt {nummer}",
                    "",
                    "1. siehe Seite {seite}",
                    "2. individuelle Lösung",
                    "3. im Unterricht besprochen",
                ],
            ),
            (
                "Hausaufgaben",
                "{fach} Hausaufgabe",
                Kind::Text,
                &[
                    "Bis zur nächsten Stunde:",
                    "Seite {seite}, Aufgabe {nummer}",
                    "Wer Fragen hat, schreibt sie in den Raum.",
                ],
            ),
            (
                "Organisation",
                "Wochenplan",
                Kind::Table,
                &[
                    "Tag;Aufgabe;erledigt",
                    "Montag;{fach} Seite {seite};",
                    "Dienstag;Lesen;",
                    "Mittwoch;Vokabeln Lektion {nummer};",
                    "Donnerstag;Projekt;",
                    "Freitag;Wiederholung;",
                ],
            ),
        ],
        GroupKind::Club => &[
            (
                "Planung",
                "Packliste",
                Kind::Text,
                &[
                    "Packliste",
                    "- Trinkflasche",
                    "- Notizblock",
                    "- gute Laune",
                ],
            ),
            (
                "Planung",
                "Terminplan",
                Kind::Table,
                &[
                    "Termin;Thema",
                    "{tag};Treffen in Raum {raum}",
                    "in zwei Wochen;Generalprobe",
                ],
            ),
        ],
        GroupKind::Staff => &[
            (
                "Protokolle",
                "Protokoll Dienstbesprechung",
                Kind::Pdf,
                &[
                    "Protokoll der Dienstbesprechung",
                    "",
                    "TOP 1 Begrüßung",
                    "TOP 2 Vertretungsplan",
                    "TOP 3 Projektwoche",
                    "TOP 4 Verschiedenes",
                ],
            ),
            (
                "Vorlagen",
                "Vorlage Elternbrief",
                Kind::Text,
                &[
                    "Liebe Eltern,",
                    "",
                    "hiermit möchten wir Sie herzlich einladen.",
                    "",
                    "Mit freundlichen Grüßen",
                ],
            ),
            (
                "Curriculum",
                "{fach} Jahresplanung",
                Kind::Pdf,
                &[
                    "{fach} – Jahresplanung",
                    "",
                    "1. Halbjahr: Grundlagen",
                    "2. Halbjahr: Vertiefung und Projekt",
                ],
            ),
        ],
    }
}
