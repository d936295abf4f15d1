//! One event of every kind, about invented people: what the golden samples are written from.

use events::accounts::{
    AccountsEvent, Date, EndReason, GroupKind, MemberRole, PersonName, Role, Way,
};
use events::audit::{About, AuditEvent, Looked, Purpose};
use events::files::{BlobRef, FilesEvent};
use events::ids::*;
use events::messenger::MessengerEvent;
use events::personal::Withheld;
use events::privacy::{Aged, Approval, Approver, Confirm, Counts, Depth, PrivacyEvent, Span};
use events::scope::Audience;
use events::{AnyEvent, Personal};
use uuid::Uuid;

const TEACHER: PersonId = PersonId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0001));
const PUPIL: PersonId = PersonId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0002));
const GUARDIAN: PersonId = PersonId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0003));
const AUDITOR: PersonId = PersonId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0004));
const CLASS: GroupId = GroupId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0010));
const SESSION: SessionId = SessionId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0020));
const IMPORT: ImportId = ImportId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0030));
const SPACE: SpaceId = SpaceId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0040));
const FOLDER: NodeId = NodeId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0050));
const FILE: NodeId = NodeId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0051));
const BLOB: BlobId = BlobId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0060));
const ROOM: RoomId = RoomId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0070));
const INSPECTION: InspectionId =
    InspectionId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_00a0));
const MESSAGE: MessageId = MessageId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0080));

fn day(text: &str) -> Date {
    text.parse().expect("the calendar has this day")
}

fn name(given: &str, family: &str) -> Personal<PersonName> {
    let (given, family) = (given.to_owned(), family.to_owned());
    Personal::new(PersonName { given, family })
}

