//! Words of the audit pages, and the kinds of events in words.

use super::catalogue;

catalogue! {
    /// Words of the audit pages.
    Audit {
        audit: "Prüfung" | "Audit",
        entries: "Einträge" | "Entries",
        replay: "Früherer Stand" | "Past state",
        replay_tab: "Früher" | "Past",
        logged: "Was Sie hier ansehen, wird selbst protokolliert." | "What you look at here is itself logged.",
        filter: "Pseudonym oder Verlauf" | "Pseudonym or stream",
        all_kinds: "Alle Ereignisse" | "All events",
        about: "etwa {time}" | "about {time}",
        from: "Von" | "From",
        until: "Bis" | "Until",
        number: "Zu Nummer" | "Go to number",
        go: "Öffnen" | "Open",
        with_looks: "Auch „Protokoll angesehen“" | "“Log viewed” as well",
        state_then: "Stand danach ansehen" | "See the state after it",
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
        replay_text: "Wählen Sie eine Ansicht und einen Zeitpunkt. Der Stand von damals wird aus dem Protokoll neu berechnet. Was jemand geschrieben hat und was das Schulbüro weiß, bleibt dabei verdeckt." | "Choose a view and a moment. The state of then is computed anew from the log. What people wrote and what the office knows stays hidden.",
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
        inspections: "Anträge auf Einsicht" | "Requests to read",
        looks: "Gelesene Inhalte" | "Content read",
        erasures: "Löschungen" | "Erasures",
    }
}

catalogue! {
    /// Words of the comparison of two states.
    Compare {
        compare: "Vergleich" | "Compare",
        title: "Zwei Stände vergleichen" | "Comparing two states",
        lead: "Wählen Sie eine Ansicht und zwei Zeitpunkte. Beide Stände werden aus dem Protokoll neu berechnet und Zeile für Zeile verglichen." | "Choose a view and two moments. Both states are computed anew from the log and compared row by row.",
        one: "Früher" | "Earlier",
        other: "Später" | "Later",
        go: "Vergleichen" | "Compare",
        only: "Nur Unterschiede" | "Differences only",
        working: "Das Protokoll wird durchgerechnet …" | "Going through the log …",
        after_entry: "nach Eintrag {n}" | "after entry {n}",
        before_all: "vor dem ersten Eintrag" | "before the first entry",
        checking: "Nachweis wird geprüft …" | "Checking the proof …",
        new: "neu" | "new",
        gone: "nicht mehr da" | "gone",
        changed: "geändert" | "changed",
        same: "gleich" | "the same",
        counted: "{new} neu · {gone} nicht mehr da · {changed} geändert · {same} gleich" | "{new} new · {gone} gone · {changed} changed · {same} the same",
        changed_fields: "Geändert: {fields}" | "Changed: {fields}",
        nothing: "Kein Unterschied" | "No difference",
        nothing_text: "Zwischen diesen beiden Ständen hat sich in dieser Ansicht nichts geändert." | "Nothing has changed in this view between these two states.",
        field: "Feld" | "Field",
        show_side: "Anzeigen" | "Show",
        both: "Beide" | "Both",
        print: "Drucken" | "Print",
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
        inspection_requested: "Einsicht beantragt" | "Asked to read content",
        inspection_agreed: "Einsicht erlaubt" | "Agreed to reading content",
        inspection_refused: "Einsicht abgelehnt" | "Refused reading content",
        inspection_ended: "Einsicht beendet" | "Reading content ended",
        content_read: "Inhalt gelesen" | "Content read",
        console_read: "Inhalt an der Konsole gelesen" | "Content read at the console",
        record_read: "Angaben des Schulbüros gelesen" | "Office record read",
        file_read: "Datei gelesen" | "File read",
        file_named: "Gelesene Datei benannt" | "File read named to its owner",
        erasure_planned: "Löschung vorgeschlagen" | "Erasure proposed",
        erasure_withdrawn: "Löschung zurückgezogen" | "Erasure withdrawn",
        erasure_executed: "Löschung ausgeführt" | "Erasure executed",
        erasure_completed: "Löschung abgeschlossen" | "Erasure completed",
        data_exported: "Datenpaket erstellt" | "Data package made",
        log_sealed: "Umzug: Protokoll hier abgeschlossen" | "Move: log sealed here",
        log_resumed: "Umzug: Protokoll hier fortgesetzt" | "Move: log resumed here",
    }
}

