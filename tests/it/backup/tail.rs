//! What was acknowledged is in the backup after the next push, and what is there is never written again.

use super::scene::Elsewhere;
use crate::privacy::scene::{house, planted, rename};
use edge::backup::Scope;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::SystemTime;

fn times(elsewhere: &Elsewhere) -> HashMap<PathBuf, SystemTime> {
    let all = [
        "segments",
        "beside",
        "blobs",
        "kept",
        "erasures",
        "manifests",
    ];
    let found = all.into_iter().flat_map(|folder| elsewhere.objects(folder));
    found
        .map(|path| {
            let written = path.metadata().and_then(|data| data.modified());
            (path, written.expect("has a time"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_in_the_backup_after_the_next_push() {
    let mut school = planted().await;
    let pia = school.person("pia").person;
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let house_ = house(school.data()).await;
    let first = elsewhere.push(&house_, Scope::All).await;
    assert_eq!(first.size, house_.kernel.ledger.size());
    for number in 0..20 {
        let before = times(&elsewhere);
        rename(&house_, pia, &format!("Name{number}")).await;
        let pushed = elsewhere.push(&house_, Scope::Tail).await;
        assert_eq!(pushed.size, house_.kernel.ledger.size());
        assert!(
            pushed.bytes < 200_000,
            "{} bytes for one event",
            pushed.bytes
        );
        let after = times(&elsewhere);
        for (path, time) in &before {
            let still = after.get(path);
            assert!(
                still.is_none_or(|still| still == time),
                "{} was written again",
                path.display()
            );
        }
        assert_eq!(elsewhere.objects("manifests").len(), 1);
        assert!(elsewhere.objects("segments").len() <= 10);
    }
    let nothing = elsewhere.push(&house_, Scope::Tail).await;
    assert_eq!((nothing.bytes, nothing.removed), (0, 0));
    let keys = elsewhere.keys(&house_);
    let (size, root) = house_.kernel.ledger.root().await.expect("reads");
    house_.close().await;
    let restored = elsewhere.restore(&keys, "new").await.expect("is restored");
    assert_eq!((restored.size, restored.root), (size, root));
    let again = house(&elsewhere.beside("new")).await;
    let names = crate::privacy::scene::rows(&again, "people").await;
    assert!(
        names.to_string().contains("Name19"),
        "the last event is there"
    );
    // The restored school goes on, and its backup with it.
    rename(&again, pia, "Danach").await;
    let on = elsewhere.push(&again, Scope::Tail).await;
    assert!(on.size > size);
    again.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_in_the_backup_is_cleared_away() {
    let mut school = planted().await;
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let house_ = house(school.data()).await;
    elsewhere.push(&house_, Scope::All).await;
    let known = times(&elsewhere).len();
    let stray = elsewhere.objects("segments")[0].with_file_name("stray.segment");
    std::fs::write(&stray, "x").expect("the place is ours");
    let pushed = elsewhere.push(&house_, Scope::All).await;
    assert!(!stray.exists() && pushed.removed > 0);
    assert_eq!(times(&elsewhere).len(), known);
    house_.close().await;
}
