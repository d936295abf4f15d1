//! Who is let in where. A row is a door, what stands for its parameters, what is asked, and the letters of those whom it
//! lets in; every door needs rows for one's own object and for somebody else's.

/// The columns of the table: a pupil of the other class, a pupil, a class teacher, staff, head, administrator, auditor, and the
/// data-protection officer.
pub(super) const COLUMNS: [(char, &str); 8] = [
    ('O', "olga"),
    ('P', "paul"),
    ('T', "tilda"),
    ('S', "stefan"),
    ('H', "helga"),
    ('A', "adam"),
    ('U', "anna"),
    ('D', "dora"),
];

/// Doors without a lock. This list may only get shorter.
pub(super) const OPEN: [&str; 4] = [
    // The signature on the checkpoint is the proof of who asks (c2sp.org/tlog-witness).
    "POST /witness/add-checkpoint",
    "GET /api/openapi.json",
    "POST /api/session",
    "POST /api/session/code",
];

/// A door, what stands for its parameters, what is asked, and who is let in. `«…»` is filled in from the scene.
pub(super) struct Row {
    pub(super) door: &'static str,
    pub(super) with: &'static [&'static str],
    pub(super) query: &'static str,
    pub(super) body: &'static str,
    pub(super) let_in: &'static str,
}

const fn row(
    door: &'static str,
    with: &'static [&'static str],
    query: &'static str,
    body: &'static str,
    let_in: &'static str,
) -> Row {
    Row {
        door,
        with,
        query,
        body,
        let_in,
    }
}

const RENAME: &str = r#"{"RenamePerson":{"name":{"given":"Neu","family":"Beispiel"}}}"#;
const PROMOTE: &str = r#"{"GiveRole":{"role":"administrator"}}"#;
const LOGIN: &str = r#"{"GiveLoginName":{"login":"n«word»"}}"#;
const CLOSE: &str = r#"{"CloseAccount":{"on":"2026-11-23"}}"#;
const RENAME_GROUP: &str = r#"{"RenameGroup":{"name":"Gruppe «word»"}}"#;
const JOIN: &str = r#"{"AddMember":{"person":"«kim»","role":"member","from":"2026-08-01"}}"#;
const FOLDER: &str =
    r#"{"AddFolder":{"node":"«new»","parent":null,"name":"Ordner «word»","author":"«me»"}}"#;
const SAY: &str = r#"{"SendMessage":{"message":"«new»","author":"«me»","text":"Hallo"}}"#;
const SAY_AS_PIA: &str = r#"{"SendMessage":{"message":"«new»","author":"«pia»","text":"Hallo"}}"#;
const FOLDER_AS_PIA: &str =
    r#"{"AddFolder":{"node":"«new»","parent":null,"name":"Ordner «word»","author":"«pia»"}}"#;
