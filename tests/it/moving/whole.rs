//! What has moved is the same school, once: views, files byte for byte, signing in; and the old machine serves no more.

use super::scene::{Elsewhere, moved, refuses, verifies};
use crate::privacy::scene::{found_in, house, planted, rows, serves_the_planted_file};
use e2e::process::console;

#[tokio::test(flavor = "multi_thread")]
async fn a_school_that_has_moved_is_the_same_school_and_the_old_machine_serves_no_more() {
    let mut school = planted().await;
    let tilda = school.person("tilda").password.clone();
    let space = school.space("5a");
    school.stop().await;
    let old = house(school.data()).await;
    let (size, key) = (old.kernel.ledger.size(), old.kernel.ledger.verifier_key());
    let mut views = Vec::new();
    for view in events::views::NAMES
        .into_iter()
        .filter(|view| *view != "entries")
    {
        views.push((view, rows(&old, view).await));
    }
    old.close().await;

    let elsewhere = Elsewhere::new();
    let new = elsewhere.data();
    let handed = moved(school.data(), &new).await;
    assert_eq!(handed.position, size + 1, "nothing but the seal was added");
    assert!(
        handed.pause.is_some_and(|pause| pause.as_secs() < 60),
        "{handed:?}"
    );
    assert!(
        !elsewhere.receiving().exists(),
        "what only the move needed is gone"
    );

    let report = verifies(&new).await;
    assert_eq!(report.size, size + 2, "the seal, and that it goes on");
    let again = house(&new).await;
    assert_eq!(again.kernel.ledger.verifier_key(), handed.successor);
    assert_ne!(handed.successor, key);
    for (view, before) in views {
        assert_eq!(rows(&again, view).await, before, "{view}");
    }
    again.close().await;

    let refused = refuses(school.data(), "the old machine opens again").await;
    assert!(
        refused.contains("moved on 20") && refused.contains(&handed.successor),
        "{refused}"
    );
    assert!(
        !school.data().join("keys").exists(),
        "its keys are destroyed"
    );
    assert!(
        found_in(school.data()).is_empty(),
        "nothing can be read there any more"
    );

    serves_the_planted_file(&new, &tilda, space).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_that_has_moved_twice_verifies_with_all_its_keys() {
    let mut school = planted().await;
    school.stop().await;
    let (first, second) = (Elsewhere::new(), Elsewhere::new());
    let mut from = school.data().to_owned();
    for elsewhere in [&first, &second] {
        let to = elsewhere.data();
        moved(&from, &to).await;
        from = to;
    }
    verifies(&from).await;
    let house = house(&from).await;
    let keys = house.kernel.ledger.signing_keys().await.expect("reads");
    assert_eq!(keys.len(), 3);
    let proofs = house.kernel.ledger.handovers_from(0).await.expect("reads");
    let mut key = keys[0].0.clone();
    for proof in &proofs {
        key = proof.prove(&key).expect("is proven").successor;
    }
    assert_eq!((proofs.len(), key), (2, house.kernel.ledger.verifier_key()));
    house.close().await;
    refuses(&first.data(), "the machine in between opens again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_a_school_that_has_moved_is_believed_with_either_key_and_not_without_the_handover()
 {
    let mut school = planted().await;
    school.stop().await;
    let old = house(school.data()).await;
    let key = old.kernel.ledger.verifier_key();
    old.close().await;
    let elsewhere = Elsewhere::new();
    let new = elsewhere.data();
    let handed = moved(school.data(), &new).await;
    let folder = tempfile::tempdir().expect("a directory of our own");
    let out = folder.path().join("export");
    let path = out.to_str().expect("a path in UTF-8");
    console(&new, ["audit", "export", "--out", path]).await.ok();
    console(&new, ["audit", "verify"]).await.ok();
    let with = |key: &str| {
        let options = schulhof_verify::Options {
            key: Some(key.to_owned()),
            ..schulhof_verify::Options::default()
        };
        schulhof_verify::verify(&out, &options, &|_, _| {})
    };
    for key in [&key, &handed.successor] {
        let report = with(key);
        assert!(report.ok, "{:?}", report.problems);
    }
    let stranger = events_proof::note::verifier_key("schulhof/stranger", &[7; 32]);
    assert!(!with(&stranger).ok);
    // Without the list the older checkpoints are nobody's, and the event says what is missing.
    std::fs::remove_file(out.join("handovers.json")).expect("is there");
    let report = with(&handed.successor);
    let named = report.problems.iter().any(|problem| {
        problem.position == handed.position && problem.what.contains("signing key changes")
    });
    assert!(!report.ok && named, "{:?}", report.problems);
}
