//! Whoever was forgotten is in no backup: not in one from before, with the keys of today, and not in the one that goes on.

use super::scene::Elsewhere;
use crate::privacy::scene::{PLANTED, forget, found_in, house, planted, replayed, rows, verifies};
use crate::support::copy;
use edge::backup::Scope;
use events::privacy::Depth;

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_person_comes_back_from_no_backup() {
    for depth in [Depth::Key, Depth::Ciphertext, Depth::Header] {
        let mut school = planted().await;
        let (paul, second) = (school.person("paul").person, school.person("zweite").person);
        school.stop().await;
        let elsewhere = Elsewhere::new();
        let house_ = house(school.data()).await;
        assert!(replayed(&house_).await.len() >= PLANTED.len() - 1);
        elsewhere.push(&house_, Scope::All).await;
        let (old_keys, files) = (elsewhere.keys(&house_), elsewhere.objects("blobs").len());
        let yesterday = elsewhere.beside("yesterday");
        copy(&elsewhere.path(), &yesterday);

        forget(&house_, paul, second, depth).await;
        elsewhere.push(&house_, Scope::Tail).await;
        let keys = elsewhere.keys(&house_);
        assert_eq!(
            elsewhere.objects("blobs").len(),
            files - 2,
            "{depth:?}: what was theirs is out of the backup"
        );
        let mut views = Vec::new();
        for view in events::views::NAMES {
            views.push((view, rows(&house_, view).await));
        }
        house_.close().await;

        // Today's backup with today's keys.
        let restored = elsewhere.restore(&keys, "today").await;
        restored.unwrap_or_else(|error| panic!("{depth:?}: {error:?}"));
        let today = house(&elsewhere.beside("today")).await;
        verifies(&today).await;
        for (view, before) in views {
            assert_eq!(rows(&today, view).await, before, "{depth:?}: {view}");
        }
        today.close().await;
        assert_eq!(found_in(&elsewhere.beside("today")), Vec::<String>::new());

        // Yesterday's backup with today's keys.
        let restored = elsewhere.restore_from(&yesterday, &keys, "then").await;
        restored.unwrap_or_else(|error| panic!("{depth:?}: {error:?}"));
        let then = house(&elsewhere.beside("then")).await;
        assert_eq!(replayed(&then).await, Vec::<String>::new(), "{depth:?}");
        verifies(&then).await;
        let strangers = then.accounts.without_keys().await.expect("can be asked");
        assert_eq!(strangers, [], "what was kept beside the log is gone again");
        then.close().await;
        assert_eq!(
            found_in(&elsewhere.beside("then")),
            Vec::<String>::new(),
            "{depth:?}"
        );

        // Today's backup with yesterday's keys.
        let error = elsewhere.restore(&old_keys, "never").await;
        let error = format!("{:#}", error.expect_err("older keys are refused"));
        assert!(error.contains("older than the backup"), "{error}");
    }
}