const REMOVE: &str = r#"{"RemoveMessage":{"number":1,"by":"«me»"}}"#;
const INSPECT: &str = r#"{"purpose":"conflict","reason":"Streit","about":{"person":"«pia»"},"from":null,"until":null}"#;
const ADD: &str = r#"{"name":{"given":"Neu","family":"Beispiel"},"roles":["pupil"],"login":null}"#;
pub(super) const ROSTER: &str = "Vorname;Nachname;Klasse\nMia;Muster;6a\n";

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row("GET /api/session", &[], "", "", "OPTSHAUD"),
    row("GET /api/feed", &[], "", "", "OPTSHAUD"),

    row("GET /api/accounts/people", &[], "", "", "OPTSHAUD"),
    row("GET /api/accounts/people", &[], "scope=school", "", "OPTSHAUD"),
    row("GET /api/accounts/groups", &[], "", "", "OPTSHAUD"),
    row("GET /api/accounts/members", &[], "scope=roll:«5a»", "", "-PTSHA--"),
    row("GET /api/accounts/records", &[], "scope=administration", "", "----HA--"),
    row("GET /api/accounts/sessions", &[], "", "", "OPTSHAUD"),
    row("GET /api/accounts/sessions", &[], "scope=person:«paul»", "", "-P------"),
    row("GET /api/accounts/people/{id}/groups", &["paul"], "", "", "-PTSHA--"),
    row("GET /api/accounts/people/{id}/groups", &["olga"], "", "", "O-TSHA--"),
    row("POST /api/accounts/people", &[], "", ADD, "-----A--"),
    row("POST /api/accounts/people/{id}/command", &["paul"], "", RENAME, "----HA--"),
    row("POST /api/accounts/people/{id}/command", &["adam"], "", RENAME, "-----A--"),
    row("POST /api/accounts/people/{id}/command", &["me"], "", PROMOTE, "-----A--"),
    row("POST /api/accounts/people/{id}/command", &["pia"], "", LOGIN, "-----A--"),
    row("POST /api/accounts/people/{id}/command", &["zoe"], "", CLOSE, "----HA--"),
    row("POST /api/accounts/people/{id}/code", &["pia"], "", "", "--T-HA--"),
    row("POST /api/accounts/people/{id}/code", &["zoe"], "", "", "----HA--"),
    row("POST /api/accounts/people/{id}/code", &["otto"], "", "", "----HA--"),
    row("POST /api/accounts/people/{id}/code", &["amt"], "", "", "-----A--"),
    row("POST /api/accounts/groups", &[], "", r#"{"name":"Klasse «word»","kind":"class","year":2026}"#, "----HA--"),
    row("POST /api/accounts/groups", &[], "", r#"{"name":"AG «word»","kind":"club","year":2026}"#, "--TSHA--"),
    row("POST /api/accounts/groups/{id}/command", &["5a"], "", RENAME_GROUP, "----HA--"),
    row("POST /api/accounts/groups/{id}/command", &["5a"], "", JOIN, "----HA--"),
    row("POST /api/accounts/groups/{id}/command", &["Chor"], "", RENAME_GROUP, "--T-HA--"),
    row("POST /api/accounts/import", &[], "source=auto", ROSTER, "-----A--"),
    row("GET /api/accounts/imports", &[], "", "", "-----A--"),
    row("POST /api/accounts/import/{id}/apply", &["preview"], "", "", "-----A--"),
    row("POST /api/accounts/import/{id}/undo", &["applied"], "", "", "-----A--"),

    row("GET /api/files/spaces", &[], "", "", "OPTSHAUD"),
    row("GET /api/files/files", &[], "scope=space:«space 5a»&prefix=top/", "", "-PT-----"),
    row("GET /api/files/files", &[], "scope=space:«space paul»&prefix=top/", "", "-P------"),
    row("POST /api/files/spaces/{space}/command", &["space 5a"], "", FOLDER, "-PT-----"),
    row("POST /api/files/spaces/{space}/command", &["space 5a"], "", FOLDER_AS_PIA, "--------"),
    row("POST /api/files/spaces/{space}/command", &["space paul"], "", FOLDER, "-P------"),
    row("POST /api/files/spaces/{space}/command", &["space 5a"], "", r#"{"DeleteNode":{"node":"«file 5a»"}}"#, "--T-----"),
    row("POST /api/files/spaces/{space}/upload", &["space 5a"], "", "Inhalt", "-PT-----"),
    row("POST /api/files/spaces/{space}/upload", &["space paul"], "", "Inhalt", "-P------"),
    row("GET /api/files/spaces/{space}/nodes/{node}/content", &["space 5a", "kept 5a"], "", "", "-PT-----"),
    row("GET /api/files/spaces/{space}/nodes/{node}/content", &["space me", "kept 5a"], "", "", "--------"),
    row("GET /api/files/spaces/{space}/nodes/{node}/content", &["space paul", "file paul"], "", "", "-P------"),

    row("GET /api/messenger/rooms", &[], "", "", "OPTSHAUD"),
    row("GET /api/messenger/reads", &[], "", "", "OPTSHAUD"),
    row("GET /api/messenger/reads", &[], "scope=person:«paul»", "", "-P------"),
    row("GET /api/messenger/messages", &[], "scope=room:«room 5a»", "", "-PT-----"),
    row("GET /api/messenger/messages", &[], "scope=room:«pair»", "", "-PT-----"),
    row("POST /api/messenger/direct", &[], "", r#"{"with":"«pia»"}"#, "-PTSHAUD"),
    row("POST /api/messenger/rooms/{room}/command", &["room 5a"], "", SAY, "-PT-----"),
    row("POST /api/messenger/rooms/{room}/command", &["room 5a"], "", SAY_AS_PIA, "--------"),
    row("POST /api/messenger/rooms/{room}/command", &["pair"], "", SAY, "-PT-----"),
    row("POST /api/messenger/rooms/{room}/command", &["room 5a"], "", REMOVE, "--T-----"),
    row("POST /api/messenger/rooms/{room}/read", &["room 5a"], "", r#"{"up_to":1}"#, "-PT-----"),

    row("GET /api/audit/entries", &[], "", "", "------UD"),
    row("GET /api/audit/proof/{position}", &["1"], "", "", "------UD"),
    row("GET /api/audit/backup", &[], "", "", "----HA-D"),
    row("GET /api/audit/replay", &[], "view=people&until=3", "", "------UD"),

    row("GET /api/audit/replay", &[], "view=messages&until=3&inspection=«inspection»", "", "------U-"),
    row("GET /api/audit/compare", &[], "view=people&one=1&other=3", "", "------UD"),
    row("GET /api/audit/compare", &[], "view=messages&one=1&other=3&inspection=«inspection»", "", "------U-"),
    row("GET /api/audit/working", &[], "", "", "OPTSHAUD"),
    row("GET /api/audit/looks", &[], "", "", "OPTSHAUD"),
    row("GET /api/audit/inspections", &[], "", "", "----HAUD"),
    row("GET /api/audit/inspections", &[], "scope=oversight", "", "----HA-D"),
    row("GET /api/audit/inspections", &[], "scope=person:«anna»", "", "------U-"),
    row("POST /api/audit/inspections", &[], "", INSPECT, "----HAUD"),
    row("POST /api/audit/inspections/{inspection}/agree", &["inspection"], "", "", "----HA-D"),
    row("POST /api/audit/inspections/{inspection}/refuse", &["inspection"], "", "", "----HA-D"),
    row("POST /api/audit/inspections/{inspection}/end", &["inspection"], "", "", "----HAUD"),
    row("POST /api/audit/inspections/{inspection}/end", &["inspection amt"], "", "", "----HA-D"),

    row("GET /api/audit/inspections/{inspection}/files/{space}/{node}", &["inspection", "space 5a", "kept 5a"], "until=3", "", "------U-"),
    row("GET /audit/log/checkpoint", &[], "", "", "------UD"),
    row("GET /audit/log/tile/{level}/{index}", &["0", "000.p/1"], "", "", "------UD"),
    row("GET /audit/log/tile/entries/{index}", &["000.p/1"], "", "", "------UD"),
    row("GET /api/audit/consistency", &[], "from=1", "", "OPTSHAUD"),
    row("GET /api/audit/witnesses", &[], "", "", "----HAUD"),

    row("GET /api/privacy/erasures", &[], "", "", "----HA-D"),
    row("GET /api/privacy/due", &[], "", "", "----HA-D"),
    row("POST /api/privacy/erasures/dry-run", &[], "", r#"{"people":["«zoe»"]}"#, "----HA--"),
    row("POST /api/privacy/erasures", &[], "", r#"{"people":["«zoe»"],"basis":"Art. 17","depth":"key"}"#, "----HA--"),
    row("POST /api/privacy/erasures/{batch}/withdraw", &["batch"], "", "", "----HA--"),
    row("POST /api/privacy/erasures/{batch}/agree", &["batch"], "", "", "----HA--"),
    row("GET /api/privacy/erasures/{batch}/certificate", &["batch"], "", "", "----HA-D"),
    row("GET /api/privacy/erasures/{batch}/certificate.pdf", &["batch"], "", "", "----HA-D"),
    // Everybody's own; before it is made there is nothing to hand out.
    row("GET /api/privacy/package/content", &[], "", "", "--------"),
    row("GET /api/privacy/package", &[], "", "", "OPTSHAUD"),
    row("POST /api/privacy/package", &[], "", "", "OPTSHAUD"),

    // These end sessions, so they come last.
    row("POST /api/accounts/sessions/{id}/end", &["session paul"], "", "", "-P------"),
    row("POST /api/accounts/sessions/{id}/end", &["session me"], "", "", "OPTSHAUD"),
    row("POST /api/accounts/password", &[], "", r#"{"old":"«password»","new":"Birke-77-Fenster"}"#, "OPTSHAUD"),
    row("DELETE /api/session", &[], "", "", "OPTSHAUD"),
];
