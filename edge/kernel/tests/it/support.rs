//! A kernel in a directory of its own, and a small aggregate to write with.

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use edge_kernel::database::Server;
use edge_kernel::ledger::Opening;
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order};
use events::access::NOW;
use events::accounts::view::People;
use events::accounts::{AccountsEvent, PersonName, Role};
use events::ids::{MessageId, PersonId, RoomId, StreamId};
use events::messenger::MessengerEvent;
use events::messenger::view::{Messages, Rooms};
use events::{AnyEvent, Audience, Personal};
use serde::{Deserialize, Serialize};
use std::path::Path;
use uuid::Uuid;

/// The first moment of every test: 2026-11-23T08:00Z.
pub(crate) const MONDAY: u64 = 1_795_420_800_000;

pub(crate) async fn open(directory: &Path) -> Kernel {
    open_at(directory, Clock::manual(MONDAY)).await
}

pub(crate) async fn open_at(directory: &Path, clock: Clock) -> Kernel {
    try_open(directory, clock).await.expect("the kernel opens")
}

pub(crate) async fn try_open(
    directory: &Path,
    clock: Clock,
) -> Result<Kernel, edge_kernel::StartError> {
    open_log(directory, None, clock).await
}

async fn open_log(
    directory: &Path,
    server: Option<Server>,
    clock: Clock,
) -> Result<Kernel, edge_kernel::StartError> {
    let registry = Registry::default()
        .with::<People>()
        .with::<Rooms>()
        .with::<Messages>();
    let opening = Opening {
        directory,
        clock,
        progress: &|_, _, _| {},
        server,
        durable: true,
    };
    Kernel::open_as(opening, registry).await
}

/// Where a test's log lies: in a file, or in a database of its own on a server.
pub(crate) struct Home {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) server: Option<Server>,
    pub(crate) address: Option<String>,
    /// The database of the keys, when they are in one.
    pub(crate) keys: Option<String>,
}

impl Home {
    pub(crate) fn in_a_file() -> Self {
        Self {
            directory: tempfile::tempdir().expect("a directory"),
            server: None,
            address: None,
            keys: None,
        }
    }

    /// Lets a test have a database of its own, which is dropped at the end.
    pub(crate) async fn on_a_server(test: impl AsyncFnOnce(&Self)) {
        let Ok(cluster) = std::env::var("SCHULHOF_POSTGRES") else {
            eprintln!(
                "SKIPPED: SCHULHOF_POSTGRES names no PostgreSQL cluster; `cargo xtask test` starts one"
            );
            return;
        };
        let name = format!("schulhof_{}", Uuid::new_v4().simple());
        command(&cluster, &format!("CREATE DATABASE {name}")).await;
        let (base, _) = cluster.rsplit_once('/').expect("it names a database");
        let address = format!("{base}/{name}");
        let home = Self {
            directory: tempfile::tempdir().expect("a directory"),
            server: Some(address.parse().expect("an address")),
            address: Some(address),
            keys: None,
        };
        test(&home).await;
        command(&cluster, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }

    /// The same with a second database for the keys.
    pub(crate) async fn with_keys_on_a_server(test: impl AsyncFnOnce(&Self)) {
        Self::on_a_server(async |home| {
            let log = home.address.as_ref().expect("is on a server");
            let keys = format!("{log}_keys");
            let name = keys.rsplit('/').next().expect("a name");
            command(log, &format!("CREATE DATABASE {name}")).await;
            let server = home.server.clone().expect("is on a server");
            let server = server.with_keys(keys.parse().expect("an address"));
            let home = Self {
                directory: tempfile::tempdir().expect("a directory"),
                server: Some(server.expect("are two databases")),
                address: home.address.clone(),
                keys: Some(keys.clone()),
            };
            test(&home).await;
            command(log, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        })
        .await;
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) async fn open(&self) -> Kernel {
        self.open_at(Clock::manual(MONDAY)).await
    }

    pub(crate) async fn open_at(&self, clock: Clock) -> Kernel {
        self.try_open(clock).await.expect("the kernel opens")
    }

    pub(crate) async fn try_open(&self, clock: Clock) -> Result<Kernel, edge_kernel::StartError> {
        open_log(self.path(), self.server.clone(), clock).await
    }

    /// Another machine on the same log, with a directory of its own and the same keys; when they are in a database, with a copy of
    /// what is in none.
    pub(crate) fn beside(&self) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (here, there) = (self.path().join("keys"), directory.path().join("keys"));
        if self.keys.is_none() {
            std::os::unix::fs::symlink(here, there).expect("links");
        } else {
            std::fs::create_dir(&there).expect("ours");
            for file in std::fs::read_dir(here).expect("lists").flatten() {
                std::fs::copy(file.path(), there.join(file.file_name())).expect("copies");
            }
        }
        Self {
            directory,
            server: self.server.clone(),
            address: self.address.clone(),
            keys: self.keys.clone(),
        }
    }

    /// A connection to the database of the keys, as whoever owns it has it.
    pub(crate) async fn raw_keys(&self) -> sqlx::PgConnection {
        use sqlx::Connection;
        let address = self.keys.as_ref().expect("keys are on a server");
        sqlx::PgConnection::connect(address)
            .await
            .expect("connects")
    }

    /// A connection past the kernel, as whoever owns the database has it.
    pub(crate) async fn raw(&self) -> sqlx::PgConnection {
        use sqlx::Connection;
        let address = self.address.as_ref().expect("is on a server");
        sqlx::PgConnection::connect(address)
            .await
            .expect("connects")
    }
}

async fn command(cluster: &str, sql: &str) {
    use sqlx::Connection;
    let mut db = sqlx::PgConnection::connect(cluster)
        .await
        .expect("the cluster is there");
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&mut db)
        .await;
    done.expect("is done");
}

