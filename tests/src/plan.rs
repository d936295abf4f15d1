//! A small school that a test needs: who is what and who belongs together. It is brought about through the same doors that
//! an administrator uses, so it works on a server in this process and on one of its own alike.

use crate::api::Api;
use events::accounts::{GroupKind, MemberRole, Role};
use events::ids::{GroupId, PersonId, RoomId, SpaceId, StreamId};
use futures::future::join_all;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long what follows from a new group may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The login name of the administrator who founds every school.
pub const FOUNDER: &str = "amt";
/// The founder's password.
pub const FOUNDER_PASSWORD: &str = "Kastanie-0-Laterne";

/// People by login name, and groups by name.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    people: Vec<(&'static str, Vec<Role>)>,
    groups: Vec<(
        &'static str,
        GroupKind,
        Vec<&'static str>,
        Vec<&'static str>,
    )>,
}

/// Somebody who can sign in.
#[derive(Clone)]
pub struct Someone {
    /// Their id.
    pub person: PersonId,
    /// Their login name.
    pub login: &'static str,
    /// Their password.
    pub password: String,
    /// Their first device, signed in.
    pub api: Api,
}

/// What became of a plan.
#[derive(Clone)]
pub struct Settled {
    /// The administrator.
    pub founder: Api,
    people: BTreeMap<&'static str, Someone>,
    groups: BTreeMap<&'static str, GroupId>,
}

impl Plan {
    /// Somebody with roles; the login name is also how tests call them.
    #[must_use]
    pub fn person(mut self, login: &'static str, roles: &[Role]) -> Self {
        self.people.push((login, roles.to_vec()));
        self
    }

    /// A group with its leaders and its other members, by login name.
    #[must_use]
    pub fn group(
        mut self,
        name: &'static str,
        kind: GroupKind,
        leaders: &[&'static str],
        members: &[&'static str],
    ) -> Self {
        self.groups
            .push((name, kind, leaders.to_vec(), members.to_vec()));
        self
    }

    /// The school that most tests need: two classes with a teacher each, and one person of every other role.
    #[must_use]
    pub fn two_classes() -> Self {
        Self::default()
            .person("tilda", &[Role::Teacher])
            .person("otto", &[Role::Teacher])
            .person("paul", &[Role::Pupil])
            .person("pia", &[Role::Pupil])
            .person("olga", &[Role::Pupil])
            .person("stefan", &[Role::Staff])
            .person("helga", &[Role::Head])
            .person("adam", &[Role::Administrator])
            .person("anna", &[Role::Auditor])
            .group("5a", GroupKind::Class, &["tilda"], &["paul", "pia"])
            .group("5b", GroupKind::Class, &["otto"], &["olga"])
    }

    /// Brings the school about. The founder must be signed in.
    pub async fn settle(&self, founder: &Api, stranger: impl Fn() -> Api) -> Settled {
        let added = self
            .people
            .iter()
            .enumerate()
            .map(|(number, (login, roles))| {
                let device = stranger();
                async move { (*login, add(founder, device, login, roles, number + 1).await) }
            });
        let people: BTreeMap<_, _> = join_all(added).await.into_iter().collect();
        let groups = self.groups.iter().map(|(name, kind, leaders, members)| {
            let people = &people;
            let of = |logins: &[&'static str], role| {
                logins
                    .iter()
                    .map(move |login| (people[login].person, role))
                    .collect()
            };
            let members: Vec<_> = [
                of(leaders, MemberRole::Leader),
                of(members, MemberRole::Member),
            ]
            .into_iter()
            .flat_map(|some: Vec<_>| some)
            .collect();
            async move { (*name, gather(founder, name, *kind, &members).await) }
        });
        let groups: BTreeMap<_, _> = join_all(groups).await.into_iter().collect();
        let settled = Settled {
            founder: founder.clone(),
            people,
            groups,
        };
        for (name, _, leaders, members) in &self.groups {
            if let Some(login) = leaders.iter().chain(members).next() {
                settled.wait_for_rooms(login, name).await;
            }
        }
        settled
    }
}

/// A password that is weak in no way and another one for everybody.
fn password(number: usize) -> String {
    format!("Kastanie-{number}-Laterne")
}

async fn add(
    founder: &Api,
    device: Api,
    login: &'static str,
    roles: &[Role],
    number: usize,
) -> Someone {
    let name = json!({ "given": capital(login), "family": "Beispiel" });
    let body = json!({ "name": name, "roles": roles, "login": login });
    let added = founder.post("/api/accounts/people", &body).await.ok();
    let person: PersonId = read(&added["person"]);
    let code = founder
        .post(&format!("/api/accounts/people/{person}/code"), &Value::Null)
        .await
        .ok();
    let password = password(number);
    let chosen = json!({ "login": login, "code": code["code"], "password": password });
    let signed_in = device.post("/api/session/code", &chosen).await.ok();
    assert_eq!(
        signed_in["next"],
        Value::Null,
        "nothing more is needed to sign in"
    );
    Someone {
        person,
        login,
        password,
        api: device,
    }
}

fn capital(login: &str) -> String {
    let mut letters = login.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

async fn gather(
    founder: &Api,
    name: &str,
    kind: GroupKind,
    members: &[(PersonId, MemberRole)],
) -> GroupId {
    let founded = founder
        .post(
            "/api/accounts/groups",
            &json!({ "name": name, "kind": kind, "year": 2026 }),
        )
        .await
        .ok();
    let group: GroupId = read(&founded["group"]);
    for (person, role) in members {
        let command =
            json!({ "AddMember": { "person": person, "role": role, "from": "2026-08-01" } });
        founder
            .post(&format!("/api/accounts/groups/{group}/command"), &command)
            .await
            .ok();
    }
    group
}

/// Reads a value that the server has sent.
pub fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error} in {value}"))
}

impl Settled {
    /// Somebody by login name.
    #[must_use]
    pub fn person(&self, login: &str) -> &Someone {
        self.people
            .get(login)
            .unwrap_or_else(|| panic!("the plan names nobody {login}"))
    }

