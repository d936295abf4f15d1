//! Views follow the log, page in their order, and come back when they are lost.

use crate::support::{Home, add_person, close, open, person, room, say};
use edge_kernel::keyring::{Keyring, Tombstone};
use edge_kernel::views::{Query, Registry, Sorting};
use edge_kernel::{Clock, Kernel};
use events::accounts::view::People;
use events::messenger::view::{Messages, Rooms};
use events::privacy::Depth;
use events::{Owner, Scope};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

crate::on_both!(
    what_was_written_is_read_at_its_position,
    pages_follow_one_another_in_both_directions_without_gap_or_repeat,
    people_are_found_without_umlauts_and_by_parts_of_their_names,
    deleted_views_come_back_the_same,
    a_query_that_asks_for_the_future_is_told_so,
);

async fn what_was_written_is_read_at_its_position(home: &Home) {
    let kernel = home.open().await;
    for number in 0..50 {
        let position = say(&kernel, room(1), person(1), &format!("{number}")).await;
        kernel.views.wait(position).await.expect("catches up");
        let row = kernel
            .views
            .row::<Rooms>(&room(1).to_string())
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(row.last, number + 1);
    }
}

async fn pages_follow_one_another_in_both_directions_without_gap_or_repeat(home: &Home) {
    let kernel = home.open().await;
    let mut last = 0;
    for number in 0..23 {
        last = say(&kernel, room(1), person(1), &format!("{number}")).await;
    }
    say(&kernel, room(2), person(1), "anderswo").await;
    kernel.views.wait(last).await.expect("catches up");
    for (sorting, expected) in [
        (Sorting::Ascending, (1..=23).collect::<Vec<u64>>()),
        (Sorting::Descending, (1..=23).rev().collect()),
    ] {
        let mut query = Query {
            scopes: vec![Scope::Room(room(1))],
            limit: 5,
            sorting,
            ..Query::default()
        };
        let mut numbers = Vec::new();
        loop {
            let page = kernel.views.page::<Messages>(&query).await.expect("pages");
            numbers.extend(page.rows.iter().map(|found| found.row.number));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(numbers, expected);
    }
}

async fn people_are_found_without_umlauts_and_by_parts_of_their_names(home: &Home) {
    let kernel = home.open().await;
    for (number, given) in [(1, "Jürgen"), (2, "Łucja"), (3, "Ada")] {
        add_person(&kernel, person(number), given).await;
    }
    kernel
        .views
        .wait(kernel.ledger.size())
        .await
        .expect("catches up");
    for (search, found) in [
        ("jurg", 1),
        ("lucja beisp", 1),
        ("beispiel", 3),
        ("nobody", 0),
        ("%", 0),
    ] {
        let query = Query {
            scopes: vec![Scope::School],
            search: search.into(),
            ..Query::default()
        };
        assert_eq!(
            kernel
                .views
                .page::<People>(&query)
                .await
                .expect("pages")
                .rows
                .len(),
            found,
            "{search}"
        );
    }
}

async fn deleted_views_come_back_the_same(home: &Home) {
    let kernel = home.open().await;
    add_person(&kernel, person(1), "Ada").await;
    for number in 0..100 {
        say(
            &kernel,
            room(1 + number % 7),
            person(1),
            &format!("{number}"),
        )
        .await;
    }
    kernel
        .views
        .wait(kernel.ledger.size())
        .await
        .expect("catches up");
    let before = (
        kernel.views.digest::<Messages>().await,
        kernel.views.digest::<Rooms>().await,
    );
    close(kernel).await;
    for name in ["views.db", "views.db-wal", "views.db-shm"] {
        let path = home.path().join(name);
        if path.exists() {
            std::fs::remove_file(path).expect("deletes");
        }
    }
    let kernel = home.open().await;
    let after = (
        kernel.views.digest::<Messages>().await,
        kernel.views.digest::<Rooms>().await,
    );
    assert_eq!(before.0.expect("digests"), after.0.expect("digests"));
    assert_eq!(before.1.expect("digests"), after.1.expect("digests"));
}

async fn a_query_that_asks_for_the_future_is_told_so(home: &Home) {
    let kernel = home.open().await;
    assert!(kernel.views.wait(1).await.is_err());
}

#[tokio::test]
async fn a_view_that_is_kept_no_more_leaves_no_table_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    let last = say(&kernel, room(1), person(1), "Moin!").await;
    kernel.views.wait(last).await.expect("catches up");
    close(kernel).await;
    let tables = async || -> Vec<String> {
        let options = SqliteConnectOptions::new().filename(directory.path().join("views.db"));
        let mut db = options.connect().await.expect("opens");
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let found = sqlx::query_scalar(sql).fetch_all(&mut db).await;
        found.expect("reads")
    };
    assert!(tables().await.contains(&"messenger_messages_view".into()));
    let clock = Clock::System;
    let kernel = Kernel::open(directory.path(), clock, Registry::default(), &|_, _, _| {});
    close(kernel.await.expect("opens without any view")).await;
    assert_eq!(tables().await, ["kernel_view", "kernel_views_of"]);
    let kernel = open(directory.path()).await;
    let row = kernel.views.row::<Rooms>(&room(1).to_string()).await;
    assert_eq!(row.expect("reads").expect("is folded again").last, 1);
}

/// Another machine that shares the keys may forget somebody while this one is off.
#[tokio::test]
async fn what_was_forgotten_while_the_views_were_not_open_is_not_in_them_when_they_are() {
    let home = Home::in_a_file();
    let kernel = home.open().await;
    add_person(&kernel, person(1), "Quittenmus").await;
    let at = say(&kernel, room(1), person(2), "Moin").await;
    kernel.views.wait(at).await.expect("catches up");
    let owner = Owner::Person(person(1));
    let keys = kernel.ledger.keyring().buckets_of(owner);
    let dead = keys.iter().map(|bucket| bucket.id).collect();
    close(kernel).await;
    let elsewhere = Keyring::open(&home.path().join("keys")).expect("opens");
    let stone = Tombstone {
        by: 1_000,
        depth: Depth::Key,
    };
    let renewed = elsewhere.renew(&dead, stone, &|_| Ok(()));
    renewed.expect("destroys");
    drop(elsewhere);
    for start in 0..2 {
        let kernel = home.open().await;
        let row = kernel.views.row::<People>(&person(1).to_string()).await;
        let name = row.expect("reads").expect("is there").name;
        assert_eq!(name.get(), None, "start {start}");
        close(kernel).await;
        let bytes = std::fs::read(home.path().join("views.db")).expect("reads");
        let is_there = bytes.windows(10).any(|window| window == b"Quittenmus");
        assert!(!is_there, "start {start}");
    }
}
