//! Words that every area uses.

use super::catalogue;

catalogue! {
    /// Words that every area uses.
    Common {
        close: "Schließen" | "Close",
        cancel: "Abbrechen" | "Cancel",
        undo: "Rückgängig" | "Undo",
        undone: "Rückgängig gemacht." | "Undone.",
        more: "Weitere anzeigen" | "Show more",
        loading: "Wird geladen …" | "Loading …",
        try_again: "Noch einmal versuchen" | "Try again",
        actions: "Aktionen" | "Actions",
        refused: "Das hat nicht geklappt" | "That did not work",
        offline: "Der Schulserver ist gerade nicht zu erreichen. Bitte die Verbindung prüfen und es noch einmal versuchen." | "The school server cannot be reached right now. Please check the connection and try again.",
        part_missing: "Dieser Bereich konnte nicht geladen werden. Bitte die Verbindung prüfen und es noch einmal versuchen. Ist Schulhof gerade erneuert worden, hilft es, die Seite neu zu laden." | "This area could not be loaded. Please check the connection and try again. If Schulhof has just been renewed, reloading the page helps.",
        garbled: "Die Antwort des Schulservers war nicht zu verstehen. Bitte die Seite neu laden." | "The school server's answer could not be understood. Please reload the page.",
        not_yet: "Der Schulserver ist noch nicht so weit. Bitte gleich noch einmal versuchen." | "The school server is not ready yet. Please try again in a moment.",
        not_found: "Diese Seite gibt es nicht" | "This page does not exist",
        not_found_text: "Vielleicht wurde sie verschoben, oder sie ist für andere bestimmt." | "It may have been moved, or it is not meant for you.",
        to_start: "Zur Startseite" | "To the start page",
        forgotten: "gelöschte Angabe" | "erased value",
        someone: "Unbekannte Person" | "Unknown person",
        copy: "Kopieren" | "Copy",
        copied: "Kopiert." | "Copied.",
        today: "heute" | "today",
        yesterday: "gestern" | "yesterday",
        weekdays: "So Mo Di Mi Do Fr Sa" | "Sun Mon Tue Wed Thu Fri Sat",
        clock: "{time} Uhr" | "{time}",
    }
}
