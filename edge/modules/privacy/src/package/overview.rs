//! The overview that people read: who the school says they are, their groups, sign-ins, messages and files.

use super::paths::{link, portable};
use events::accounts::{AccountsEvent, Date, MemberRole, PersonName, Role, Way};
use events::audit::view::LookRow;
use events::files::{BlobRef, FilesEvent};
use events::ids::{GroupId, PersonId, RoomId};
use events::messenger::MessengerEvent;
use events::scope::Audience;
use events::{AnyEvent, Millis, Recorded};
use maud::{DOCTYPE, Markup, html};
use std::collections::HashMap;

/// What the overview shows, folded from the log.
pub(crate) struct Overview {
    person: PersonId,
    school: String,
    name: Option<PersonName>,
    roles: Vec<Role>,
    logins: Vec<String>,
    birth_date: Option<Date>,
    source_id: Option<String>,
    abbreviation: Option<String>,
    guardians: HashMap<PersonId, String>,
    groups: HashMap<GroupId, String>,
    rooms: HashMap<RoomId, Audience>,
    memberships: Vec<Membership>,
    sign_ins: Vec<SignIn>,
    messages: Vec<Message>,
    /// Their files.
    pub(crate) files: Vec<Stored>,
    /// Who has looked at their data.
    pub(crate) looks: Vec<LookRow>,
    /// How many events concern them.
    pub(crate) events: u64,
}

struct Membership {
    group: GroupId,
    role: MemberRole,
    from: Date,
    until: Option<Date>,
}

struct SignIn {
    at: Millis,
    device: String,
    way: Way,
}

struct Message {
    at: Millis,
    room: RoomId,
    number: u64,
    text: String,
    is_removed: bool,
}

/// A file they added.
pub(crate) struct Stored {
    at: Millis,
    name: String,
    /// Where it is in the package.
    pub(crate) path: String,
    /// Its bytes on the machine.
    pub(crate) blob: BlobRef,
    /// Whether the bytes are in the package.
    pub(crate) is_here: bool,
}

impl Overview {
    pub(crate) fn of(person: PersonId) -> Self {
        Self {
            person,
            school: String::new(),
            name: None,
            roles: Vec::new(),
            logins: Vec::new(),
            birth_date: None,
            source_id: None,
            abbreviation: None,
            guardians: HashMap::new(),
            groups: HashMap::new(),
            rooms: HashMap::new(),
            memberships: Vec::new(),
            sign_ins: Vec::new(),
            messages: Vec::new(),
            files: Vec::new(),
            looks: Vec::new(),
            events: 0,
        }
    }

