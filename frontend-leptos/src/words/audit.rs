//! Words of the audit pages, and the kinds of events in words.

use super::catalogue;

catalogue! {
    /// Words of the audit pages.
    Audit {
        audit: "Prüfung" | "Audit",
        entries: "Einträge" | "Entries",
        replay: "Früherer Stand" | "Past state",
        logged: "Was Sie hier ansehen, wird selbst protokolliert." | "What you look at here is itself logged.",
        filter: "Art, Pseudonym oder Verlauf" | "Kind, pseudonym or stream",
        from: "Von" | "From",
        until: "Bis" | "Until",
        apply: "Filtern" | "Filter",
        clear: "Filter leeren" | "Clear filter",
        position: "Nr." | "No.",
        time: "Zeit" | "Time",
        kind: "Ereignis" | "Event",
        actor: "Handelnde Person" | "Actor",
        machine: "Schulserver" | "School server",
        stream: "Verlauf" | "Stream",
        version: "Stelle im Verlauf" | "Place in the stream",
        nothing: "Keine Einträge" | "No entries",
        nothing_text: "Für diesen Filter gibt es keine Einträge." | "No entries match this filter.",
        entry: "Eintrag {n}" | "Entry {n}",
        back: "Zurück zu den Einträgen" | "Back to the entries",
        proof: "Nachweis" | "Proof",
        proof_text: "Ihr Browser rechnet selbst nach, dass dieser Eintrag im unterschriebenen Protokoll steht." | "Your browser itself checks that this entry is part of the signed log.",
        checking: "Der Nachweis wird geprüft …" | "Checking the proof …",
        holds: "Der Nachweis stimmt" | "The proof holds",
        holds_text: "Dieser Eintrag steht als Nr. {n} in einem Protokoll mit {size} Einträgen, und die Unterschrift des Schulservers darunter ist echt." | "This entry is number {n} in a log of {size} entries, and the school server's signature below it is genuine.",
        fails: "Der Nachweis stimmt nicht" | "The proof does not hold",
        fails_entry: "Dieser Eintrag gehört nicht zu der Prüfsumme des Protokolls. Das Protokoll oder die Auskunft wurde verändert." | "This entry does not belong to the log's root. The log or the answer has been changed.",
        fails_other: "Die Auskunft betrifft einen anderen Eintrag." | "The answer is about another entry.",
        fails_signature: "Die Unterschrift unter der Prüfsumme ist nicht echt." | "The signature below the root is not genuine.",
        fails_checkpoint: "Der unterschriebene Stand passt nicht zur Prüfsumme der Auskunft." | "The signed checkpoint does not match the answer's root.",
        fails_reading: "Die Auskunft ist nicht lesbar." | "The answer cannot be read.",
        root: "Prüfsumme des Protokolls" | "Root of the log",
        leaf: "Prüfsumme des Eintrags" | "Hash of the entry",
        size: "Einträge im Protokoll" | "Entries in the log",
        steps: "Schritte des Nachweises" | "Steps of the proof",
        key: "Schlüssel des Schulservers" | "The school server's key",
        checkpoint: "Unterschriebener Stand" | "Signed checkpoint",
        replay_text: "Wählen Sie eine Ansicht und einen Zeitpunkt. Der Stand von damals wird aus dem Protokoll neu berechnet. Nachrichtentexte und Dateinamen bleiben verdeckt." | "Choose a view and a moment. The state of then is computed anew from the log. Message texts and file names stay hidden.",
        view: "Ansicht" | "View",
        moment: "Zeitpunkt" | "Moment",
        show: "Stand anzeigen" | "Show the state",
        as_of: "Stand nach Eintrag {n}" | "State after entry {n}",
        rows_one: "1 Zeile" | "1 row",
        rows_many: "{n} Zeilen" | "{n} rows",
        no_rows: "Zu diesem Zeitpunkt war diese Ansicht leer." | "At that moment this view was empty.",
        hidden: "verdeckt" | "hidden",
        yes: "ja" | "yes",
        no: "nein" | "no",
        people: "Personen" | "People",
        groups: "Klassen und Gruppen" | "Classes and groups",
        members: "Mitgliedschaften" | "Memberships",
        sessions: "Anmeldungen" | "Sessions",
        records: "Angaben des Schulbüros" | "Office records",
        spaces: "Ablagen" | "Spaces",
        files: "Dateien" | "Files",
        rooms: "Gespräche" | "Rooms",
        messages: "Nachrichten" | "Messages",
        reads: "Lesestände" | "Reading marks",
    }
}

