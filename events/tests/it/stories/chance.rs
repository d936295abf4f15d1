//! Any event of any module, with ids, numbers and texts that chance picks: mostly small, sometimes the end of the world.

use super::{BIRTH_YEAR, FEW, MARK, group, id, person, room, space};
use events::accounts::{
    AccountsEvent, Date, EndReason, GroupKind, MemberRole, PersonName, Role, Way,
};
use events::audit::{About, AuditEvent, Looked, Purpose};
use events::files::{BlobRef, FilesEvent};
use events::ids::*;
use events::messenger::MessengerEvent;
use events::personal::Withheld;
use events::privacy::PrivacyEvent;
use events::scope::Audience;
use events::{AnyEvent, Personal};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn people() -> impl Strategy<Value = PersonId> {
    (0..FEW).prop_map(person)
}

fn groups() -> impl Strategy<Value = GroupId> {
    (0..FEW).prop_map(group)
}

fn spaces() -> impl Strategy<Value = SpaceId> {
    (0..FEW).prop_map(space)
}

fn rooms() -> impl Strategy<Value = RoomId> {
    (0..FEW).prop_map(room)
}

fn nodes() -> impl Strategy<Value = NodeId> {
    (0..FEW).prop_map(|n| NodeId(id(0xe, n)))
}

fn sessions() -> impl Strategy<Value = SessionId> {
    (0..FEW).prop_map(|n| SessionId(id(0xf, n)))
}

fn imports() -> impl Strategy<Value = ImportId> {
    (0..FEW).prop_map(|n| ImportId(id(0x10, n)))
}

/// A number that is mostly small and sometimes the end of the world.
pub(super) fn numbers() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..6u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn days() -> impl Strategy<Value = Date> {
    (2024u16..2028, 1u8..13, 1u8..29)
        .prop_map(|(year, month, day)| Date::try_new(year, month, day).expect("such a day exists"))
}

/// A text that is nobody's.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{1,2}[a-f]", "\\PC{0,8}", Just(String::new())]
}

/// A text about somebody.
fn secrets() -> impl Strategy<Value = String> {
    "[A-ZÄÖÜa-zß \u{308}0-9/~]{0,6}".prop_map(|text| format!("{text}{MARK}{text}"))
}

fn personal() -> impl Strategy<Value = Personal<String>> {
    secrets().prop_map(Personal::new)
}

fn names() -> impl Strategy<Value = Personal<PersonName>> {
    (secrets(), secrets()).prop_map(|(given, family)| Personal::new(PersonName { given, family }))
}

fn audiences() -> impl Strategy<Value = Audience> {
    prop_oneof![
        people().prop_map(Audience::Person),
        (people(), people()).prop_map(|(one, other)| Audience::Pair(one, other)),
        groups().prop_map(Audience::Group),
    ]
}

fn roles() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![
        Role::Pupil,
        Role::Teacher,
        Role::Staff,
        Role::Head,
        Role::Administrator,
        Role::Auditor,
        Role::DataProtection,
    ])
}

fn blobs() -> impl Strategy<Value = BlobRef> {
    (0..FEW, numbers(), secrets()).prop_map(|(n, size, key)| BlobRef {
        blob: BlobId(id(0x11, n)),
        size,
        media_type: "text/plain".into(),
        sha256: "ab".repeat(32),
        key: Withheld::new(key),
    })
}

