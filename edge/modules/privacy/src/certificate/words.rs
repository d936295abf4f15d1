//! What the certificate says on paper, in German and in English.

use events::accounts::Role;
use events::privacy::Depth;

/// The texts of one language. Braces name what is filled in.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) what: &'static str,
    pub(super) concerned: (&'static str, &'static str, &'static str),
    pub(super) depth: &'static str,
    pub(super) basis: &'static str,
    pub(super) rule: (&'static str, &'static str),
    pub(super) destroyed: &'static str,
    pub(super) kind: &'static str,
    pub(super) count: &'static str,
    pub(super) keys: &'static str,
    pub(super) events: &'static str,
    pub(super) headers: &'static str,
    pub(super) blobs: &'static str,
    pub(super) claims: &'static str,
    pub(super) rows: &'static str,
    pub(super) approved: &'static str,
    pub(super) proposed: &'static str,
    pub(super) agreed: &'static str,
    pub(super) operator: &'static str,
    pub(super) pseudonym: &'static str,
    pub(super) backups: &'static str,
    pub(super) backups_text: &'static str,
    pub(super) backups_kept: &'static str,
    pub(super) backups_of_events: &'static str,
    pub(super) only_events: &'static str,
    pub(super) event_depth: &'static str,
    pub(super) cut: &'static str,
    pub(super) kinds: [(&'static str, &'static str); 1],
    pub(super) log: &'static str,
    pub(super) executed: &'static str,
    pub(super) position: &'static str,
    pub(super) root_before: &'static str,
    pub(super) root_now: &'static str,
    pub(super) entries: &'static str,
    pub(super) hash: &'static str,
    pub(super) log_note: &'static str,
    pub(super) check: &'static str,
    pub(super) check_server: &'static str,
    pub(super) check_hand: &'static str,
    pub(super) key: &'static str,
    pub(super) fingerprint: &'static str,
    pub(super) fingerprint_note: &'static str,
    pub(super) depths: [&'static str; 3],
    pub(super) roles: [&'static str; 7],
}

impl Words {
    pub(super) fn depth(&self, depth: Depth) -> &'static str {
        let [key, ciphertext, header] = self.depths;
        match depth {
            Depth::Key => key,
            Depth::Ciphertext => ciphertext,
            Depth::Header => header,
        }
    }

    /// How far backups are covered; no epoch when only single events went.
    pub(super) fn backups(&self, epoch: Option<u32>) -> String {
        let Some(epoch) = epoch else {
            return self.backups_of_events.to_owned();
        };
        let text = self.backups_text.replace("{epoch}", &epoch.to_string());
        format!("{text} {}", self.backups_kept)
    }

    pub(super) fn role(&self, role: Role) -> &'static str {
        let [
            pupil,
            teacher,
            staff,
            head,
            administrator,
            auditor,
            data_protection,
        ] = self.roles;
        match role {
            Role::Pupil => pupil,
            Role::Teacher => teacher,
            Role::Staff => staff,
            Role::Head => head,
            Role::Administrator => administrator,
            Role::Auditor => auditor,
            Role::DataProtection => data_protection,
        }
    }
}

