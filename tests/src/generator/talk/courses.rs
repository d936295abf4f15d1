//! What teachers write to classes and courses, and what comes back. A teacher begins; pupils answer.

use super::Conversation;

/// In a class.
pub(in crate::generator) const CLASSES: &[Conversation] = &[
    (
        "Guten Morgen zusammen! Morgen bitte an die Turnschuhe denken, wir gehen bei gutem Wetter auf den Sportplatz.",
        &[
            "Und wenn es regnet?",
            "Dann Halle, wie immer 🙂",
            "Okay, danke!",
        ],
    ),
    (
        "Die Elternabend-Einladungen liegen im Sekretariat. Bitte bis {tag} unterschrieben mitbringen.",
        &[
            "Kann ich den Zettel auch als Foto schicken?",
            "Meine Mutter hat schon unterschrieben.",
        ],
    ),
    (
        "Für den Wandertag am {tag} brauchen wir feste Schuhe, Regenjacke und etwas zu trinken. Treffpunkt ist um 8:10 Uhr vor der Mensa.",
        &[
            "Wie lange sind wir unterwegs?",
            "Dürfen wir Handys mitnehmen?",
            "Bis ungefähr 14 Uhr. Handys bleiben bitte in der Tasche.",
        ],
    ),
    (
        "Wer hat am {tag} Tafeldienst? Die Tafel war heute leider nicht gewischt.",
        &[
            "Ups, das war ich. Mache ich morgen gleich vor der ersten Stunde.",
            "Ich helfe mit.",
        ],
    ),
    (
        "Die Bücherei hat die Klassensätze bereitgestellt. Bitte {tag} in der ersten Pause abholen.",
        &[
            "Brauchen wir einen Ausweis?",
            "Nein, ich habe euch angemeldet.",
        ],
    ),
    (
        "Erinnerung: Der Förderunterricht in {fach} beginnt nächste Woche in Raum {raum}.",
        &[
            "Muss ich auch kommen?",
            "Bitte komm am {tag} kurz zu mir, dann besprechen wir das.",
        ],
    ),
    (
        "Wir haben noch drei Fundstücke im Klassenraum: eine blaue Trinkflasche, einen Schal und ein Geodreieck.",
        &[
            "Die Flasche ist meine!",
            "Der Schal könnte von mir sein, grau mit Streifen?",
        ],
    ),
    (
        "Die Klassenfotos werden am {tag} in der dritten Stunde gemacht. Treffpunkt ist die Treppe vor der Aula.",
        &[
            "Können wir noch ein lustiges Foto machen?",
            "Ja, das zweite Bild ist immer ein lustiges.",
        ],
    ),
    (
        "Bitte räumt heute nach der sechsten Stunde eure Fächer auf. Was bis {tag} noch herumliegt, kommt in die Fundkiste.",
        &["Erledigt ✅", "Meins ist auch leer."],
    ),
    (
        "Am {tag} kommt die Polizei zur Fahrradprüfung auf den Hof. Bringt euer Rad verkehrssicher mit: Licht, Klingel, Bremsen.",
        &[
            "Mein Licht ist kaputt, was mache ich?",
            "Die Fahrrad-AG repariert morgen in der Mittagspause kostenlos.",
        ],
    ),
    (
        "Herzlichen Glückwunsch zum zweiten Platz beim Völkerballturnier! Ihr habt großartig zusammengespielt.",
        &[
            "🎉🎉🎉",
            "Nächstes Mal gewinnen wir!",
            "Danke fürs Anfeuern!",
        ],
    ),
    (
        "Wegen der Konferenz endet der Unterricht am {tag} nach der fünften Stunde. Die Busse fahren entsprechend früher.",
        &[
            "Fällt dann die Mensa aus?",
            "Nein, die Mensa hat bis 13:30 Uhr geöffnet.",
        ],
    ),
    (
        "Die neuen Sitzpläne hängen aus. Gebt dem Ganzen bitte zwei Wochen, dann reden wir im Klassenrat darüber.",
        &[
            "Darf ich weiter vorne sitzen? Ich sehe die Tafel schlecht.",
            "Natürlich, wir tauschen gleich morgen.",
        ],
    ),
    (
        "Für das Sommerfest suchen wir noch Kuchenspenden. Tragt euch bitte in die Liste im Klassenordner ein.",
        &[
            "Ich bringe Zitronenkuchen mit.",
            "Ich mache Börek mit meiner Oma.",
            "Wir bringen Muffins ohne Nüsse mit.",
        ],
    ),
    (
        "Bitte denkt daran: Krankmeldungen immer vor 7:45 Uhr über das Sekretariat.",
        &["Ist angekommen, danke."],
    ),
    (
        "Die Hausaufgaben in {fach} sind jetzt bis {tag} verschoben, weil der Projekttag dazwischenkommt.",
        &["Danke!!", "Puh, Glück gehabt 😅"],
    ),
    (
        "Wir besuchen am {tag} das Museum. Bitte 4,50 Euro und ein Lunchpaket mitbringen. Wer Unterstützung braucht, sagt mir vertraulich Bescheid.",
        &[
            "Fahren wir mit dem Bus?",
            "Ja, Abfahrt 8:30 Uhr am Haupteingang.",
        ],
    ),
    (
        "Klassenrat heute in der vierten Stunde. Themen bitte vorher in den Kasten werfen.",
        &[
            "Ich habe zwei Zettel eingeworfen.",
            "Können wir über die Pausenspiele reden?",
        ],
    ),
];

