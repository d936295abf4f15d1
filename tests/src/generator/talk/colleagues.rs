//! What colleagues write to one another.

use super::Conversation;

pub(in crate::generator) const COLLEAGUES: &[Conversation] = &[
    (
        "Liebe Kolleginnen und Kollegen, die Tagesordnung für die Dienstbesprechung am {tag} liegt im Ordner.",
        &[
            "Danke. Können wir den Punkt Vertretungsplan vorziehen?",
            "Gern, ist notiert.",
        ],
    ),
    (
        "Der Kopierer im Lehrerzimmer hat wieder Papierstau. Die Firma kommt am {tag}.",
        &["Im Flügel B funktioniert er.", "Danke, gut zu wissen."],
    ),
    (
        "Wer kann am {tag} die Aufsicht in der zweiten Pause übernehmen?",
        &["Ich kann.", "Danke, du hast etwas gut!"],
    ),
    (
        "Bitte tragt die Zensuren bis {tag} ein. Bei Fragen meldet euch gern.",
        &["Gilt das auch für die Wahlpflichtkurse?", "Ja, für alle."],
    ),
    (
        "Der Vorschlag für das schulinterne Curriculum liegt bereit. Rückmeldungen bitte bis {tag}.",
        &[
            "Habe zwei Anmerkungen am Rand gemacht.",
            "Sehr gute Arbeit, danke!",
            "Ich lese es am Wochenende.",
        ],
    ),
    (
        "In Raum {raum} ist der Beamer ausgefallen. Ersatzgerät steht in der Sammlung.",
        &["Ich hole es gleich.", "Das Kabel liegt in der Schublade."],
    ),
    (
        "Herzlichen Glückwunsch zum Geburtstag! Kuchen steht im Lehrerzimmer.",
        &["Vielen Dank euch allen!", "Alles Gute!", "🎂"],
    ),
    (
        "Am {tag} ist Probealarm in der dritten Stunde. Bitte die Sammelplätze vorher besprechen.",
        &[
            "Unsere Klasse hat Sport, wir gehen direkt auf den Platz.",
            "Gut, danke.",
        ],
    ),
    (
        "Die Schulbuchliste für das kommende Jahr ist fertig. Bitte prüft eure Fächer.",
        &["In {fach} fehlt der zweite Band.", "Ergänzt."],
    ),
    (
        "Erinnerung an die Fachkonferenz {fach} am {tag} um 14 Uhr in Raum {raum}.",
        &[
            "Ich bringe das Protokoll mit.",
            "Komme etwas später, habe noch Unterricht.",
        ],
    ),
];
