//! Single events that have grown old lose their personal part by rule alone: here, in what the views show, and in the running
//! backup. Copies of older backups keep it, as the certificate says, until they are deleted.

use super::scene::Elsewhere;
use crate::privacy::scene::{house, rows, verifies};
use crate::support::copy;
use e2e::plan::Plan;
use e2e::school::School;
use edge::House;
use edge::backup::Scope;
use edge_kernel::{Actor, Clock, Order};
use edge_privacy::Batch;
use events::AnyEvent;
use events::accounts::{AccountsEvent, Role};
use events::ids::{BatchId, StreamId};
use events::privacy::{Aged, Confirm, Counts, PrivacyCommand};
use std::path::Path;
use uuid::Uuid;

/// The devices that sign-ins still name, and how many sign-ins there are.
async fn devices(house: &House) -> (usize, usize) {
    let (mut named, mut all) = (0, 0);
    let size = house.kernel.ledger.size();
    let fold = house.kernel.ledger.fold_all(0, size, |event| {
        if let AnyEvent::Accounts(AccountsEvent::SignedIn { device, .. }) = &event.event {
            all += 1;
            named += usize::from(device.get().is_some());
        }
    });
    fold.await.expect("the whole log can be read");
    (named, all)
}

/// The house a hundred days from now: every month that has begun is due.
async fn later(data: &Path) -> House {
    let clock = Clock::manual(Clock::System.now() + 100 * 24 * 60 * 60 * 1000);
    let opened = House::open(data, clock, &|_, _, _| {}).await;
    opened.unwrap_or_else(|error| panic!("the house does not open: {error:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_old_sign_ins_go_by_rule_and_out_of_the_running_backup() {
    let mut school = School::open(&Plan::two_classes()).await;
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let now = house(school.data()).await;
    let (named, all) = devices(&now).await;
    assert!(named > 2 && named == all, "people have signed in");
    elsewhere.push(&now, Scope::All).await;
    let yesterday = elsewhere.beside("yesterday");
    copy(&elsewhere.path(), &yesterday);
    let early = now.privacy.propose_due().await.expect("looks");
    assert_eq!(early, [], "nothing is due within the month");
    let due = now.privacy.calendar().await.expect("looks");
    let counted: u64 = due
        .iter()
        .filter_map(|due| Some(due.events.as_ref()?.count))
        .sum();
    assert_eq!(counted, named as u64, "the calendar announces them");
    now.close().await;

    let house_ = later(school.data()).await;
    let batches = house_.privacy.propose_due().await.expect("goes by rule");
    assert!(!batches.is_empty());
    assert_eq!(
        devices(&house_).await,
        (0, all),
        "that they signed in stays"
    );
    let shown = rows(&house_, "sessions").await.to_string();
    assert!(!shown.contains("\"device\":\""), "{shown}");
    verifies(&house_).await;
    let again = house_.privacy.propose_due().await.expect("looks");
    assert_eq!(again, [], "once is enough");
    let signed = house_.privacy.signed_certificate(batches[0]).await;
    let signed = signed.expect("a certificate");
    let certificate = &signed.certificate;
    let aged = certificate.events.as_ref().expect("says which events");
    assert_eq!((aged.kind.as_str(), certificate.people), ("SignedIn", 0));
    assert!(certificate.keys.is_empty() && certificate.headers.is_empty());
    assert!(certificate.backups.contains("Kopien der Sicherung"));
    assert!(signed.to_pdf().expect("is written").starts_with(b"%PDF"));

    let pushed = elsewhere.push(&house_, Scope::Tail).await;
    assert!(
        pushed.removed > 0,
        "the pieces of before are out of the backup"
    );
    let keys = elsewhere.keys(&house_);
    house_.close().await;
    elsewhere.restore(&keys, "today").await.expect("restores");
    let today = later(&elsewhere.beside("today")).await;
    assert_eq!(devices(&today).await, (0, all));
    verifies(&today).await;
    today.close().await;

    // A copy that somebody kept opens with the keys, until the rule finds it again.
    elsewhere
        .restore_from(&yesterday, &keys, "then")
        .await
        .expect("restores");
    let then = later(&elsewhere.beside("then")).await;
    assert_eq!(devices(&then).await.0, named, "as the certificate says");
    then.privacy.propose_due().await.expect("goes by rule");
    assert_eq!(devices(&then).await.0, 0);
    verifies(&then).await;
    then.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_asks_for_a_person_waits_for_one() {
    let plan = Plan::two_classes().person("zweite", &[Role::Administrator]);
    let mut school = School::open(&plan).await;
    let second = school.person("zweite").person;
    school.stop().await;
    let mut house_ = later(school.data()).await;
    let pack = edge_privacy::Pack::named("de-sh").expect("is built in");
    house_.privacy = house_.privacy.with_rules(pack);
    let before = devices(&house_).await;
    let batches = house_.privacy.propose_due().await.expect("proposes");
    assert!(!batches.is_empty());
    assert_eq!(
        devices(&house_).await,
        before,
        "nothing goes before somebody agrees"
    );
    assert_eq!(house_.privacy.propose_due().await.expect("looks"), []);
    for batch in batches {
        house_.privacy.agree(second, batch).await.expect("agrees");
        let done = house_.privacy.carry_out(batch, &|_| Ok(())).await;
        done.expect("is carried out");
    }
    assert_eq!(devices(&house_).await.0, 0);
    verifies(&house_).await;
    house_.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_was_cut_off_from_agreeing_to_it_agrees_to_the_next_time() {
    let mut school = School::open(&Plan::two_classes()).await;
    school.stop().await;
    let house_ = later(school.data()).await;
    let batch = BatchId(Uuid::new_v4());
    let proposed = PrivacyCommand::PlanAgeing {
        batch,
        rule: "de-ni/sign-ins".into(),
        basis: "as the rule says".into(),
        aged: Aged {
            kind: "SignedIn".into(),
            from: 0,
            before: house_.kernel.clock.now(),
            confirm: Confirm::Rule,
        },
        counts: Counts::default(),
    };
    let order = Order::by(Actor::Machine);
    let proposed = house_
        .kernel
        .execute::<Batch>(StreamId(batch.0), proposed, order);
    proposed.await.expect("is proposed");
    house_.privacy.propose_due().await.expect("goes by rule");
    assert_eq!(devices(&house_).await.0, 0, "nobody else would agree");
    assert_eq!(house_.privacy.propose_due().await.expect("looks"), []);
    verifies(&house_).await;
    house_.close().await;
}
