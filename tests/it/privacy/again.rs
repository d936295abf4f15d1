//! A log that is restored from long before an erasure says it again once, as deep as it was, and then goes on like any other.

use super::scene::{back_up, forget, found_in, house, planted, rename, replayed, verifies};
use crate::support::copy;
use edge::House;
use events::privacy::{Depth, PrivacyEvent};

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
