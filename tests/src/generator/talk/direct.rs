//! What a pupil and a teacher, or two colleagues, write to one another alone. The first of the two begins.

use super::Conversation;

pub(in crate::generator) const DIRECT: &[Conversation] = &[
    (
        "Guten Tag, ich war am {tag} krank. Was haben wir in {fach} gemacht?",
        &[
            "Hallo! Wir haben Seite {seite} besprochen, das Blatt liegt im Ordner. Gute Besserung!",
            "Vielen Dank!",
        ],
    ),
    (
        "Entschuldigung, ich habe mein Heft in Raum {raum} vergessen. Liegt es noch da?",
        &[
            "Ja, ich habe es ins Lehrerzimmer mitgenommen. Du kannst es morgen abholen.",
            "Super, danke!",
        ],
    ),
    (
        "Darf ich mein Referat einen Tag später halten? Mein Partner ist krank.",
        &["Ja, dann am {tag}. Sag ihm gute Besserung."],
    ),
    (
        "Können wir vor der Klausur noch einmal über Aufgabe {nummer} sprechen?",
        &[
            "Gern, komm am {tag} in der ersten Pause zum Lehrerzimmer.",
            "Danke, ich bin da.",
        ],
    ),
    (
        "Ich finde die Datei mit den Lösungen nicht.",
        &[
            "Sie liegt im Ordner Lösungen, ganz unten.",
            "Gefunden, danke!",
        ],
    ),
    (
        "Hast du {tag} in der fünften Stunde frei? Wir müssten die Klassenfahrt besprechen.",
        &["Ja, passt. Im Besprechungsraum?", "Perfekt."],
    ),
    (
        "Könntest du mir das Protokoll der letzten Konferenz schicken?",
        &["Liegt im Ordner der Fachgruppe.", "Danke dir."],
    ),
];