fn of_people() -> impl Strategy<Value = AccountsEvent> {
    use AccountsEvent as E;
    let birth_date = option::of((1u8..13, 1u8..29)).prop_map(|day| {
        let date = day.and_then(|(month, day)| Date::try_new(BIRTH_YEAR, month, day).ok());
        Personal::new(date)
    });
    let known = || option::of(secrets()).prop_map(Personal::new);
    let kinds = prop::sample::select(vec![
        EndReason::SignedOut,
        EndReason::Revoked,
        EndReason::AccountClosed,
    ]);
    let ways = prop::sample::select(vec![Way::Lan, Way::Relay]);
    prop_oneof![
        texts().prop_map(|name| E::SchoolFounded { name }),
        (people(), names(), vec(roles(), 0..4)).prop_map(|(person, name, roles)| {
            E::PersonAdded {
                person,
                name,
                roles,
            }
        }),
        (people(), names()).prop_map(|(person, name)| E::PersonRenamed { person, name }),
        (people(), known(), birth_date, known()).prop_map(
            |(person, source_id, birth_date, abbreviation)| E::PersonDescribed {
                person,
                source_id,
                birth_date,
                abbreviation,
            }
        ),
        (people(), people(), names(), any::<bool>()).prop_map(
            |(pupil, guardian, name, custody)| E::GuardianNamed {
                pupil,
                guardian,
                name,
                custody,
            }
        ),
        (people(), people()).prop_map(|(pupil, guardian)| E::GuardianRemoved { pupil, guardian }),
        (people(), roles()).prop_map(|(person, role)| E::RoleGiven { person, role }),
        (people(), roles()).prop_map(|(person, role)| E::RoleTaken { person, role }),
        (people(), personal()).prop_map(|(person, login)| E::LoginNameGiven { person, login }),
        people().prop_map(|person| E::CodeMinted { person }),
        people().prop_map(|person| E::PasswordChosen { person }),
        (people(), sessions(), personal(), ways).prop_map(|(person, session, device, way)| {
            E::SignedIn {
                person,
                session,
                device,
                way,
            }
        }),
        (people(), sessions(), kinds).prop_map(|(person, session, reason)| E::SessionEnded {
            person,
            session,
            reason,
        }),
        (people(), days()).prop_map(|(person, on)| E::AccountClosed { person, on }),
        people().prop_map(|person| E::AccountReopened { person }),
    ]
}

fn of_groups() -> impl Strategy<Value = AccountsEvent> {
    use AccountsEvent as E;
    let kinds = prop::sample::select(vec![GroupKind::Class, GroupKind::Course, GroupKind::Club]);
    let ranks = prop::sample::select(vec![MemberRole::Member, MemberRole::Leader]);
    let counts = (any::<u32>(), any::<u32>(), any::<u32>());
    prop_oneof![
        2 => (groups(), texts(), kinds, any::<u16>()).prop_map(|(group, name, kind, year)| {
            E::GroupAdded { group, name, kind, year }
        }),
        1 => (groups(), texts()).prop_map(|(group, name)| E::GroupRenamed { group, name }),
        1 => groups().prop_map(|group| E::GroupClosed { group }),
        1 => groups().prop_map(|group| E::GroupReopened { group }),
        5 => (groups(), people(), ranks, days()).prop_map(|(group, person, role, from)| {
            E::MemberAdded { group, person, role, from }
        }),
        3 => (groups(), people(), days())
            .prop_map(|(group, person, until)| E::MemberRemoved { group, person, until }),
        1 => (imports(), texts(), counts).prop_map(|(import, source, counts)| E::RosterImported {
            import,
            source,
            added: counts.0,
            changed: counts.1,
            closed: counts.2,
        }),
        1 => imports().prop_map(|import| E::RosterImportUndone { import }),
        1 => (people(), option::of(people())).prop_map(|(by, person)| E::RecordRead {
            by,
            role: Role::Head,
            person,
        }),
    ]
}

fn of_spaces() -> impl Strategy<Value = FilesEvent> {
    use FilesEvent as E;
    let place = || (spaces(), nodes(), option::of(nodes()), personal(), people());
    prop_oneof![
        (spaces(), audiences()).prop_map(|(space, audience)| E::SpaceOpened { space, audience }),
        place().prop_map(|(space, node, parent, name, author)| E::FolderAdded {
            space,
            node,
            parent,
            name,
            author,
        }),
        (place(), blobs()).prop_map(|((space, node, parent, name, author), blob)| E::FileAdded {
            space,
            node,
            parent,
            name,
            author,
            blob,
        }),
        place().prop_map(|(space, node, _, name, author)| E::NodeRenamed {
            space,
            node,
            name,
            author,
        }),
        place().prop_map(|(space, node, parent, name, author)| E::NodeMoved {
            space,
            node,
            parent,
            name,
            author,
        }),
        (spaces(), nodes(), people()).prop_map(|(space, node, by)| E::NodeDeleted {
            space,
            node,
            by
        }),
        place().prop_map(|(space, node, _, name, author)| E::NodeRestored {
            space,
            node,
            name,
            author,
        }),
    ]
}

fn of_rooms() -> impl Strategy<Value = MessengerEvent> {
    use MessengerEvent as E;
    prop_oneof![
        (rooms(), audiences()).prop_map(|(room, audience)| E::RoomOpened { room, audience }),
        (rooms(), numbers(), 0..FEW, people(), personal()).prop_map(
            |(room, number, message, author, text)| E::MessageSent {
                room,
                number,
                message: MessageId(id(0x12, message)),
                author,
                text,
            }
        ),
        (rooms(), numbers(), people()).prop_map(|(room, number, by)| E::MessageRemoved {
            room,
            number,
            by
        }),
        (rooms(), people(), numbers()).prop_map(|(room, person, up_to)| E::RoomRead {
            room,
            person,
            up_to,
        }),
    ]
}

