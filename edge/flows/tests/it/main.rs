//! Flows from outside: facts go into a real log, and what must follow is found in it.

use edge_files::{Asked, By, Files, Space, group_space, own_space};
use edge_flows::group_added::{OpenRoom, OpenSpace};
use edge_flows::person_added::OpenOwnSpace;
use edge_kernel::react::Reaction;
use edge_kernel::views::Registry;
use edge_kernel::{Actor, Clock, Kernel, Order};
use edge_messenger::{Messenger, group_room};
use events::accounts::{AccountsEvent, GroupKind, PersonName, Role};
use events::files::FilesCommand;
use events::ids::{GroupId, PersonId, StreamId};
use events::{AnyEvent, Audience, Personal};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

struct School {
    _directory: tempfile::TempDir,
    kernel: Kernel,
    files: Files,
    messenger: Messenger,
}

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(1 << 32 | n))
}

fn group(n: u128) -> GroupId {
    GroupId(Uuid::from_u128(2 << 32 | n))
}

impl School {
    async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual(1_780_000_000_000);
        let kernel = Kernel::open(directory.path(), clock, Registry::default(), &|_, _, _| {})
            .await
            .expect("opens");
        Self {
            files: Files::new(kernel.clone()),
            messenger: Messenger::new(kernel.clone()),
            kernel,
            _directory: directory,
        }
    }

    /// People and groups come to the school, as an import brings them: in one append.
    async fn came(&self, people: u128, groups: u128) {
        let mut unit = self.kernel.unit(Order::by(Actor::Machine));
        for n in 0..people {
            let name = PersonName {
                given: "Vorname".into(),
                family: "Nachname".into(),
            };
            let added = AccountsEvent::PersonAdded {
                person: person(n),
                name: Personal::new(name),
                roles: vec![Role::Pupil],
            };
            unit.event(StreamId(person(n).0), AnyEvent::Accounts(added));
        }
        for n in 0..groups {
            let added = AccountsEvent::GroupAdded {
                group: group(n),
                name: format!("{n}a"),
                kind: GroupKind::Class,
                year: 2026,
            };
            unit.event(StreamId(group(n).0), AnyEvent::Accounts(added));
        }
        unit.commit().await.expect("appends");
    }

    async fn catch_up(&self) {
        edge_flows::catch_up(&self.kernel, &self.files, &self.messenger)
            .await
            .expect("catches up");
    }

    fn has_everything(&self, people: u128, groups: u128) -> bool {
        let access = self.kernel.ledger.access();
        let own = (0..people)
            .map(person)
            .all(|person| access.own_space(person) == Some(own_space(person)));
        let theirs = (0..groups).map(group).all(|group| {
            access.group_space(group) == Some(group_space(group))
                && access.group_room(group) == Some(group_room(group))
        });
        own && theirs
    }
}

#[tokio::test]
async fn new_people_get_a_space_and_new_groups_a_space_and_a_room() {
    let school = School::open().await;
    school.came(3, 2).await;
    assert!(!school.has_everything(1, 0));
    school.catch_up().await;
    assert!(school.has_everything(3, 2));
    assert_eq!(school.kernel.ledger.size(), 3 + 2 + 3 + 2 * 2);
}

#[tokio::test]
async fn an_effect_that_happens_again_changes_nothing() {
    let school = School::open().await;
    school.came(3, 2).await;
    school.catch_up().await;
    let size = school.kernel.ledger.size();
    school.catch_up().await;
    assert_eq!(school.kernel.ledger.size(), size);
    // As after a crash between the effect and its cursor: the same events come again.
    let (kernel, files) = (&school.kernel, school.files.clone());
    let events = kernel.ledger.read(0, 100).await.expect("reads");
    let own = OpenOwnSpace(files.clone());
    own.react(kernel, &events).await.expect("repeats");
    let space = OpenSpace(files);
    space.react(kernel, &events).await.expect("repeats");
    let room = OpenRoom(school.messenger.clone());
    room.react(kernel, &events).await.expect("repeats");
    assert_eq!(school.kernel.ledger.size(), size);
}

#[tokio::test]
async fn a_space_that_somebody_opened_first_does_not_stop_the_others() {
    let school = School::open().await;
    school.came(20, 0).await;
    let opening = async {
        for n in 0..20 {
            let person = person(n);
            let asked = Asked {
                space: own_space(person),
                by: By::Machine,
                command: FilesCommand::OpenSpace {
                    audience: Audience::Person(person),
                },
            };
            let stream = StreamId(own_space(person).0);
            school
                .kernel
                .execute::<Space>(stream, asked, Order::by(Actor::Machine))
                .await
                .expect("opens");
        }
    };
    tokio::join!(opening, school.catch_up());
    assert!(school.has_everything(20, 0));
    assert_eq!(school.kernel.ledger.size(), 40, "each was opened once");
}

#[tokio::test]
async fn a_whole_school_is_served_in_a_few_appends() {
    let school = School::open().await;
    school.came(1_750, 60).await;
    let mut batches = school.kernel.ledger.follow();
    school.catch_up().await;
    assert!(school.has_everything(1_750, 60));
    let mut appends = 0;
    while batches.try_recv().is_ok() {
        appends += 1;
    }
    assert!(appends <= 20, "{appends} appends for one import");
}

#[tokio::test]
async fn running_flows_answer_as_things_happen_and_end_when_told() {
    let school = School::open().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(edge_flows::run(
        school.kernel.clone(),
        school.files.clone(),
        school.messenger.clone(),
        stop.clone(),
    ));
    school.came(2, 1).await;
    let mut head = school.kernel.ledger.watch();
    let served = async {
        while !school.has_everything(2, 1) {
            head.changed().await.expect("the log lives");
        }
    };
    tokio::time::timeout(Duration::from_secs(20), served)
        .await
        .expect("the flows answer within seconds");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(20), running)
        .await
        .expect("the flows end")
        .expect("without a panic");
}