    /// How many bytes their files have.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.blob.size).sum()
    }

    /// Takes one event in.
    pub(crate) fn apply(&mut self, recorded: &Recorded) {
        match &recorded.event {
            AnyEvent::Accounts(event) => self.account(recorded.at, event),
            AnyEvent::Messenger(event) => self.said(recorded.at, event),
            AnyEvent::Files(FilesEvent::FileAdded {
                author, name, blob, ..
            }) if *author == self.person => {
                let name = name.get().cloned().unwrap_or_default();
                let path = format!("files/{:04} {}", self.files.len() + 1, portable(&name));
                self.files.push(Stored {
                    at: recorded.at,
                    name,
                    path,
                    blob: blob.clone(),
                    is_here: false,
                });
            }
            AnyEvent::Files(_) | AnyEvent::Audit(_) | AnyEvent::Privacy(_) => {}
        }
    }

    fn account(&mut self, at: Millis, event: &AccountsEvent) {
        use AccountsEvent as E;
        match event {
            E::SchoolFounded { name } => self.school.clone_from(name),
            E::GroupAdded { group, name, .. } | E::GroupRenamed { group, name } => {
                self.groups.insert(*group, name.clone());
            }
            _ if event.person() == Some(self.person) => self.own(at, event),
            _ => {}
        }
    }

    fn own(&mut self, at: Millis, event: &AccountsEvent) {
        use AccountsEvent as E;
        match event {
            E::PersonAdded { name, roles, .. } => {
                self.name = name.get().cloned();
                self.roles.clone_from(roles);
            }
            E::PersonRenamed { name, .. } => self.name = name.get().cloned(),
            E::PersonDescribed {
                source_id,
                birth_date,
                abbreviation,
                ..
            } => {
                self.source_id = source_id.get().cloned().flatten();
                self.birth_date = birth_date.get().cloned().flatten();
                self.abbreviation = abbreviation.get().cloned().flatten();
            }
            E::GuardianNamed { guardian, name, .. } => {
                self.guardians
                    .insert(*guardian, name.get().map(full).unwrap_or_default());
            }
            E::GuardianRemoved { guardian, .. } => {
                self.guardians.remove(guardian);
            }
            E::RoleGiven { role, .. } => self.roles.push(*role),
            E::RoleTaken { role, .. } => self.roles.retain(|held| held != role),
            E::LoginNameGiven { login, .. } => self.logins.extend(login.get().cloned()),
            E::SignedIn { device, way, .. } => self.sign_ins.push(SignIn {
                at,
                device: device.get().cloned().unwrap_or_default(),
                way: *way,
            }),
            E::MemberAdded {
                group, role, from, ..
            } => self.memberships.push(Membership {
                group: *group,
                role: *role,
                from: from.clone(),
                until: None,
            }),
            E::MemberRemoved { group, until, .. } => {
                for one in &mut self.memberships {
                    if one.group == *group && one.until.is_none() {
                        one.until = Some(until.clone());
                    }
                }
            }
            _ => {}
        }
    }

    fn said(&mut self, at: Millis, event: &MessengerEvent) {
        match event {
            MessengerEvent::RoomOpened { room, audience } => {
                self.rooms.insert(*room, *audience);
            }
            MessengerEvent::MessageSent {
                room,
                number,
                author,
                text,
                ..
            } if *author == self.person => self.messages.push(Message {
                at,
                room: *room,
                number: *number,
                text: text.get().cloned().unwrap_or_default(),
                is_removed: false,
            }),
            MessengerEvent::MessageRemoved { room, number, .. } => {
                for message in &mut self.messages {
                    message.is_removed |= message.room == *room && message.number == *number;
                }
            }
            _ => {}
        }
    }

    fn room(&self, room: RoomId) -> &str {
        match self.rooms.get(&room) {
            Some(Audience::Group(group)) => self.groups.get(group).map_or("", String::as_str),
            Some(Audience::Pair(..)) => "Gespräch zu zweit",
            Some(Audience::Person(_)) | None => "",
        }
    }

    /// The page. It needs nothing from outside: no script, no picture, no font.
    pub(crate) fn html(&self, when: &dyn Fn(Millis) -> String) -> String {
        let name = self.name.as_ref().map(full).unwrap_or_default();
        let page = html! {
            (DOCTYPE)
            html lang="de" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { "Meine Daten – " (name) }
                    style { (maud::PreEscaped(include_str!("overview.css"))) }
                }
                body {
                    header {
                        p { (self.school) }
                        h1 { (name) }
                        p {
                            "Alles, was der Schulserver zu dieser Person weiß (Art. 15 und 20 DSGVO). Die Dateien liegen im Ordner "
                            code { "files" } ", jedes einzelne Ereignis steht in " a href="events.jsonl" { code { "events.jsonl" } }
                            " (" (self.events) " Zeilen JSON). Was andere geschrieben haben, gehört diesen und ist nicht enthalten."
                        }
                        p lang="en" {
                            "Everything the school's server knows about this person (GDPR Articles 15 and 20). The files are in the folder "
                            code { "files" } "; every single event is in " code { "events.jsonl" }
                            ". What others wrote is theirs and not included."
                        }
                    }
                    (self.person_section())
                    (self.group_section())
                    (self.file_section(when))
                    (self.message_section(when))
                    (self.sign_in_section(when))
                    (super::looks::section(&self.looks, when))
                }
            }
        };
        page.into_string()
    }

    fn person_section(&self) -> Markup {
        let birth = self.birth_date.as_ref().map(Date::as_str);
        let roles: Vec<&str> = self.roles.iter().map(|role| role_in_words(*role)).collect();
        let guardians: Vec<&str> = self.guardians.values().map(String::as_str).collect();
        let facts = [
            ("Rollen", roles.join(", ")),
            ("Anmeldenamen", self.logins.join(", ")),
            ("Geburtsdatum", birth.unwrap_or_default().to_owned()),
            (
                "Nummer im Schulbüro",
                self.source_id.clone().unwrap_or_default(),
            ),
            ("Kürzel", self.abbreviation.clone().unwrap_or_default()),
            ("Erziehungsberechtigte", guardians.join(", ")),
            ("Kennung", self.person.to_string()),
        ];
        let known = facts.iter().filter(|(_, value)| !value.is_empty());
        html! {
            section {
                h2 { "Person" }
                dl { @for (what, value) in known { dt { (what) } dd { (value) } } }
            }
        }
    }

    fn group_section(&self) -> Markup {
        let rows = self.memberships.iter().map(|one| {
            let group = self.groups.get(&one.group).map_or("", String::as_str);
            let role = match one.role {
                MemberRole::Member => "Mitglied",
                MemberRole::Leader => "Leitung",
            };
            let until = one.until.as_ref().map_or("", Date::as_str);
            [group, role, one.from.as_str(), until].map(str::to_owned)
        });
        table("Gruppen", ["Gruppe", "als", "von", "bis"], rows.collect())
    }

    fn message_section(&self, when: &dyn Fn(Millis) -> String) -> Markup {
        let rows = self.messages.iter().map(|message| {
            let mark = if message.is_removed {
                " (gelöscht)"
            } else {
                ""
            };
            let room = self.room(message.room).to_owned();
            [when(message.at), room, format!("{}{mark}", message.text)]
        });
        table("Nachrichten", ["Zeit", "Raum", "Text"], rows.collect())
    }

    fn sign_in_section(&self, when: &dyn Fn(Millis) -> String) -> Markup {
        let rows = self.sign_ins.iter().map(|one| {
            let way = match one.way {
                Way::Lan => "in der Schule",
                Way::Relay => "von außerhalb",
            };
            [when(one.at), one.device.clone(), way.to_owned()]
        });
        table(
            "Anmeldungen (Zeiten auf eine Viertelstunde gerundet)",
            ["Zeit", "Gerät", "von wo"],
            rows.collect(),
        )
    }

    fn file_section(&self, when: &dyn Fn(Millis) -> String) -> Markup {
        html! {
            section {
                h2 { "Dateien " small { (self.files.len()) } }
                @if self.files.is_empty() { p.none { "Keine." } } @else {
                    table {
                        thead { tr { th { "Zeit" } th { "Name" } th.number { "Bytes" } } }
                        tbody {
                            @for file in &self.files {
                                tr {
                                    td { (when(file.at)) }
                                    td {
                                        @if file.is_here { a href=(link(&file.path)) { (file.name) } }
                                        @else { (file.name) " (nicht mehr vorhanden)" }
                                    }
                                    td.number { (file.blob.size) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn table<const N: usize>(
    title: &str,
    heads: [&str; N],
    rows: Vec<[String; N]>,
) -> Markup {
    html! {
        section {
            h2 { (title) " " small { (rows.len()) } }
            @if rows.is_empty() { p.none { "Keine." } } @else {
                table {
                    thead { tr { @for head in heads { th { (head) } } } }
                    tbody { @for row in &rows { tr { @for cell in row { td { (cell) } } } } }
                }
            }
        }
    }
}

fn full(name: &PersonName) -> String {
    format!("{} {}", name.given, name.family)
}

pub(super) fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Pupil => "Schülerin oder Schüler",
        Role::Teacher => "Lehrkraft",
        Role::Staff => "Personal",
        Role::Head => "Schulleitung",
        Role::Administrator => "Administration",
        Role::Auditor => "Prüfung",
        Role::DataProtection => "Datenschutz",
    }
}