catalogue! {
    /// The kinds of events, as an auditor reads them.
    Kinds {
        school_founded: "Schule eingerichtet" | "School founded",
        person_added: "Person aufgenommen" | "Person added",
        person_renamed: "Person umbenannt" | "Person renamed",
        person_described: "Angaben zur Person geändert" | "Person's details changed",
        guardian_named: "Sorgeberechtigte eingetragen" | "Guardian named",
        guardian_removed: "Sorgeberechtigte ausgetragen" | "Guardian removed",
        role_given: "Aufgabe vergeben" | "Role given",
        role_taken: "Aufgabe entzogen" | "Role taken",
        login_name_given: "Anmeldename vergeben" | "Login name given",
        code_minted: "Einmalcode erzeugt" | "One-time code made",
        password_chosen: "Passwort gewählt" | "Password chosen",
        signed_in: "Angemeldet" | "Signed in",
        session_ended: "Abgemeldet" | "Session ended",
        account_closed: "Konto geschlossen" | "Account closed",
        account_reopened: "Konto wieder geöffnet" | "Account reopened",
        group_added: "Gruppe angelegt" | "Group added",
        group_renamed: "Gruppe umbenannt" | "Group renamed",
        group_closed: "Gruppe geschlossen" | "Group closed",
        member_added: "In Gruppe aufgenommen" | "Member added",
        member_removed: "Aus Gruppe ausgetreten" | "Member removed",
        roster_imported: "Liste eingelesen" | "Roster imported",
        roster_import_undone: "Einlesung zurückgenommen" | "Import undone",
        space_opened: "Ablage eröffnet" | "Space opened",
        folder_added: "Ordner angelegt" | "Folder added",
        file_added: "Datei hochgeladen" | "File added",
        node_renamed: "Datei oder Ordner umbenannt" | "File or folder renamed",
        node_moved: "Datei oder Ordner verschoben" | "File or folder moved",
        node_deleted: "Datei oder Ordner gelöscht" | "File or folder deleted",
        node_restored: "Datei oder Ordner wiederhergestellt" | "File or folder restored",
        group_reopened: "Gruppe wieder geöffnet" | "Group reopened",
        room_opened: "Gespräch eröffnet" | "Room opened",
        message_sent: "Nachricht gesendet" | "Message sent",
        message_removed: "Nachricht entfernt" | "Message removed",
        room_read: "Gespräch gelesen" | "Room read",
        viewed: "Protokoll angesehen" | "Log viewed",
        console_viewed: "Protokoll an der Konsole angesehen" | "Log viewed at the console",
    }
}

impl Kinds {
    /// All kinds: the number in the log, the name in views, and the words.
    fn all(&self) -> [(u16, &'static str, &'static str); 36] {
        [
            (100, "SchoolFounded", self.school_founded),
            (101, "PersonAdded", self.person_added),
            (102, "PersonRenamed", self.person_renamed),
            (103, "PersonDescribed", self.person_described),
            (104, "GuardianNamed", self.guardian_named),
            (105, "GuardianRemoved", self.guardian_removed),
            (106, "RoleGiven", self.role_given),
            (107, "RoleTaken", self.role_taken),
            (108, "LoginNameGiven", self.login_name_given),
            (109, "CodeMinted", self.code_minted),
            (110, "PasswordChosen", self.password_chosen),
            (111, "SignedIn", self.signed_in),
            (112, "SessionEnded", self.session_ended),
            (113, "AccountClosed", self.account_closed),
            (114, "AccountReopened", self.account_reopened),
            (115, "GroupAdded", self.group_added),
            (116, "GroupRenamed", self.group_renamed),
            (117, "GroupClosed", self.group_closed),
            (118, "MemberAdded", self.member_added),
            (119, "MemberRemoved", self.member_removed),
            (120, "RosterImported", self.roster_imported),
            (121, "RosterImportUndone", self.roster_import_undone),
            (122, "GroupReopened", self.group_reopened),
            (200, "SpaceOpened", self.space_opened),
            (201, "FolderAdded", self.folder_added),
            (202, "FileAdded", self.file_added),
            (203, "NodeRenamed", self.node_renamed),
            (204, "NodeMoved", self.node_moved),
            (205, "NodeDeleted", self.node_deleted),
            (206, "NodeRestored", self.node_restored),
            (300, "RoomOpened", self.room_opened),
            (301, "MessageSent", self.message_sent),
            (302, "MessageRemoved", self.message_removed),
            (303, "RoomRead", self.room_read),
            (400, "Viewed", self.viewed),
            (401, "ConsoleViewed", self.console_viewed),
        ]
    }

    /// A kind in words by its name; one that this page does not know keeps its name.
    pub(crate) fn named<'a>(&self, name: &'a str) -> &'a str {
        let known = self.all().into_iter().find(|kind| kind.1 == name);
        known.map_or(name, |kind| kind.2)
    }

    /// A kind in words by its number; one that this page does not know keeps its number.
    pub(crate) fn numbered(&self, number: u16) -> String {
        let known = self.all().into_iter().find(|kind| kind.0 == number);
        known.map_or_else(|| number.to_string(), |kind| kind.2.to_owned())
    }
}