pub(super) const GERMAN: Words = Words {
    title: "Löschbescheinigung",
    lead: "Die unten genannten Daten sind vernichtet. Diese Bescheinigung nennt niemanden beim Namen; das Protokoll der Schule belegt sie, und wer den Prüfschlüssel hat, kann sie nachprüfen.",
    what: "Die Löschung",
    concerned: ("Betrifft", "eine Person", "{count} Personen"),
    depth: "Tiefe",
    basis: "Rechtsgrundlage",
    rule: ("Anlass", "Antrag oder Entscheidung im Einzelfall"),
    destroyed: "Was vernichtet wurde",
    kind: "Art",
    count: "Anzahl",
    keys: "Schlüssel, unter denen personenbezogene Inhalte versiegelt waren",
    events: "Einträge im Protokoll, deren versiegelter Inhalt damit unlesbar ist",
    headers: "Einträge im Protokoll, die ganz entfernt sind; von ihnen bleibt ein Hashwert",
    blobs: "Dateien",
    claims: "Anmeldenamen und andere eindeutige Werte, jetzt wieder frei",
    rows: "Passwörter, Sitzungen, Geräte und Codes neben dem Protokoll",
    approved: "Wer entschieden hat",
    proposed: "Vorgeschlagen",
    agreed: "Zugestimmt",
    operator: "Betrieb des Servers oder die Löschregel selbst",
    pseudonym: "Kennung im Protokoll",
    backups: "Sicherungen",
    backups_text: "Sicherungen des Protokolls und der Dateien enthalten die gelöschten Inhalte nur als Schlüsseltext; die Schlüssel dazu sind vernichtet und stehen in keiner dieser Sicherungen. Kopien des Schlüsselbunds von vorher enthalten sie noch: Dateien von „schulhof backup keys“ mit einer Epoche unter {epoch} und Kopien des Ordners keys/. Sie müssen vernichtet werden. Bis dahin kann, wer eine solche Datei und ihre age-Identität hat, ältere Sicherungen lesen; danach sind die Daten in allen Sicherungen unlesbar, ohne dass eine Sicherung verändert werden musste.",
    backups_kept: "Bis ältere Sicherungen ablaufen, bleibt darin für den, der den heutigen Schlüsselbund hat, lesbar, was neben dem Protokoll aufbewahrt wurde: Hashwerte von Anmeldenamen, Passwörtern und Codes, dazu Sitzungen und Geräte; denn ihr Schlüssel besteht fort. Wird eine solche Sicherung eingespielt, führt der Server die Löschung noch einmal aus, bevor sich jemand anmelden kann.",
    backups_of_events: "Der Schlüssel, unter dem diese Angaben versiegelt waren, besteht weiter, denn er schützt auch anderes aus demselben Schuljahr. Die laufende Sicherung packt die betroffenen Stücke beim nächsten Lauf neu, ohne die Angaben, und löscht die alten. Kopien der Sicherung, die an anderer Stelle aufbewahrt werden, enthalten die Angaben noch: Wer auch den Schlüsselbund hat, kann sie lesen, bis diese Kopien gelöscht werden oder der Schlüssel mit der Person vernichtet wird.",
    only_events: "{kind}, {from} bis {to}; niemand wurde gelöscht",
    event_depth: "Der versiegelte Inhalt ist entfernt; Schlüssel und Kopfdaten bestehen weiter.",
    cut: "Einträge im Protokoll, deren personenbezogener Inhalt entfernt ist",
    kinds: [("SignedIn", "Anmeldungen: mit welchem Gerät")],
    log: "Das Protokoll",
    executed: "Vernichtet am",
    position: "Eintrag im Protokoll",
    root_before: "Wurzel davor",
    root_now: "Wurzel bei Ausstellung",
    entries: "{root}\nbei {count} Einträgen",
    hash: "Hash der Stellen",
    log_note: "Die Wurzel ist der Hashwert über alle Einträge bis dahin. Die Löschung hat keinen davon verändert: Jeder Prüfer, der eine ältere Wurzel kennt, kann sich zeigen lassen, dass das Protokoll nur gewachsen ist. Wo etwas fehlen darf, sagt der genannte Eintrag selbst; der Hash der Stellen steht darin. Zeiten sind Weltzeit (UTC).",
    check: "So wird sie geprüft",
    check_server: "Am Server der Schule: Der erste Befehl stellt die Bescheinigung neu aus (DATENVERZEICHNIS ist das der Schule), der zweite prüft das ganze Protokoll. Bis auf Größe und Wurzel des inzwischen gewachsenen Protokolls müssen die Angaben gleich sein.",
    check_hand: "Von Hand, ohne Programme der Schule: In dieser Datei steckt die Bescheinigung als „bescheinigung.json“ und als unterschriebene Notiz „bescheinigung.note“ (c2sp.org/signed-note, Ed25519 nach RFC 8032). Mit poppler-utils und OpenSSL 3:",
    key: "Prüfschlüssel",
    fingerprint: "Fingerabdruck",
    fingerprint_note: "Der Fingerabdruck ist der SHA-256-Hash der Zeile mit dem Prüfschlüssel. Vergleichen Sie ihn mit dem, den die Schule auf anderem Weg nennt, etwa in einem Prüfpaket (schulhof audit export): Wer eine Bescheinigung fälscht, kann auch einen Schlüssel dazu erfinden.",
    depths: [
        "Schlüssel: Was sie versiegelten, kann niemand mehr lesen.",
        "Schlüssel und Schlüsseltexte: Auch der unlesbare Inhalt ist entfernt.",
        "Schlüssel, Schlüsseltexte und Kopfdaten dessen, was nur die Person betraf.",
    ],
    roles: [
        "Schülerin oder Schüler",
        "Lehrkraft",
        "Personal",
        "Schulleitung",
        "Administration",
        "Prüfung",
        "Datenschutz",
    ],
};

