//! Keys that are gone while the log is there: it is not opened, nothing is drawn anew, and no loss is taken for an erasure.

use crate::support::{add_person, close, open, person};
use crate::tamper::{refused, school};
use edge_kernel::ledger::verify_directory;

#[tokio::test]
async fn a_lost_key_is_not_taken_for_an_erasure() {
    let directory = tempfile::tempdir().expect("a directory");
    let kernel = open(directory.path()).await;
    add_person(&kernel, person(1), "Ada").await;
    add_person(&kernel, person(2), "Ben").await;
    close(kernel).await;
    let path = directory.path().join("keys").join("keyring");
    let keyring = std::fs::read(&path).expect("reads");
    // The last record is the key of the second person's name.
    std::fs::write(&path, &keyring[..keyring.len() - 1]).expect("cuts");
    let report = verify_directory(directory.path(), &|_, _| {})
        .await
        .expect("verifies");
    let positions: Vec<u64> = report.problems.iter().map(|found| found.position).collect();
    assert_eq!(positions, [2]);
    let refusal = refused(directory.path()).await;
    assert!(
        refusal.contains("position 2") && refusal.contains("keys directory"),
        "{refusal}"
    );
}

#[tokio::test]
async fn without_its_keys_a_log_is_not_opened_and_none_are_drawn_anew() {
    for gone in ["signing.key", "master.key", "keyring"] {
        let directory = tempfile::tempdir().expect("a directory");
        school(directory.path()).await;
        let path = directory.path().join("keys").join(gone);
        std::fs::remove_file(&path).expect("removes");
        let refusal = refused(directory.path()).await;
        assert!(
            refusal.contains(gone) && refusal.contains("Restore the keys directory"),
            "{refusal}"
        );
        assert!(!path.exists(), "another {gone} was drawn");
    }
}

#[tokio::test]
async fn verifying_writes_nothing_even_when_keys_are_missing() {
    let directory = tempfile::tempdir().expect("a directory");
    school(directory.path()).await;
    let path = directory.path().join("keys").join("signing.key");
    std::fs::remove_file(&path).expect("removes");
    let verified = verify_directory(directory.path(), &|_, _| {}).await;
    assert!(verified.is_err());
    assert!(!path.exists());
}
