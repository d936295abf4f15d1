//! An erasure that is cut off before any of its steps is carried on when the house opens again.

use super::scene::{found_in, house, planted, replayed, said, verifies};
use crate::support::copy;
use events::privacy::Depth;
use events::privacy::view::{Erasures, Stage};
use std::sync::atomic::{AtomicU32, Ordering};

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_before_any_step_an_erasure_is_carried_on_at_the_next_start() {
    let mut school = planted().await;
    let (paul, second) = (school.person("paul").person, school.person("zweite").person);
    school.stop().await;
    let mut number = 0;
    loop {
        let beside = tempfile::tempdir().expect("a directory");
        let data = beside.path().join("data");
        copy(school.data(), &data);
        let cut = house(&data).await;
        let batch = said(&cut, paul, second, Depth::Header).await;
        let seen = AtomicU32::new(0);
        let stop = |_: &'static str| match seen.fetch_add(1, Ordering::SeqCst) == number {
            true => Err(std::io::Error::other("the power is cut")),
            false => Ok(()),
        };
        let ended = cut.privacy.carry_out(batch, &stop).await.is_ok();
        let steps = seen.load(Ordering::SeqCst);
        cut.close().await;
        let again = house(&data).await;
        again
            .kernel
            .views
            .wait(again.kernel.ledger.size())
            .await
            .expect("catches up");
        let row = again
            .kernel
            .views
            .row::<Erasures>(&batch.to_string())
            .await
            .expect("reads");
        assert_eq!(
            row.map(|row| row.stage),
            Some(Stage::Completed),
            "step {number}"
        );
        assert_eq!(found_in(&data), Vec::<String>::new(), "step {number}");
        assert_eq!(
            replayed(&again).await,
            Vec::<String>::new(),
            "step {number}"
        );
        verifies(&again).await;
        again.close().await;
        if ended {
            assert!(steps >= 12, "every step is a point to be cut at: {steps}");
            return;
        }
        number += 1;
    }
}
