//! A small school: class 5a with a teacher and two pupils, class 5b with one, and a way to send requests as one of them.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Extension, Router};
use edge_files::{Files, group_space, own_space};
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order, SignedIn};
use events::accounts::{AccountsEvent, Date, GroupKind, MemberRole, PersonName, Role, Way};
use events::files::FilesCommand;
use events::ids::{GroupId, NodeId, PersonId, SessionId, SpaceId, StreamId};
use events::{AnyEvent, Audience, Personal};
use serde_json::Value;
use std::path::PathBuf;
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const TEACHER: PersonId = PersonId(Uuid::from_u128(100));
pub(crate) const ANNA: PersonId = PersonId(Uuid::from_u128(101));
pub(crate) const BEN: PersonId = PersonId(Uuid::from_u128(102));
pub(crate) const CLEO: PersonId = PersonId(Uuid::from_u128(103));
pub(crate) const CLASS_5A: GroupId = GroupId(Uuid::from_u128(201));
pub(crate) const CLASS_5B: GroupId = GroupId(Uuid::from_u128(202));

pub(crate) struct School {
    directory: tempfile::TempDir,
    pub(crate) kernel: Kernel,
    pub(crate) files: Files,
    router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the answer is JSON")
    }

    /// The answer's JSON, given that the request succeeded.
    pub(crate) fn good(self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, StatusCode::OK, "{text}");
        self.json()
    }

    pub(crate) fn refused(&self, status: u16, code: &str) {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{text}");
        assert_eq!(self.json()["code"], code);
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.and_then(Result::ok).unwrap_or_default()
    }
}

fn signed_in(person: PersonId) -> SignedIn {
    SignedIn {
        person,
        session: SessionId(Uuid::from_u128(1)),
        way: Way::Lan,
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

impl School {
    pub(crate) async fn open() -> Self {
        Self::with(|files| files).await
    }

    pub(crate) async fn with(set: impl FnOnce(Files) -> Files) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual(1_780_000_000_000);
        let views = Files::views(Registry::default());
        let kernel = Kernel::open(directory.path(), clock, views, &|_, _, _| {})
            .await
            .expect("opens");
        let files = set(Files::new(kernel.clone()));
        let router = files.routes().into_parts().0;
        let school = Self {
            directory,
            kernel,
            files,
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
            group(CLASS_5A, "5a"),
            group(CLASS_5B, "5b"),
            member(CLASS_5A, TEACHER, Leader),
            member(CLASS_5A, ANNA, Member),
            member(CLASS_5A, BEN, Member),
            member(CLASS_5B, CLEO, Member),
        ])
        .await;
        let people =
            [TEACHER, ANNA, BEN, CLEO].map(|person| (own_space(person), Audience::Person(person)));
        let groups = [CLASS_5A, CLASS_5B].map(|group| (group_space(group), Audience::Group(group)));
        let spaces = [people.as_slice(), groups.as_slice()].concat();
        self.files
            .open_spaces(&spaces, Order::by(Actor::Machine))
            .await
            .expect("opens the spaces");
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

    /// The routes as one person reaches them.
    pub(crate) fn router_as(&self, person: PersonId) -> Router {
        self.router.clone().layer(Extension(signed_in(person)))
    }

    pub(crate) async fn send(&self, who: Option<PersonId>, mut request: Request<Body>) -> Answer {
        if let Some(person) = who {
            request.extensions_mut().insert(signed_in(person));
        }
        let response = self.router.clone().oneshot(request).await;
        let (parts, body) = response.expect("the router answers").into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.expect("the body arrives"),
        }
    }

    pub(crate) async fn get(&self, who: PersonId, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.send(Some(who), request).await
    }

    pub(crate) async fn command(
        &self,
        who: PersonId,
        space: SpaceId,
        command: &FilesCommand,
    ) -> Answer {
        let json = serde_json::to_string(command).expect("writes");
        let request = Request::post(format!("/api/files/spaces/{space}/command"))
            .header("content-type", "application/json")
            .body(Body::from(json))
            .expect("a request");
        self.send(Some(who), request).await
    }

    pub(crate) async fn upload(
        &self,
        who: PersonId,
        space: SpaceId,
        query: &str,
        content: impl Into<Body>,
    ) -> Answer {
        // The first parameter is the name, which travels in a header.
        let (name, query) = query.split_once('&').unwrap_or((query, ""));
        let request = Request::post(format!("/api/files/spaces/{space}/upload?{query}"))
            .header("content-disposition", named(name))
            .header("content-type", "text/plain")
            .body(content.into())
            .expect("a request");
        self.send(Some(who), request).await
    }

    /// A file of a few bytes.
    pub(crate) async fn file(&self, who: PersonId, space: SpaceId, query: &str) -> NodeId {
        let uploaded = self.upload(who, space, query, "Inhalt").await.good();
        id(&uploaded["node"])
    }

    pub(crate) async fn folder(
        &self,
        who: PersonId,
        space: SpaceId,
        parent: Option<NodeId>,
        name: &str,
    ) -> NodeId {
        let node = NodeId(Uuid::new_v4());
        let command = FilesCommand::AddFolder {
            node,
            parent,
            name: name.into(),
            author: who,
        };
        self.command(who, space, &command).await.good();
        node
    }

    /// The names in a listing, with everything that has happened so far.
    pub(crate) async fn names(&self, who: PersonId, space: SpaceId, prefix: &str) -> Vec<String> {
        let at_least = self.kernel.ledger.size();
        let path =
            format!("/api/files/files?scope=space:{space}&prefix={prefix}&at_least={at_least}");
        let page = self.get(who, &path).await.good();
        let rows = page["rows"].as_array().expect("rows").iter();
        rows.map(|found| found["row"]["name"].as_str().expect("a name").to_owned())
            .collect()
    }

    /// The stored files.
    pub(crate) fn stored(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.directory.path().join("blobs")];
        while let Some(path) = open.pop() {
            for entry in std::fs::read_dir(path).expect("lists") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found
    }
}

/// The header that names an upload; `name` is `name=` and the name, percent-encoded.
pub(crate) fn named(name: &str) -> String {
    let encoded = name.trim_start_matches("name=");
    format!("attachment; filename*=UTF-8''{encoded}")
}

pub(crate) fn content_path(space: SpaceId, node: NodeId) -> String {
    format!("/api/files/spaces/{space}/nodes/{node}/content")
}

pub(crate) fn id(json: &Value) -> NodeId {
    let text = json.as_str().expect("an id");
    text.parse().expect("an id")
}

/// Bytes that repeat late enough to notice a lost or doubled piece.
pub(crate) fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 31 % 65_521 % 251) as u8).collect()
}