impl Kinds {
    /// All kinds: the number in the log, the name in views, and the words.
    pub(crate) fn all(&self) -> [(u16, &'static str, &'static str); 52] {
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
            (123, "RecordRead", self.record_read),
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
            (402, "LogSealed", self.log_sealed),
            (403, "LogResumed", self.log_resumed),
            (404, "InspectionRequested", self.inspection_requested),
            (405, "InspectionAgreed", self.inspection_agreed),
            (406, "InspectionRefused", self.inspection_refused),
            (407, "InspectionEnded", self.inspection_ended),
            (408, "ContentRead", self.content_read),
            (409, "ConsoleRead", self.console_read),
            (410, "FileRead", self.file_read),
            (411, "FileNamed", self.file_named),
            (500, "ErasurePlanned", self.erasure_planned),
            (501, "ErasureWithdrawn", self.erasure_withdrawn),
            (502, "ErasureExecuted", self.erasure_executed),
            (503, "ErasureCompleted", self.erasure_completed),
            (504, "DataExported", self.data_exported),
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

catalogue! {
    /// The fields of views, as the columns of a past state.
    Columns {
        // One text for all: a field and an arm for each would be kilobytes to download.
        all: "person=Person;name=Name;roles=Rollen;open=Offen;group=Gruppe;kind=Art;year=Schuljahr;role=Aufgabe;from=Ab;\
            login=Anmeldename;source_id=Nummer im Schulbüro;birth_date=Geburtsdatum;abbreviation=Kürzel;\
            guardians=Sorgeberechtigte;left=Abgang;code_minted=Einmalcode erzeugt;session=Anmeldung;device=Gerät;way=Weg;\
            since=Seit;position=Nr.;at=Zeit;module=Bereich;stream=Verlauf;version=Stelle;actor=Handelnde Person;\
            node=Datei oder Ordner;space=Ablage;parent=Ordner;author=Von;changed=Geändert;deleted=Gelöscht;audience=Für;\
            room=Gespräch;number=Nr.;message=Nachricht;text=Text;removed_by=Entfernt von;up_to=Gelesen bis Nr.;\
            last=Letzte Nr.;inspection=Antrag;by=Wer;stage=Stand;purpose=Zweck;reason=Begründung;about=Worüber;\
            requested=Beantragt;decided_by=Entschieden von;decided=Entschieden;expires=Gilt bis;ended=Beendet;\
            readings=Gelesene Seiten;agreed_by=Zugestimmt;what=Was;own=Für die antragstellende Person;until=Bis;\
            aged=Einzelne Angaben;approvals=Zustimmungen;basis=Rechtsgrundlage;batch=Vorgang;blobs=Dateien;\
            claims=Anmeldenamen;counts=Betroffen;depth=Vernichtet wird;destroyed=Vernichtet;events=Einträge;\
            executed=Ausgeführt;keys=Schlüssel;people=Personen;planned=Vorgeschlagen;planned_by=Vorgeschlagen von;\
            rows=Neben dem Protokoll;rule=Regel;before=Bis vor" | "person=Person;name=Name;roles=Roles;open=Open;group=Group;kind=Kind;year=School year;role=Role;from=From;\
            login=Login name;source_id=Office number;birth_date=Birth date;abbreviation=Abbreviation;guardians=Guardians;\
            left=Left;code_minted=One-time code made;session=Session;device=Device;way=Way;since=Since;position=No.;\
            at=Time;module=Area;stream=Stream;version=Place;actor=Actor;node=File or folder;space=Space;parent=Folder;\
            author=By;changed=Changed;deleted=Deleted;audience=For;room=Room;number=No.;message=Message;text=Text;\
            removed_by=Removed by;up_to=Read up to no.;last=Last no.;inspection=Request;by=Who;stage=Stage;\
            purpose=Purpose;reason=Reason;about=About;requested=Asked;decided_by=Decided by;decided=Decided;\
            expires=Holds until;ended=Ended;readings=Pages read;agreed_by=Agreed;what=What;own=For whoever asked;\
            until=Until;aged=Single details;approvals=Approvals;basis=Legal basis;batch=Batch;blobs=Files;\
            claims=Login names;counts=Concerned;depth=To be destroyed;destroyed=Destroyed;events=Entries;\
            executed=Carried out;keys=Keys;people=People;planned=Proposed;planned_by=Proposed by;rows=Kept beside the log;\
            rule=Rule;before=Before",
    }
}

impl Columns {
    /// A field in words; one that this page does not know keeps its name.
    pub(crate) fn named<'a>(&self, name: &'a str) -> &'a str {
        let of_name = |pair: &'static str| pair.strip_prefix(name)?.strip_prefix('=');
        self.all.split(';').find_map(of_name).unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::Columns;

    #[test]
    fn both_languages_know_the_same_fields_each_once() {
        let fields = |columns: &Columns| {
            let pairs = columns.all.split(';').map(|pair| pair.split_once('='));
            let fields: Vec<&str> = pairs.map(|pair| pair.expect("a word for each").0).collect();
            fields
        };
        let (german, english) = (fields(&Columns::DE), fields(&Columns::EN));
        assert_eq!(german, english);
        let mut once = german.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), german.len());
        assert_eq!(Columns::DE.named("planned_by"), "Vorgeschlagen von");
        assert_eq!(Columns::DE.named("planned"), "Vorgeschlagen");
        assert_eq!(Columns::DE.named("unheard_of"), "unheard_of");
    }
}
