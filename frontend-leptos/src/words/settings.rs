//! Words about one's own account.

use super::catalogue;

catalogue! {
    /// Words about one's own account.
    Settings {
        settings: "Einstellungen" | "Settings",
        sessions: "Angemeldete Geräte" | "Signed-in devices",
        sessions_text: "Diese Geräte sind gerade angemeldet. Ein unbekanntes bitte abmelden und danach das Passwort ändern." | "You are signed in here. Is there a device that you do not know? Sign it out and change your password.",
        this_device: "Dieses Gerät" | "This device",
        unknown_device: "Unbekanntes Gerät" | "Unknown device",
        since: "angemeldet {time}" | "signed in {time}",
        lan: "in der Schule" | "at school",
        relay: "von außerhalb" | "from outside",
        end: "Abmelden" | "Sign out",
        end_device: "{device} abmelden" | "Sign out {device}",
        ended: "Das Gerät ist abgemeldet." | "The device has been signed out.",
        password: "Passwort ändern" | "Change password",
        password_text: "Alle anderen Geräte werden dabei abgemeldet." | "All other devices are signed out by this.",
        old: "Bisheriges Passwort" | "Current password",
        new: "Neues Passwort" | "New password",
        new_hint: "Mindestens acht Zeichen. Ein Satz ist leichter zu merken als ein Wort." | "At least eight characters. A sentence is easier to remember than a word.",
        repeat: "Neues Passwort wiederholen" | "Repeat the new password",
        differ: "Die beiden neuen Passwörter sind nicht gleich." | "The two new passwords differ.",
        short: "Das neue Passwort ist zu kurz." | "The new password is too short.",
        change: "Passwort ändern" | "Change password",
        was_changed: "Das Passwort ist geändert." | "The password has been changed.",
        login: "Anmeldename" | "Login name",
    }
}
