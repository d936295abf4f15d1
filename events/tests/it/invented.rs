//! An invented school of one class, two courses and a few weeks: about five hundred events in which every kind occurs. The
//! same on every run: chance is a counter, time is a number, and nobody in it exists.

use crate::samples::every_event;
use events::accounts::{
    AccountsEvent as A, Date, EndReason, GroupKind, MemberRole, PersonName, Role, Way,
};
use events::audit::{AuditEvent, Looked};
use events::files::{BlobRef, FilesEvent as F};
use events::ids::*;
use events::messenger::MessengerEvent as M;
use events::personal::Withheld;
use events::scope::Audience;
use events::{AnyEvent, Personal, Recorded, any::COARSE_MILLIS};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Monday, 31 August 2026, 06:00 UTC: the first day of school.
const MONDAY: u64 = 1_788_156_000_000;
const GIVEN: [&str; 12] = [
    "Ayşe", "Bjarne", "Çağla", "Dörte", "Enno", "Fenja", "Greta", "Hauke", "Imke", "Jörn", "Katja",
    "Łukasz",
];
const FAMILY: [&str; 9] = [
    "Ahrens",
    "Bückmann",
    "Claaßen",
    "Deichgräber",
    "Eggers",
    "Folkerts",
    "Groß",
    "Harms",
    "Öztürk",
];
const SAID: [&str; 6] = [
    "Moin zusammen!",
    "Wer hat das Arbeitsblatt zu „Ebbe & Flut“?",
    "Morgen bitte Sportzeug mitbringen. 🏃",
    "Danke\tund bis später",
    "Die Klassenarbeit ist am Donnerstag,\nnicht am Mittwoch.",
    "ok",
];

/// The log as it grows.
#[derive(Default)]
struct Story {
    log: Vec<Recorded>,
    versions: BTreeMap<StreamId, u32>,
    said: BTreeMap<RoomId, u64>,
    drawn: u64,
    now: u64,
}

impl Story {
    /// The next number of a fixed, well-mixed sequence (SplitMix64).
    fn chance(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.drawn;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let index = usize::try_from(self.chance() % from.len() as u64).unwrap_or_default();
        from[index]
    }

    fn id(&mut self) -> Uuid {
        let (high, low) = (self.chance(), self.chance());
        uuid::Builder::from_random_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
            .into_uuid()
    }

    fn next_number(&mut self, room: RoomId) -> u64 {
        let said = self.said.entry(room).or_default();
        *said += 1;
        *said
    }

    fn add(&mut self, stream: Uuid, actor: PersonId, event: impl Into<AnyEvent>) {
        let event = event.into();
        self.now += self.chance() % 600_000;
        let exact = MONDAY + self.now;
        let grain = if event.is_coarse() { COARSE_MILLIS } else { 1 };
        let version = self.versions.entry(StreamId(stream)).or_default();
        *version += 1;
        self.log.push(Recorded {
            position: self.log.len() as u64 + 1,
            at: exact - exact % grain,
            stream: StreamId(stream),
            version: *version,
            actor: Pseudonym(StreamId::beside(actor.0, b'p').0),
            event,
        });
    }
}

fn day(text: &str) -> Date {
    text.parse().expect("the calendar has this day")
}

/// The whole story.
pub(crate) fn school() -> Vec<Recorded> {
    let mut story = Story::default();
    let school = StreamId::SCHOOL.0;
    let head = PersonId(story.id());
    let name = "Gesamtschule am Deich".to_owned();
    story.add(school, head, A::SchoolFounded { name });
    let people = people(&mut story, head);
    let groups = groups(&mut story, head, &people);
    for week in 0..3 {
        weeks_files(&mut story, &people, &groups, week);
        weeks_talk(&mut story, &people, &groups);
    }
    // Whatever kind the weeks did not bring happens at the end.
    for event in every_event() {
        story.add(school, head, event);
    }
    story.log
}

fn people(story: &mut Story, head: PersonId) -> Vec<PersonId> {
    let mut people = vec![head];
    people.extend((0..29).map(|_| PersonId(story.id())));
    for (number, person) in people.iter().enumerate() {
        let name = PersonName {
            given: story.pick(&GIVEN).to_owned(),
            family: story.pick(&FAMILY).to_owned(),
        };
        let roles = match number {
            0 => vec![Role::Head, Role::Administrator],
            1 => vec![Role::Auditor, Role::Staff],
            2..5 => vec![Role::Teacher],
            _ => vec![Role::Pupil],
        };
        let login = events::text::folded(&format!("{}.{}{number}", name.given, name.family));
        let birth_date = day(&format!(
            "20{:02}-{:02}-11",
            10 + number % 6,
            1 + number % 12
        ));
        let (stream, person) = (person.0, *person);
        let described = A::PersonDescribed {
            person,
            source_id: Personal::new(Some(format!("4711-{number:04}"))),
            birth_date: Personal::new((number >= 5).then_some(birth_date)),
            abbreviation: Personal::new((2..5).contains(&number).then(|| login[..3].to_owned())),
        };
        let name = Personal::new(name);
        let login = Personal::new(login);
        story.add(
            stream,
            head,
            A::PersonAdded {
                person,
                name,
                roles,
            },
        );
        story.add(stream, head, described);
        story.add(stream, head, A::LoginNameGiven { person, login });
        if number % 4 == 0 {
            story.add(stream, head, A::CodeMinted { person });
            story.add(stream, person, A::PasswordChosen { person });
        }
        sign_in(story, person, number);
    }
    people
}

