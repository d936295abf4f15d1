//! Words about rooms and messages.

use super::catalogue;

catalogue! {
    /// Words about rooms and messages.
    Messenger {
        messages: "Nachrichten" | "Messages",
        rooms: "Gespräche" | "Conversations",
        no_rooms: "Noch keine Gespräche" | "No conversations yet",
        no_rooms_text: "Hier stehen die Gespräche der eigenen Gruppen und alle, die mit „Neues Gespräch“ beginnen." | "Here are the conversations of your groups and those that begin with “New conversation”.",
        choose: "Kein Gespräch gewählt" | "No conversation chosen",
        choose_text: "Links lässt sich ein Gespräch wählen oder ein neues beginnen." | "Choose a conversation on the left, or start a new one.",
        new: "Neues Gespräch" | "New conversation",
        with: "Mit wem?" | "With whom?",
        nothing_said: "Hier wurde noch nichts geschrieben" | "Nothing has been written here yet",
        nothing_said_text: "Die erste Nachricht fehlt noch." | "Write the first message.",
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
        gone: "Dieses Gespräch ist nicht mehr zugänglich" | "This conversation is no longer open to you",
        gone_text: "Die Zugehörigkeit zu dieser Gruppe ist beendet." | "You no longer belong to this group.",
        log: "Nachrichtenverlauf" | "Message history",
        nothing_yet: "Noch keine Nachricht" | "No message yet",
    }
}