/// In a course.
pub(in crate::generator) const COURSES: &[Conversation] = &[
    (
        "Zur nächsten Stunde {fach} bitte Seite {seite}, Aufgabe {nummer} vorbereiten.",
        &["Auch Teil c?", "Nur a und b, c machen wir zusammen."],
    ),
    (
        "Das Arbeitsblatt von heute liegt im Kursordner. Wer gefehlt hat, holt es bitte bis {tag} nach.",
        &[
            "Vielen Dank!",
            "Ich finde nur das erste Blatt?",
            "Das zweite ist jetzt auch da.",
        ],
    ),
    (
        "Die Klausur in {fach} schreiben wir am {tag} in Raum {raum}. Thema: alles seit den Herbstferien.",
        &[
            "Kommt Seite {seite} auch dran?",
            "Ja, aber nur die Grundlagen.",
            "Dürfen wir ein Wörterbuch benutzen?",
        ],
    ),
    (
        "Ich habe die Ergebnisse der Gruppenarbeit durchgesehen: sehr sorgfältig! Rückmeldungen bekommt ihr am {tag}.",
        &["Yeah!", "Danke für die Extra-Woche."],
    ),
    (
        "Heute fällt {fach} leider aus, ich bin krank. Bitte lest Seite {seite} und notiert drei Fragen.",
        &[
            "Gute Besserung!",
            "Gute Besserung! Die Fragen lade ich in den Ordner hoch.",
        ],
    ),
    (
        "Wer möchte am {tag} sein Referat halten? Wir haben noch zwei freie Plätze.",
        &[
            "Ich könnte.",
            "Dann nehme ich den zweiten Platz.",
            "Super, notiert.",
        ],
    ),
    (
        "Achtung, Raumwechsel: {fach} ist diese Woche in Raum {raum}.",
        &["Danke für die Info!"],
    ),
    (
        "Bitte bringt am {tag} Taschenrechner und Geodreieck mit.",
        &[
            "Geht auch die App?",
            "In der Übung ja, in der Arbeit nicht.",
        ],
    ),
    (
        "Hier noch der Hinweis zur Präsentation: maximal zehn Folien, Quellen auf die letzte Folie.",
        &["Zählt die Titelfolie mit?", "Nein.", "Okay 👍"],
    ),
    (
        "Die Vokabeln von Lektion {nummer} bitte bis {tag} wiederholen. Es gibt einen kleinen, unbenoteten Test.",
        &["Wirklich unbenotet?", "Wirklich. Versprochen."],
    ),
    (
        "Schöne Diskussion heute! Wer mag, liest dazu den Artikel im Kursordner.",
        &[
            "Den fand ich spannend.",
            "Können wir da nächste Stunde weitermachen?",
        ],
    ),
    (
        "Die Materialien für das Experiment stehen bereit. Bitte denkt an geschlossene Schuhe und ein Haargummi.",
        &["Dürfen wir filmen?", "Nur das Experiment, keine Gesichter."],
    ),
];