fn text(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

fn known(text: &str) -> Personal<Option<String>> {
    Personal::new(Some(text.to_owned()))
}

/// Every event; where a kind has two shapes worth keeping, the one with more in it.
pub(crate) fn every_event() -> Vec<AnyEvent> {
    let accounts = people().into_iter().chain(groups()).map(AnyEvent::from);
    accounts
        .chain(files().into_iter().map(AnyEvent::from))
        .chain(messenger().into_iter().map(AnyEvent::from))
        .chain(audit().into_iter().map(AnyEvent::from))
        .chain(privacy().into_iter().map(AnyEvent::from))
        .collect()
}

fn people() -> Vec<AccountsEvent> {
    use AccountsEvent as E;
    vec![
        E::SchoolFounded {
            name: "Gesamtschule am Deich".into(),
        },
        E::PersonAdded {
            person: PUPIL,
            name: name("Jördis", "von der Wümme"),
            roles: vec![Role::Pupil],
        },
        E::PersonRenamed {
            person: PUPIL,
            name: name("Jördis", "Küstermann"),
        },
        E::PersonDescribed {
            person: PUPIL,
            source_id: known("0123-4711"),
            birth_date: Personal::new(Some(day("2014-02-28"))),
            abbreviation: Personal::new(None),
        },
        E::GuardianNamed {
            pupil: PUPIL,
            guardian: GUARDIAN,
            name: name("Wiebke", "Küstermann"),
            custody: true,
        },
        E::GuardianRemoved {
            pupil: PUPIL,
            guardian: GUARDIAN,
        },
        E::RoleGiven {
            person: TEACHER,
            role: Role::Head,
        },
        E::RoleTaken {
            person: TEACHER,
            role: Role::Head,
        },
        E::LoginNameGiven {
            person: PUPIL,
            login: text("joerdis.kuestermann"),
        },
        E::CodeMinted { person: PUPIL },
        E::PasswordChosen { person: PUPIL },
        E::SignedIn {
            person: PUPIL,
            session: SESSION,
            device: text("Firefox, Android"),
            way: Way::Relay,
        },
        E::SessionEnded {
            person: PUPIL,
            session: SESSION,
            reason: EndReason::SignedOut,
        },
        E::AccountClosed {
            person: PUPIL,
            on: day("2027-07-21"),
        },
        E::AccountReopened { person: PUPIL },
    ]
}

fn groups() -> Vec<AccountsEvent> {
    use AccountsEvent as E;
    vec![
        E::GroupAdded {
            group: CLASS,
            name: "5a".into(),
            kind: GroupKind::Class,
            year: 2026,
        },
        E::GroupRenamed {
            group: CLASS,
            name: "6a".into(),
        },
        E::GroupClosed { group: CLASS },
        E::GroupReopened { group: CLASS },
        E::MemberAdded {
            group: CLASS,
            person: TEACHER,
            role: MemberRole::Leader,
            from: day("2026-08-31"),
        },
        E::MemberRemoved {
            group: CLASS,
            person: TEACHER,
            until: day("2027-01-29"),
        },
        E::RosterImported {
            import: IMPORT,
            source: "danis".into(),
            added: 148,
            changed: 1390,
            closed: 151,
        },
        E::RosterImportUndone { import: IMPORT },
        E::RecordRead {
            by: TEACHER,
            role: Role::Head,
            person: Some(PUPIL),
        },
    ]
}

fn files() -> Vec<FilesEvent> {
    use FilesEvent as E;
    vec![
        E::SpaceOpened {
            space: SPACE,
            audience: Audience::Group(CLASS),
        },
        E::FolderAdded {
            space: SPACE,
            node: FOLDER,
            parent: None,
            name: text("Erdkunde"),
            author: TEACHER,
        },
        E::FileAdded {
            space: SPACE,
            node: FILE,
            parent: Some(FOLDER),
            name: text("Gezeiten.pdf"),
            author: TEACHER,
            blob: BlobRef {
                blob: BLOB,
                size: 262_144,
                media_type: "application/pdf".into(),
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
                key: Withheld::new("00".repeat(32)),
            },
        },
        E::NodeRenamed {
            space: SPACE,
            node: FILE,
            name: text("Ebbe und Flut.pdf"),
            author: TEACHER,
        },
        E::NodeMoved {
            space: SPACE,
            node: FILE,
            parent: None,
            name: text("Ebbe und Flut (2).pdf"),
            author: TEACHER,
        },
        E::NodeDeleted {
            space: SPACE,
            node: FILE,
            by: TEACHER,
        },
        E::NodeRestored {
            space: SPACE,
            node: FILE,
            name: text("Ebbe und Flut.pdf"),
            author: TEACHER,
        },
    ]
}

fn messenger() -> Vec<MessengerEvent> {
    use MessengerEvent as E;
    vec![
        E::RoomOpened {
            room: ROOM,
            audience: Audience::Pair(TEACHER, PUPIL),
        },
        E::MessageSent {
            room: ROOM,
            number: 1,
            message: MESSAGE,
            author: TEACHER,
            text: text("Moin! Bringst du morgen den Atlas mit?"),
        },
        E::MessageRemoved {
            room: ROOM,
            number: 1,
            by: TEACHER,
        },
        E::RoomRead {
            room: ROOM,
            person: PUPIL,
            up_to: 1,
        },
    ]
}

fn audit() -> Vec<AuditEvent> {
    vec![
        AuditEvent::Viewed {
            auditor: AUDITOR,
            looked: Looked::AtView {
                view: "groups".into(),
                until: 4711,
                time: Some(1_790_000_000_000),
            },
        },
        AuditEvent::ConsoleViewed {
            looked: Looked::AtEntries { from: 1, to: 50 },
        },
        AuditEvent::LogSealed {
            epoch: 2,
            key: "schulhof/deich+0a1b2c3d+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
            successor: "schulhof/deich+4e5f6071+AREREREREREREREREREREREREREREREREREREREREREREQ=="
                .into(),
        },
        AuditEvent::LogResumed {
            epoch: 2,
            key: "schulhof/deich+4e5f6071+AREREREREREREREREREREREREREREREREREREREREREREQ==".into(),
        },
    ]
    .into_iter()
    .chain(inspections())
    .collect()
}

fn inspections() -> Vec<AuditEvent> {
    let inspection = INSPECTION;
    let about = About::Room {
        room: ROOM,
        audience: Audience::Pair(TEACHER, PUPIL),
    };
    let class_space = About::Space {
        space: SPACE,
        audience: Audience::Group(CLASS),
    };
    vec![
        AuditEvent::InspectionRequested {
            inspection,
            by: AUDITOR,
            role: Role::Auditor,
            purpose: Purpose::Conflict,
            reason: text("Beide wünschen, dass jemand den Verlauf ansieht."),
            about,
            from: Some(1_790_000_000_000),
            until: None,
        },
        AuditEvent::InspectionAgreed {
            inspection,
            asker: AUDITOR,
            by: TEACHER,
            expires: 1_790_086_400_000,
        },
        AuditEvent::InspectionRefused {
            inspection,
            asker: AUDITOR,
            by: TEACHER,
        },
        AuditEvent::InspectionEnded {
            inspection,
            asker: AUDITOR,
            by: AUDITOR,
        },
        AuditEvent::ContentRead {
            inspection,
            by: AUDITOR,
            role: Role::Auditor,
            purpose: Purpose::Conflict,
            agreed_by: TEACHER,
            about,
            view: "messages".into(),
            until: 4711,
            after: None,
        },
        AuditEvent::ConsoleRead {
            position: 4711,
            about: class_space,
        },
        AuditEvent::FileRead {
            inspection,
            by: AUDITOR,
            role: Role::DataProtection,
            purpose: Purpose::Control,
            agreed_by: TEACHER,
            about: class_space,
            space: SPACE,
            node: FILE,
            author: PUPIL,
            until: 4711,
        },
        AuditEvent::FileNamed {
            inspection,
            by: AUDITOR,
            role: Role::DataProtection,
            purpose: Purpose::Control,
            agreed_by: TEACHER,
            author: PUPIL,
            node: FILE,
            name: text("Referat Wale.pdf"),
        },
    ]
}

fn privacy() -> Vec<PrivacyEvent> {
    let batch = BatchId(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0090));
    let acting = Pseudonym(Uuid::from_u128(0x5f1c_0de0_0000_4000_8000_0000_0000_0091));
    let counts = Counts {
        keys: 3,
        events: 120,
        blobs: 2,
        claims: 1,
        rows: 4,
    };
    let (rule, basis) = ("leavers", "DSGVO Art. 17 Abs. 1 Buchst. a");
    let by_person = Approver::Person {
        role: Role::Head,
        pseudonym: acting,
    };
    vec![
        PrivacyEvent::ErasurePlanned {
            batch,
            people: vec![PUPIL],
            rule: rule.into(),
            basis: basis.into(),
            depth: Depth::Header,
            by: Some(TEACHER),
            counts,
        },
        PrivacyEvent::ErasureWithdrawn { batch, by: None },
        PrivacyEvent::ErasureExecuted {
            batch,
            rule: rule.into(),
            basis: basis.into(),
            depth: Depth::Header,
            keys: vec!["00112233445566778899aabbccddeeff".into()],
            ciphertexts: vec![Span(5, 9), Span(12, 12)],
            headers: vec![Span(5, 6)],
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            counts,
            approvals: vec![
                Approval {
                    by: Approver::Operator,
                    at: 1_790_000_000_000,
                },
                Approval {
                    by: by_person,
                    at: 1_790_000_060_000,
                },
            ],
        },
        PrivacyEvent::ErasureCompleted {
            batch,
            destroyed: counts,
            epoch: 1,
        },
        PrivacyEvent::DataExported {
            person: PUPIL,
            by: None,
        },
        PrivacyEvent::AgeingPlanned {
            batch,
            rule: "sign-ins".into(),
            basis: basis.into(),
            aged: Aged {
                kind: "SignedIn".into(),
                from: 1_790_000_000_000,
                before: 1_792_000_000_000,
                confirm: Confirm::Rule,
            },
            counts,
        },
    ]
}
