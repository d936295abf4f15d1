//! Words of the frame around the areas, and of the start page.

use super::catalogue;

catalogue! {
    /// Words of the frame around the areas, and of the start page.
    Shell {
        name: "Schulhof" | "Schulhof",
        skip: "Zum Inhalt springen" | "Skip to content",
        areas: "Bereiche" | "Areas",
        start: "Start" | "Start",
        messages: "Nachrichten" | "Messages",
        files: "Dateien" | "Files",
        people: "Personen" | "People",
        audit: "Prüfung" | "Audit",
        settings: "Einstellungen" | "Settings",
        profile: "Eigenes Konto" | "Your account",
        sign_out: "Abmelden" | "Sign out",
        other_language: "English" | "Deutsch",
        live: "Verbunden" | "Connected",
        reconnecting: "Verbindung wird gesucht …" | "Reconnecting …",
        unread_one: "1 ungelesene Nachricht" | "1 unread message",
        unread_many: "{n} ungelesene Nachrichten" | "{n} unread messages",
        good_morning: "Guten Morgen, {name}" | "Good morning, {name}",
        good_day: "Guten Tag, {name}" | "Hello, {name}",
        good_evening: "Guten Abend, {name}" | "Good evening, {name}",
        unread: "Ungelesen" | "Unread",
        nothing_unread: "Alles gelesen. Neue Nachrichten erscheinen hier von selbst." | "All read. New messages appear here by themselves.",
        own_groups: "Eigene Klassen und Gruppen" | "Your classes and groups",
        no_groups: "Noch keine Klasse oder Gruppe. Das Schulbüro kann helfen." | "You do not belong to a class or group yet. The school office can add you.",
        recent: "Zuletzt gesprochen" | "Recent conversations",
        no_recent: "Noch keine Gespräche." | "No conversations yet.",
        own_files: "Eigene Dateien" | "My files",
    }
}
