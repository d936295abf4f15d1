//! After an erasure the planted words are nowhere: files, pages, write-ahead logs, stored files, yesterday's backup.

use super::scene::{PLANTED, back_up, forget, found_in, house, planted, replayed, verifies};
use crate::support::copy;
use edge_kernel::ledger::verify_directory;
use events::privacy::{Depth, PrivacyEvent, Span};
use events_proof::note::verify_text;
use sha2::Digest;

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_person_is_found_nowhere_and_the_log_still_verifies() {
    for depth in [Depth::Key, Depth::Ciphertext, Depth::Header] {
        let mut school = planted().await;
        let (paul, second) = (school.person("paul").person, school.person("zweite").person);
        school.stop().await;
        let beside = tempfile::tempdir().expect("a directory");
        let backup = beside.path().join("yesterday");
        back_up(school.data(), &backup);
        assert!(
            found_in(school.data())
                .iter()
                .any(|found| found.contains("views.db")),
            "there is something to forget"
        );
        let house_ = house(school.data()).await;
        assert!(replayed(&house_).await.len() >= PLANTED.len() - 1);
        let blobs = files(school.data());
        let batch = forget(&house_, paul, second, depth).await;
        // While the house is still open: no closing tidies up behind the act.
        assert_eq!(found_in(school.data()), Vec::<String>::new(), "{depth:?}");
        assert_eq!(
            files(school.data()),
            blobs - 2,
            "two files of theirs are gone, one of others stays"
        );
        assert_eq!(replayed(&house_).await, Vec::<String>::new(), "{depth:?}");
        verifies(&house_).await;
        check_certificate(&house_, batch).await;
        house_.close().await;
        let report = verify_directory(school.data(), &|_, _| {})
            .await
            .expect("verifies");
        assert!(
            report.problems.is_empty(),
            "{depth:?}: {:?}",
            report.problems
        );
        // Yesterday's log with today's keys: it opens, and nothing of the person does.
        copy(&school.data().join("keys"), &backup.join("keys"));
        let restored = house(&backup).await;
        assert_eq!(replayed(&restored).await, Vec::<String>::new(), "{depth:?}");
        verifies(&restored).await;
        let again = restored
            .accounts
            .without_keys()
            .await
            .expect("can be asked");
        assert_eq!(again, [], "what was kept beside the log is gone again");
        restored.close().await;
        let restored = house(&backup).await;
        verifies(&restored).await;
        restored.close().await;
        assert_eq!(found_in(&backup), Vec::<String>::new(), "{depth:?}");
        // And the school opens again and goes on.
        let again = house(school.data()).await;
        verifies(&again).await;
        again.close().await;
    }
}

pub(super) async fn check_certificate(house: &edge::House, batch: events::ids::BatchId) {
    let signed = house
        .privacy
        .signed_certificate(batch)
        .await
        .expect("a certificate");
    let signed = serde_json::to_value(signed).expect("is JSON");
    let text = |field: &str| signed[field].as_str().expect("a text").to_owned();
    let said = verify_text(&text("note"), &text("key")).expect("is signed by the log");
    let said: serde_json::Value = serde_json::from_str(&said).expect("is JSON");
    assert_eq!(said, signed["certificate"]);
    assert_eq!(said["approvals"].as_array().map(Vec::len), Some(2));
    assert!(said["destroyed"]["keys"].as_u64() > Some(3), "{said}");
    assert_eq!(said["destroyed"]["blobs"], 2);
    assert_eq!(
        said["destroyed"]["claims"], 2,
        "the old login name and the new one"
    );
    let all = house.kernel.ledger.erasures().await.expect("reads");
    let PrivacyEvent::ErasureExecuted {
        ciphertexts,
        headers,
        hash,
        ..
    } = &all[0].event
    else {
        panic!("an erasure is said");
    };
    let input = PrivacyEvent::hash_input(ciphertexts, headers);
    let digest = sha2::Sha256::digest(input.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        *hash, digest,
        "the event's hash is over the places it names"
    );
    assert_eq!(said["hash"], digest, "and the certificate says the same");
    let places = |spans: &[Span]| serde_json::to_value(spans).expect("is JSON");
    assert_eq!(said["ciphertexts"], places(ciphertexts));
    assert_eq!(said["headers"], places(headers));
    assert!(!ciphertexts.is_empty());
}

/// How many stored files there are.
fn files(data: &std::path::Path) -> usize {
    let folders = std::fs::read_dir(data.join("blobs"))
        .expect("lists")
        .flatten();
    let files = folders.filter_map(|folder| std::fs::read_dir(folder.path()).ok());
    files.map(|folder| folder.flatten().count()).sum()
}
