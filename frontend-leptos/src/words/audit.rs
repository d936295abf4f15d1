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

/// All kinds: the number in the log, and the name in views.
const KINDS: [(u16, &str); 52] = [
    (100, "SchoolFounded"),
    (101, "PersonAdded"),
    (102, "PersonRenamed"),
    (103, "PersonDescribed"),
    (104, "GuardianNamed"),
    (105, "GuardianRemoved"),
    (106, "RoleGiven"),
    (107, "RoleTaken"),
    (108, "LoginNameGiven"),
    (109, "CodeMinted"),
    (110, "PasswordChosen"),
    (111, "SignedIn"),
    (112, "SessionEnded"),
    (113, "AccountClosed"),
    (114, "AccountReopened"),
    (115, "GroupAdded"),
    (116, "GroupRenamed"),
    (117, "GroupClosed"),
    (118, "MemberAdded"),
    (119, "MemberRemoved"),
    (120, "RosterImported"),
    (121, "RosterImportUndone"),
    (122, "GroupReopened"),
    (123, "RecordRead"),
    (200, "SpaceOpened"),
    (201, "FolderAdded"),
    (202, "FileAdded"),
    (203, "NodeRenamed"),
    (204, "NodeMoved"),
    (205, "NodeDeleted"),
    (206, "NodeRestored"),
    (300, "RoomOpened"),
    (301, "MessageSent"),
    (302, "MessageRemoved"),
    (303, "RoomRead"),
    (400, "Viewed"),
    (401, "ConsoleViewed"),
    (402, "LogSealed"),
    (403, "LogResumed"),
    (404, "InspectionRequested"),
    (405, "InspectionAgreed"),
    (406, "InspectionRefused"),
    (407, "InspectionEnded"),
    (408, "ContentRead"),
    (409, "ConsoleRead"),
    (410, "FileRead"),
    (411, "FileNamed"),
    (500, "ErasurePlanned"),
    (501, "ErasureWithdrawn"),
    (502, "ErasureExecuted"),
    (503, "ErasureCompleted"),
    (504, "DataExported"),
];

catalogue! {
    /// The kinds of events, as an auditor reads them.
    Kinds {
        // One text for all, in the order of the table above: a field for each would be more to download.
        all: "Schule eingerichtet;Person aufgenommen;Person umbenannt;Angaben zur Person geändert;\
            Sorgeberechtigte eingetragen;Sorgeberechtigte ausgetragen;Aufgabe vergeben;Aufgabe entzogen;\
            Anmeldename vergeben;Einmalcode erzeugt;Passwort gewählt;Angemeldet;Abgemeldet;Konto geschlossen;\
            Konto wieder geöffnet;Gruppe angelegt;Gruppe umbenannt;Gruppe geschlossen;In Gruppe aufgenommen;\
            Aus Gruppe ausgetreten;Liste eingelesen;Einlesung zurückgenommen;Gruppe wieder geöffnet;\
            Angaben des Schulbüros gelesen;Ablage eröffnet;Ordner angelegt;Datei hochgeladen;Datei oder Ordner umbenannt;\
            Datei oder Ordner verschoben;Datei oder Ordner gelöscht;Datei oder Ordner wiederhergestellt;Gespräch eröffnet;\
            Nachricht gesendet;Nachricht entfernt;Gespräch gelesen;Protokoll angesehen;Protokoll an der Konsole angesehen;\
            Umzug: Protokoll hier abgeschlossen;Umzug: Protokoll hier fortgesetzt;Einsicht beantragt;Einsicht erlaubt;\
            Einsicht abgelehnt;Einsicht beendet;Inhalt gelesen;Inhalt an der Konsole gelesen;Datei gelesen;\
            Gelesene Datei benannt;Löschung vorgeschlagen;Löschung zurückgezogen;Löschung ausgeführt;\
            Löschung abgeschlossen;Datenpaket erstellt" | "School founded;Person added;Person renamed;Person's details changed;Guardian named;Guardian removed;\
            Role given;Role taken;Login name given;One-time code made;Password chosen;Signed in;Session ended;\
            Account closed;Account reopened;Group added;Group renamed;Group closed;Member added;Member removed;\
            Roster imported;Import undone;Group reopened;Office record read;Space opened;Folder added;File added;\
            File or folder renamed;File or folder moved;File or folder deleted;File or folder restored;Room opened;\
            Message sent;Message removed;Room read;Log viewed;Log viewed at the console;Move: log sealed here;\
            Move: log resumed here;Asked to read content;Agreed to reading content;Refused reading content;\
            Reading content ended;Content read;Content read at the console;File read;File read named to its owner;\
            Erasure proposed;Erasure withdrawn;Erasure executed;Erasure completed;Data package made",
    }
}

/// A kind: the number in the log, the name in views, and the words.
type Kind = (u16, &'static str, &'static str);

impl Kinds {
    /// All kinds.
    pub(crate) fn all(&self) -> impl Iterator<Item = Kind> + use<> {
        let said = self.all.split(';');
        said.zip(KINDS)
            .map(|(said, (number, name))| (number, name, said))
    }

    /// A kind in words by its name; one that this page does not know keeps its name.
    pub(crate) fn named<'a>(&self, name: &'a str) -> &'a str {
        let known = self.all().find(|kind| kind.1 == name);
        known.map_or(name, |kind| kind.2)
    }

    /// A kind in words by its number; one that this page does not know keeps its number.
    pub(crate) fn numbered(&self, number: u16) -> String {
        let known = self.all().find(|kind| kind.0 == number);
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
    use super::{Columns, KINDS, Kinds};

    #[test]
    fn both_languages_have_words_for_every_kind() {
        for kinds in [&Kinds::DE, &Kinds::EN] {
            assert_eq!(kinds.all.split(';').count(), KINDS.len());
        }
        let ends = [
            ("SchoolFounded", "Schule eingerichtet"),
            ("LogResumed", "Umzug: Protokoll hier fortgesetzt"),
        ];
        for (name, said) in ends {
            assert_eq!(Kinds::DE.named(name), said);
        }
        assert_eq!(Kinds::EN.numbered(u16::MAX), "65535");
    }

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
