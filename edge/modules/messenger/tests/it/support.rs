//! A small school: class 5a with a teacher and two pupils, class 5b with one, staff without a class, and a way to send
//! requests as one of them.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order, SignedIn};
use edge_messenger::{Messenger, group_room};
use events::accounts::{AccountsEvent, Date, GroupKind, MemberRole, PersonName, Role, Way};
use events::ids::{GroupId, MessageId, PersonId, RoomId, SessionId, StreamId};
use events::messenger::RoomCommand;
use events::{AnyEvent, Audience, Personal};
use serde::Serialize;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const TEACHER: PersonId = PersonId(Uuid::from_u128(100));
pub(crate) const ANNA: PersonId = PersonId(Uuid::from_u128(101));
pub(crate) const BEN: PersonId = PersonId(Uuid::from_u128(102));
pub(crate) const CLEO: PersonId = PersonId(Uuid::from_u128(103));
pub(crate) const SECRETARY: PersonId = PersonId(Uuid::from_u128(104));
pub(crate) const CLASS_5A: GroupId = GroupId(Uuid::from_u128(201));
pub(crate) const CLASS_5B: GroupId = GroupId(Uuid::from_u128(202));

pub(crate) struct School {
    _directory: tempfile::TempDir,
    pub(crate) kernel: Kernel,
    pub(crate) messenger: Messenger,
    router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) json: Value,
}

impl Answer {
    /// The answer's JSON, given that the request succeeded.
    pub(crate) fn good(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.json);
        self.json
    }

    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.json);
        assert_eq!(self.json["code"], code);
    }
}

fn day() -> Date {
    "2026-08-20".parse().expect("a day")
}

fn person(person: PersonId, role: Role) -> (StreamId, AccountsEvent) {
    let name = PersonName {
        given: "Vorname".into(),
        family: "Nachname".into(),
    };
    let added = AccountsEvent::PersonAdded {
        person,
        name: Personal::new(name),
        roles: vec![role],
    };
    (StreamId(person.0), added)
}

fn group(group: GroupId, name: &str) -> (StreamId, AccountsEvent) {
    let added = AccountsEvent::GroupAdded {
        group,
        name: name.into(),
        kind: GroupKind::Class,
        year: 2026,
    };
    (StreamId(group.0), added)
}

fn member(group: GroupId, person: PersonId, role: MemberRole) -> (StreamId, AccountsEvent) {
    let added = AccountsEvent::MemberAdded {
        group,
        person,
        role,
        from: day(),
    };
    (StreamId(group.0), added)
}

pub(crate) fn joined(group: GroupId, person: PersonId) -> (StreamId, AccountsEvent) {
    member(group, person, MemberRole::Member)
}

pub(crate) fn left(group: GroupId, person: PersonId) -> (StreamId, AccountsEvent) {
    let removed = AccountsEvent::MemberRemoved {
        group,
        person,
        until: day(),
    };
    (StreamId(group.0), removed)
}

pub(crate) fn over(group: GroupId) -> (StreamId, AccountsEvent) {
    (StreamId(group.0), AccountsEvent::GroupClosed { group })
}

pub(crate) fn closed(person: PersonId) -> (StreamId, AccountsEvent) {
    let closed = AccountsEvent::AccountClosed { person, on: day() };
    (StreamId(person.0), closed)
}

pub(crate) fn say(author: PersonId, text: &str) -> RoomCommand {
    RoomCommand::SendMessage {
        message: MessageId(Uuid::new_v4()),
        author,
        text: text.into(),
    }
}