fn sign_in(story: &mut Story, person: PersonId, number: usize) {
    let session = SessionId(story.id());
    let device = Personal::new(story.pick(&["Firefox, Linux", "Safari, iPhone"]).to_owned());
    let way = if number.is_multiple_of(3) {
        Way::Relay
    } else {
        Way::Lan
    };
    let signed_in = A::SignedIn {
        person,
        session,
        device,
        way,
    };
    story.add(person.0, person, signed_in);
    if number.is_multiple_of(5) {
        let reason = EndReason::SignedOut;
        let ended = A::SessionEnded {
            person,
            session,
            reason,
        };
        story.add(person.0, person, ended);
    }
}

fn groups(story: &mut Story, head: PersonId, people: &[PersonId]) -> Vec<GroupId> {
    let kinds = [
        ("5a", GroupKind::Class, 1),
        ("Kunst 10", GroupKind::Course, 3),
        ("Kunst 9", GroupKind::Course, 4),
    ];
    let mut groups = Vec::new();
    for (name, kind, every) in kinds {
        let group = GroupId(story.id());
        let name = name.to_owned();
        let year = 2026;
        let added = A::GroupAdded {
            group,
            name,
            kind,
            year,
        };
        story.add(group.0, head, added);
        let space = SpaceId(StreamId::beside(group.0, b'f').0);
        let room = RoomId(StreamId::beside(group.0, b'm').0);
        let audience = Audience::Group(group);
        story.add(space.0, head, F::SpaceOpened { space, audience });
        story.add(room.0, head, M::RoomOpened { room, audience });
        for (number, person) in people.iter().copied().enumerate().skip(2).step_by(every) {
            let role = if number < 5 {
                MemberRole::Leader
            } else {
                MemberRole::Member
            };
            let from = day("2026-08-31");
            let joined = A::MemberAdded {
                group,
                person,
                role,
                from,
            };
            story.add(group.0, head, joined);
        }
        groups.push(group);
    }
    let until = day("2026-09-11");
    let (group, person) = (groups[0], people[7]);
    let left = A::MemberRemoved {
        group,
        person,
        until,
    };
    story.add(group.0, head, left);
    groups
}

fn weeks_files(story: &mut Story, people: &[PersonId], groups: &[GroupId], week: usize) {
    let author = people[2 + week % 3];
    for group in groups {
        let space = SpaceId(StreamId::beside(group.0, b'f').0);
        let folder = NodeId(story.id());
        let added = F::FolderAdded {
            space,
            node: folder,
            parent: None,
            name: Personal::new(format!("{}. Woche", week + 1)),
            author,
        };
        story.add(space.0, author, added);
        for number in 1..=6u64 {
            let node = NodeId(story.id());
            let blob = BlobRef {
                blob: BlobId(story.id()),
                size: story.chance() % 9_000_000,
                media_type: "application/pdf".into(),
                sha256: format!("{:016x}", story.chance()).repeat(4),
                key: Withheld::new("00".repeat(32)),
            };
            let name = |text: &str| Personal::new(format!("{text} {number}.pdf"));
            let (parent, renamed) = (Some(folder), name("Übung"));
            let added = F::FileAdded {
                space,
                node,
                parent,
                name: name("Arbeitsblatt"),
                author,
                blob,
            };
            story.add(space.0, author, added);
            let change = match number {
                1 => F::NodeRenamed {
                    space,
                    node,
                    name: renamed,
                    author,
                },
                2 => F::NodeMoved {
                    space,
                    node,
                    parent: None,
                    name: renamed,
                    author,
                },
                3 => F::NodeDeleted {
                    space,
                    node,
                    by: author,
                },
                _ => continue,
            };
            story.add(space.0, author, change);
        }
    }
}

fn weeks_talk(story: &mut Story, people: &[PersonId], groups: &[GroupId]) {
    for group in groups {
        let room = RoomId(StreamId::beside(group.0, b'm').0);
        for _ in 0..16 {
            let author = story.pick(&people[2..]);
            let number = story.next_number(room);
            let sent = M::MessageSent {
                room,
                number,
                message: MessageId(story.id()),
                author,
                text: Personal::new(story.pick(&SAID).to_owned()),
            };
            story.add(room.0, author, sent);
            if number.is_multiple_of(3) {
                let reader = story.pick(&people[2..]);
                let marks = StreamId::beside(reader.0, b'r').0;
                let person = reader;
                let up_to = number;
                story.add(
                    marks,
                    reader,
                    M::RoomRead {
                        room,
                        person,
                        up_to,
                    },
                );
            }
        }
        let removed = M::MessageRemoved {
            room,
            number: 2,
            by: people[2],
        };
        story.add(room.0, people[2], removed);
    }
    let auditor = people[1];
    let position = story.log.len() as u64;
    let looked = Looked::AtEntry { position };
    story.add(auditor.0, auditor, AuditEvent::Viewed { auditor, looked });
}
