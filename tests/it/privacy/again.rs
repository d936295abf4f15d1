//! A log that is restored from long before an erasure says it again once, as deep as it was, and then goes on like any other.

use super::scene::{back_up, forget, found_in, house, planted, rename, replayed, verifies};
use crate::support::copy;
use edge::House;
use edge_accounts::Accounts;
use edge_kernel::ledger::erase::Alone;
use edge_kernel::views::Registry;
use edge_kernel::{Clock, Kernel, Unit};
use edge_privacy::{HoldError, Holds, Pack, Privacy, Settled};
use events::ids::{PersonId, StreamId};
use events::privacy::{Depth, PrivacyEvent};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::atomic::{AtomicU32, Ordering};

/// More than a few starts append.
const MANY: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_old_log_does_not_know_is_said_again_once_and_as_deep() {
    for depth in [Depth::Key, Depth::Ciphertext, Depth::Header] {
        let mut school = planted().await;
        let (paul, second) = (school.person("paul").person, school.person("zweite").person);
        let tilda = school.person("tilda").person;
        school.stop().await;
        let beside = tempfile::tempdir().expect("a directory");
        let backup = beside.path().join("yesterday");
        back_up(school.data(), &backup);
        let grown = house(school.data()).await;
        for number in 0..MANY {
            rename(&grown, tilda, &format!("Tilda {number}")).await;
        }
        forget(&grown, paul, second, depth).await;
        let first = said(&grown).await;
        grown.close().await;
        copy(&school.data().join("keys"), &backup.join("keys"));
        let mut size = None;
        for start in 0..3 {
            let restored = house(&backup).await;
            let again = said(&restored).await;
            assert_eq!(again.len(), 1, "{depth:?}, start {start}");
            assert_eq!(again[0].0, first[0].0, "as deep as the first time");
            let (one, other) = (first[0].1, again[0].1);
            assert_eq!(one, other, "{depth:?}: as many entries are dropped whole");
            let now = restored.kernel.ledger.size();
            assert_eq!(*size.get_or_insert(now), now, "a start appends nothing");
            assert_eq!(replayed(&restored).await, Vec::<String>::new());
            verifies(&restored).await;
            restored.close().await;
        }
        assert_eq!(found_in(&backup), Vec::<String>::new(), "{depth:?}");
    }
}

/// Every erasure of a log: its depth, and how many entries it drops.
async fn said(house: &House) -> Vec<(Depth, u64)> {
    let all = house.kernel.ledger.erasures().await.expect("reads");
    let said = all.into_iter().filter_map(|said| match said.event {
        PrivacyEvent::ErasureExecuted { depth, headers, .. } => {
            Some((depth, headers.iter().map(|span| span.1 + 1 - span.0).sum()))
        }
        _ => None,
    });
    said.collect()
}

/// Lets people go as the house does, and fails with the second batch of them.
struct Failing {
    accounts: Accounts,
    batches: AtomicU32,
}

impl Holds for Failing {
    fn alone(&self, person: PersonId, into: &mut Alone) {
        into.streams.insert(StreamId(person.0));
    }

    fn settle<'a, 'k: 'a>(
        &'a self,
        unit: &'a mut Unit<'k>,
        people: &'a [PersonId],
    ) -> BoxFuture<'a, Result<Settled, HoldError>> {
        async move {
            if self.batches.fetch_add(1, Ordering::SeqCst) == 1 {
                return Err(HoldError("the power is cut".into()));
            }
            let let_go = self.accounts.let_go(unit, people).await;
            let_go
                .map(|_| Settled::default())
                .map_err(|error| HoldError(error.into()))
        }
        .boxed()
    }
}

/// What the first of them appends moves the log's end behind where the second was said.
#[tokio::test(flavor = "multi_thread")]
async fn cut_off_between_two_depths_an_old_log_says_both_again() {
    let mut school = planted().await;
    let second = school.person("zweite").person;
    let people = ["tilda", "paul", "pia", "olga", "otto"].map(|login| school.person(login).person);
    school.stop().await;
    let beside = tempfile::tempdir().expect("a directory");
    let backup = beside.path().join("yesterday");
    back_up(school.data(), &backup);
    let grown = house(school.data()).await;
    for (number, person) in people.into_iter().enumerate() {
        let depth = match number {
            0 => Depth::Header,
            _ => Depth::Ciphertext,
        };
        forget(&grown, person, second, depth).await;
    }
    grown.close().await;
    copy(&school.data().join("keys"), &backup.join("keys"));

    let views = Privacy::views(Accounts::views(Registry::default()));
    let kernel = Kernel::open(&backup, Clock::System, views, &|_, _, _| {}).await;
    let kernel = kernel.expect("opens");
    let failing = Failing {
        accounts: Accounts::new(kernel.clone()),
        batches: AtomicU32::new(0),
    };
    let rules = Pack::named("de-ni").expect("is built in");
    let privacy = Privacy::new(kernel.clone(), vec![Box::new(failing)], rules, &backup);
    privacy.resume().await.expect_err("is cut off");
    drop(privacy);
    let Kernel { ledger, views, .. } = kernel;
    views.close().await;
    drop(views);
    ledger.close().await;

    let restored = house(&backup).await;
    let depths: Vec<_> = said(&restored).await.into_iter().map(|one| one.0).collect();
    assert_eq!(depths, [Depth::Ciphertext, Depth::Header]);
    assert_eq!(replayed(&restored).await, Vec::<String>::new());
    verifies(&restored).await;
    restored.close().await;
}