fn of_auditors() -> impl Strategy<Value = AuditEvent> {
    let looked = prop_oneof![
        (numbers(), numbers()).prop_map(|(from, to)| Looked::AtEntries { from, to }),
        numbers().prop_map(|position| Looked::AtEntry { position }),
        (texts(), numbers(), option::of(numbers()))
            .prop_map(|(view, until, time)| Looked::AtView { view, until, time }),
    ];
    (people(), looked, any::<bool>()).prop_map(|(auditor, looked, at_console)| {
        if at_console {
            AuditEvent::ConsoleViewed { looked }
        } else {
            AuditEvent::Viewed { auditor, looked }
        }
    })
}

fn inspected() -> impl Strategy<Value = About> {
    prop_oneof![
        people().prop_map(About::Person),
        (rooms(), audiences()).prop_map(|(room, audience)| About::Room { room, audience }),
        (spaces(), audiences()).prop_map(|(space, audience)| About::Space { space, audience }),
    ]
}

fn of_inspections() -> impl Strategy<Value = AuditEvent> {
    use AuditEvent as E;
    let inspections = || (0..FEW).prop_map(|n| InspectionId(id(0x15, n)));
    let views = prop::sample::select(vec!["messages", "files", "records", "people"]);
    prop_oneof![
        (
            inspections(),
            people(),
            personal(),
            inspected(),
            option::of(numbers())
        )
            .prop_map(
                |(inspection, by, reason, about, from)| E::InspectionRequested {
                    inspection,
                    by,
                    role: Role::Auditor,
                    purpose: Purpose::Protection,
                    reason,
                    about,
                    from,
                    until: None,
                }
            ),
        (inspections(), people(), people(), numbers()).prop_map(
            |(inspection, asker, by, expires)| E::InspectionAgreed {
                inspection,
                asker,
                by,
                expires
            }
        ),
        (inspections(), people(), people()).prop_map(|(inspection, asker, by)| {
            E::InspectionRefused {
                inspection,
                asker,
                by,
            }
        }),
        (inspections(), people(), people()).prop_map(|(inspection, asker, by)| {
            E::InspectionEnded {
                inspection,
                asker,
                by,
            }
        }),
        (
            inspections(),
            people(),
            inspected(),
            views.clone(),
            numbers()
        )
            .prop_map(|(inspection, by, about, view, until)| E::ContentRead {
                inspection,
                by,
                role: Role::Auditor,
                purpose: Purpose::Protection,
                agreed_by: by,
                about,
                view: view.to_owned(),
                until,
                after: None,
            }),
        (numbers(), inspected()).prop_map(|(position, about)| E::ConsoleRead { position, about }),
        (inspections(), people(), inspected(), numbers()).prop_map(
            |(inspection, by, about, until)| E::FileRead {
                inspection,
                by,
                role: Role::DataProtection,
                purpose: Purpose::Control,
                agreed_by: by,
                about,
                space: SpaceId(id(0x16, 1)),
                node: NodeId(id(0x16, 0)),
                author: by,
                until,
            }
        ),
        (inspections(), people(), people(), personal()).prop_map(
            |(inspection, by, author, name)| E::FileNamed {
                inspection,
                by,
                role: Role::DataProtection,
                purpose: Purpose::Control,
                agreed_by: by,
                author,
                node: NodeId(id(0x16, 0)),
                name,
            }
        ),
        (views, numbers()).prop_map(|(view, until)| E::ConsoleViewed {
            looked: Looked::AtView {
                view: view.to_owned(),
                until,
                time: None
            }
        }),
    ]
}

fn of_exports() -> impl Strategy<Value = PrivacyEvent> {
    (people(), option::of(people()))
        .prop_map(|(person, by)| PrivacyEvent::DataExported { person, by })
}

/// Any event of any module.
pub(crate) fn any_event() -> impl Strategy<Value = AnyEvent> {
    prop_oneof![
        5 => of_people().prop_map(AnyEvent::from),
        3 => of_groups().prop_map(AnyEvent::from),
        4 => of_spaces().prop_map(AnyEvent::from),
        4 => of_rooms().prop_map(AnyEvent::from),
        1 => of_auditors().prop_map(AnyEvent::from),
        2 => of_inspections().prop_map(AnyEvent::from),
        1 => of_exports().prop_map(AnyEvent::from),
    ]
}
