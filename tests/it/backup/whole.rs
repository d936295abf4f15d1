//! What was restored is the same school: views, files byte for byte, signing in.

use super::scene::Elsewhere;
use crate::privacy::scene::{house, planted, rows, serves_the_planted_file, verifies};
use edge::backup::Scope;
use edge_kernel::ledger::verify_directory;
use events_proof::tree::to_hex;

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_school_is_the_one_that_was_backed_up() {
    let mut school = planted().await;
    let tilda = school.person("tilda").password.clone();
    let space = school.space("5a");
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let house_ = house(school.data()).await;
    let pushed = elsewhere.push(&house_, Scope::All).await;
    let keys = elsewhere.keys(&house_);
    let mut views = Vec::new();
    for view in events::views::NAMES {
        views.push((view, rows(&house_, view).await));
    }
    house_.close().await;

    let restored = elsewhere.restore(&keys, "new").await.expect("is restored");
    let new = elsewhere.beside("new");
    assert_eq!((restored.size, &restored.root), (pushed.size, &pushed.root));
    assert_eq!(restored.files, 3, "two files of paul's and one of tilda's");
    let report = verify_directory(&new, &|_, _| {}).await.expect("verifies");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(to_hex(&report.root), pushed.root);
    assert!(!elsewhere.beside("new.restoring").exists());

    let again = house(&new).await;
    verifies(&again).await;
    for (view, before) in views {
        assert_eq!(rows(&again, view).await, before, "{view}");
    }
    again.close().await;

    serves_the_planted_file(&new, &tilda, space).await;
}
