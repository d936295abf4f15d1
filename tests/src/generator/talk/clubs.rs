//! What is written in clubs.

use super::Conversation;

pub(in crate::generator) const CLUBS: &[Conversation] = &[
    (
        "Treffen am {tag} wie immer um 14:15 Uhr in Raum {raum}.",
        &["Bin dabei!", "Ich komme zehn Minuten später.", "👍"],
    ),
    (
        "Für den Tag der offenen Tür brauchen wir einen Stand. Wer hilft beim Aufbau?",
        &["Ich!", "Ich kann ab 13 Uhr.", "Ich bringe Plakate mit."],
    ),
    (
        "Wir haben die Zusage für den Wettbewerb bekommen! Bitte gebt mir bis {tag} die Einverständnis der Eltern.",
        &["Wie cool!", "Zettel liegt in Ihrem Fach."],
    ),
    (
        "Am {tag} müssen wir leider ausfallen lassen, der Raum ist belegt.",
        &["Schade.", "Können wir stattdessen auf den Hof?"],
    ),
    (
        "Neue Gesichter sind herzlich willkommen. Bringt gerne jemanden mit!",
        &[
            "Meine Freundin aus der Parallelklasse würde gern mal schauen.",
            "Sehr gerne, einfach mitbringen.",
        ],
    ),
    (
        "Danke für den tollen Auftritt gestern. Das Publikum war begeistert!",
        &[
            "Es hat so Spaß gemacht!",
            "Nächstes Mal bitte ohne Lampenfieber 😄",
        ],
    ),
];