    /// Everybody of the plan.
    pub fn people(&self) -> impl Iterator<Item = &Someone> {
        self.people.values()
    }

    /// Somebody's first device.
    #[must_use]
    pub fn api(&self, login: &str) -> &Api {
        &self.person(login).api
    }

    /// A group by name.
    #[must_use]
    pub fn group(&self, name: &str) -> GroupId {
        *self
            .groups
            .get(name)
            .unwrap_or_else(|| panic!("the plan names no group {name}"))
    }

    /// A group's room.
    #[must_use]
    pub fn room(&self, group: &str) -> RoomId {
        RoomId(StreamId::beside(self.group(group).0, b'm').0)
    }

    /// A group's space.
    #[must_use]
    pub fn space(&self, group: &str) -> SpaceId {
        SpaceId(StreamId::beside(self.group(group).0, b'f').0)
    }

    /// Somebody's own space.
    #[must_use]
    pub fn own_space(&self, login: &str) -> SpaceId {
        SpaceId(StreamId::beside(self.person(login).person.0, b'f').0)
    }

    /// The same people when the server has moved to another port; they keep their sessions.
    #[must_use]
    pub fn at(&self, address: std::net::SocketAddr) -> Self {
        let mut moved = self.clone();
        moved.founder = moved.founder.at(address);
        moved
            .people
            .values_mut()
            .for_each(|someone| someone.api = someone.api.at(address));
        moved
    }

    /// Says something as somebody; gives the position.
    pub async fn say(&self, login: &str, room: RoomId, text: &str) -> u64 {
        let someone = self.person(login);
        let said = someone.api.say(room, someone.person, text).await.ok();
        said["position"]
            .as_u64()
            .expect("a command answers its position")
    }

    /// Groups get their room and their space by flows, soon but not at once.
    async fn wait_for_rooms(&self, login: &str, group: &str) {
        let api = self.api(login);
        let key = self.room(group).to_string();
        let space = self.space(group).to_string();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (rooms, spaces) = (
                api.rows("messenger/rooms", "").await,
                api.rows("files/spaces", "").await,
            );
            let has = |rows: &[Value], key: &str| rows.iter().any(|found| found["key"] == key);
            if has(&rooms, &key) && has(&spaces, &space) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{group} has no room and space yet; rooms: {rooms:?}, spaces: {spaces:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