pub(super) const ENGLISH: Words = Words {
    title: "Certificate of Erasure",
    lead: "The data below has been destroyed. This certificate names nobody; the school's log bears it out, and whoever has the verifier key can check it.",
    what: "The erasure",
    concerned: ("Concerns", "one person", "{count} people"),
    depth: "Depth",
    basis: "Legal basis",
    rule: ("Occasion", "a request or a decision in a single case"),
    destroyed: "What was destroyed",
    kind: "Kind",
    count: "Count",
    keys: "keys under which personal content was sealed",
    events: "entries of the log whose sealed content cannot be read any more",
    headers: "entries of the log that are removed as a whole; a hash stays in their place",
    blobs: "files",
    claims: "login names and other unique values, now free again",
    rows: "passwords, sessions, devices and codes kept beside the log",
    approved: "Who decided",
    proposed: "Proposed",
    agreed: "Agreed",
    operator: "the server's operator, or the retention rule itself",
    pseudonym: "known in the log as",
    backups: "Backups",
    backups_text: "Backups of the log and the files hold the erased content as ciphertext only; its keys are destroyed and are in none of these backups. Copies of the keyring of before still hold them: files of “schulhof backup keys” with an epoch below {epoch}, and copies of the folder keys/. They have to be destroyed. Until then whoever has such a file and its age identity can read older backups; afterwards the data is unreadable in every backup, and no backup had to be changed for it.",
    backups_kept: "Until older backups expire, whoever has today's keyring can read in them what was kept beside the log: hashes of login names, passwords and codes, sessions and devices; for their key goes on to exist. When such a backup is restored the server carries the erasure out once more before anybody can sign in.",
    backups_of_events: "The key under which this was sealed goes on to exist, for it protects other content of the same school year as well. The running backup packs the pieces concerned anew when it next runs, without this content, and deletes the old ones. Copies of the backup that are kept elsewhere still hold it: whoever has the keyring as well can read it, until those copies are deleted or the key is destroyed with the person.",
    only_events: "{kind}, {from} to {to}; nobody was forgotten",
    event_depth: "The sealed content is removed; keys and headers stay.",
    cut: "entries of the log whose personal content is removed",
    kinds: [("SignedIn", "sign-ins: with which device")],
    log: "The log",
    executed: "Destroyed on",
    position: "Entry in the log",
    root_before: "Root before",
    root_now: "Root when issued",
    entries: "{root}\nat {count} entries",
    hash: "Hash of the places",
    log_note: "The root is the hash over all entries up to there. The erasure changed none of them: an auditor who knows an older root can have it shown that the log has only grown. Where something may be missing the named entry says itself; it holds the hash of the places. Times are UTC.",
    check: "How to check it",
    check_server: "On the school's server: the first command issues the certificate anew (DATENVERZEICHNIS is the school's data directory), the second verifies the whole log. But for the size and the root of the log, which has grown since, everything must be equal.",
    check_hand: "By hand, without the school's programs: this file carries the certificate as “bescheinigung.json” and as a signed note “bescheinigung.note” (c2sp.org/signed-note, Ed25519 of RFC 8032). With poppler-utils and OpenSSL 3:",
    key: "Verifier key",
    fingerprint: "Fingerprint",
    fingerprint_note: "The fingerprint is the SHA-256 hash of the line with the verifier key. Compare it with the one that the school gives you by another way, such as in an audit package (schulhof audit export): whoever forges a certificate can invent a key for it as well.",
    depths: [
        "Keys: what they sealed can be read by nobody any more.",
        "Keys and ciphertexts: the unreadable content is removed as well.",
        "Keys, ciphertexts, and the headers of what concerned the person alone.",
    ],
    roles: [
        "pupil",
        "teacher",
        "staff",
        "head of the school",
        "administrator",
        "auditor",
        "data protection",
    ],
};