impl School {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual(1_780_000_000_000);
        let views = Messenger::views(Registry::default());
        let kernel = Kernel::open(directory.path(), clock, views, &|_, _, _| {})
            .await
            .expect("opens");
        let messenger = Messenger::new(kernel.clone());
        let router = messenger.routes().into_parts().0;
        let school = Self {
            _directory: directory,
            kernel,
            messenger,
            router,
        };
        school.found().await;
        school
    }

    async fn found(&self) {
        use MemberRole::{Leader, Member};
        self.happened([
            person(TEACHER, Role::Teacher),
            person(ANNA, Role::Pupil),
            person(BEN, Role::Pupil),
            person(CLEO, Role::Pupil),
            person(SECRETARY, Role::Staff),
            group(CLASS_5A, "5a"),
            group(CLASS_5B, "5b"),
            member(CLASS_5A, TEACHER, Leader),
            member(CLASS_5A, ANNA, Member),
            member(CLASS_5A, BEN, Member),
            member(CLASS_5B, CLEO, Member),
        ])
        .await;
        let rooms = [CLASS_5A, CLASS_5B].map(|group| (group_room(group), Audience::Group(group)));
        self.messenger
            .open_rooms(&rooms, Order::by(Actor::Machine))
            .await
            .expect("opens the rooms");
    }

    /// Puts facts of accounts straight into the log.
    pub(crate) async fn happened(
        &self,
        events: impl IntoIterator<Item = (StreamId, AccountsEvent)>,
    ) {
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        for (stream, event) in events {
            unit.event(stream, AnyEvent::Accounts(event));
        }
        unit.commit().await.expect("appends");
    }

    pub(crate) async fn send(&self, who: Option<PersonId>, mut request: Request<Body>) -> Answer {
        if let Some(person) = who {
            request.extensions_mut().insert(SignedIn {
                person,
                session: SessionId(Uuid::from_u128(1)),
                way: Way::Lan,
            });
        }
        let response = self.router.clone().oneshot(request).await;
        let (parts, body) = response.expect("the router answers").into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the body arrives");
        Answer {
            status: parts.status,
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    pub(crate) async fn post(&self, who: PersonId, path: &str, body: &impl Serialize) -> Answer {
        let json = serde_json::to_string(body).expect("writes");
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(json))
            .expect("a request");
        self.send(Some(who), request).await
    }

    pub(crate) async fn command(
        &self,
        who: PersonId,
        room: RoomId,
        command: &RoomCommand,
    ) -> Answer {
        let path = format!("/api/messenger/rooms/{room}/command");
        self.post(who, &path, command).await
    }

    /// Says something and gives the message's number.
    pub(crate) async fn say(&self, who: PersonId, room: RoomId, text: &str) -> u64 {
        let said = self.command(who, room, &say(who, text)).await.good();
        said["number"].as_u64().expect("a number")
    }

    pub(crate) async fn mark_read(&self, who: PersonId, room: RoomId, up_to: u64) -> Answer {
        let path = format!("/api/messenger/rooms/{room}/read");
        self.post(who, &path, &json!({ "up_to": up_to })).await
    }

    pub(crate) async fn get(&self, who: PersonId, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.send(Some(who), request).await
    }

    /// The rows of a listing, with everything that has happened so far.
    pub(crate) async fn rows(&self, who: PersonId, view: &str, query: &str) -> Vec<Value> {
        let at_least = self.kernel.ledger.size();
        let path = format!("/api/messenger/{view}?at_least={at_least}&{query}");
        let page = self.get(who, &path).await.good();
        let rows = page["rows"].as_array().expect("rows").iter();
        rows.map(|found| found["row"].clone()).collect()
    }

    /// Messages that a person has not read in a room.
    pub(crate) async fn unread(&self, who: PersonId, room: RoomId) -> u64 {
        let of_room = |row: &&Value| row["room"] == json!(room);
        let rooms = self.rows(who, "rooms", "").await;
        let last = rooms
            .iter()
            .find(of_room)
            .and_then(|row| row["last"].as_u64());
        let reads = self.rows(who, "reads", "").await;
        let mark = reads
            .iter()
            .find(of_room)
            .and_then(|row| row["up_to"].as_u64());
        last.expect("the room") - mark.unwrap_or_default()
    }
}