/// Runs tests on a log in a file and on one in a database server.
#[macro_export]
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod in_a_file {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&$crate::support::Home::in_a_file()).await;
            })+
        }
        mod on_a_server {
            $(#[tokio::test]
            async fn $test() {
                $crate::support::Home::on_a_server(super::$test).await;
            })+
        }
    };
}

/// Closes a kernel and waits until its writer is gone, so that the directory can be opened again.
pub(crate) async fn close(kernel: Kernel) {
    let Kernel { ledger, views, .. } = kernel;
    views.close().await;
    drop(views);
    ledger.close().await;
}

pub(crate) fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

pub(crate) fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(number << 32))
}

pub(crate) async fn add_person(kernel: &Kernel, who: PersonId, given: &str) {
    let name = PersonName {
        given: given.into(),
        family: "Beispiel".into(),
    };
    let added = AccountsEvent::PersonAdded {
        person: who,
        name: Personal::new(name),
        roles: vec![Role::Pupil],
    };
    let mut unit = kernel.unit(Order::by(Actor::Machine));
    unit.event(StreamId(who.0), AnyEvent::Accounts(added));
    unit.commit().await.expect("a person is added");
    assert!(kernel.ledger.access().is_open(who, NOW));
}

/// The word after which a room takes no other.
pub(crate) const LAST_WORD: &str = "Schluss";

/// A room that numbers what is said, refusing the empty and whatever follows the last word.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Talk {
    last: u64,
    open: bool,
    over: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Say(pub(crate) RoomId, pub(crate) PersonId, pub(crate) String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("nothing was said")]
pub(crate) struct NothingSaid;

impl Aggregate for Talk {
    const TYPE: &'static str = "talk";
    type Command = Say;
    type Event = MessengerEvent;
    type Error = NothingSaid;
    type Services = ();

    async fn handle(
        &mut self,
        Say(room, author, text): Say,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), NothingSaid> {
        if text.is_empty() || self.over {
            return Err(NothingSaid);
        }
        if !self.open {
            let opened = MessengerEvent::RoomOpened {
                room,
                audience: Audience::Pair(author, author),
            };
            sink.write(opened, self).await;
        }
        let (number, message) = (self.last + 1, MessageId(Uuid::new_v4()));
        let sent = MessengerEvent::MessageSent {
            room,
            number,
            message,
            author,
            text: Personal::new(text),
        };
        sink.write(sent, self).await;
        Ok(())
    }

    fn apply(&mut self, event: MessengerEvent) {
        match event {
            MessengerEvent::RoomOpened { .. } => self.open = true,
            MessengerEvent::MessageSent { number, text, .. } => {
                self.last = number;
                self.over = text.get().is_some_and(|text| text == LAST_WORD);
            }
            MessengerEvent::MessageRemoved { .. } | MessengerEvent::RoomRead { .. } => {}
        }
    }
}

pub(crate) async fn say(kernel: &Kernel, room: RoomId, who: PersonId, text: &str) -> u64 {
    let command = Say(room, who, text.to_owned());
    let done = kernel
        .execute::<Talk>(StreamId(room.0), command, Order::by(Actor::Person(who)))
        .await;
    done.expect("it is said").position
}
