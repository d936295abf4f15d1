//! Words about rooms and messages.

use super::catalogue;

catalogue! {
    /// Words about rooms and messages.
    Messenger {
        messages: "Nachrichten" | "Messages",
        rooms: "Gespräche" | "Conversations",
        no_rooms: "Noch keine Gespräche" | "No conversations yet",
        no_rooms_text: "Schreiben Sie jemandem, oder warten Sie, bis Sie zu einer Gruppe gehören." | "Write to someone, or wait until you belong to a group.",
        choose: "Kein Gespräch gewählt" | "No conversation chosen",
        choose_text: "Wählen Sie links ein Gespräch, oder beginnen Sie ein neues." | "Choose a conversation on the left, or start a new one.",
        new: "Neues Gespräch" | "New conversation",
        with: "Mit wem möchten Sie sprechen?" | "Whom would you like to talk to?",
        nothing_said: "Hier wurde noch nichts geschrieben" | "Nothing has been written here yet",
        nothing_said_text: "Schreiben Sie die erste Nachricht." | "Write the first message.",
        write: "Nachricht schreiben" | "Write a message",
        send: "Senden" | "Send",
        hint: "Eingabetaste sendet, Umschalt und Eingabetaste beginnt eine neue Zeile." | "Enter sends, Shift and Enter start a new line.",
        sending: "wird gesendet" | "sending",
        not_sent: "nicht gesendet" | "not sent",
        send_again: "Noch einmal senden" | "Send again",
        discard: "Verwerfen" | "Discard",
        remove: "Nachricht entfernen" | "Remove message",
        remove_title: "Nachricht entfernen?" | "Remove this message?",
        remove_text: "Der Text verschwindet für alle. Dass hier eine Nachricht entfernt wurde, bleibt sichtbar." | "The text disappears for everyone. That a message was removed stays visible.",
        remove_yes: "Entfernen" | "Remove",
        removed_self: "Nachricht entfernt" | "Message removed",
        removed_by: "Nachricht von {name} entfernt" | "Message removed by {name}",
        beginning: "Anfang des Gesprächs" | "Start of the conversation",
        back: "Zurück zu den Gesprächen" | "Back to the conversations",
        gone: "Dieses Gespräch ist für Sie nicht mehr da" | "This conversation is no longer open to you",
        gone_text: "Sie gehören nicht mehr zu dieser Gruppe." | "You no longer belong to this group.",
        log: "Nachrichtenverlauf" | "Message history",
        nothing_yet: "Noch keine Nachricht" | "No message yet",
    }
}
