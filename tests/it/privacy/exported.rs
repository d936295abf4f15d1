//! An export after an erasure: the independent verifier finds it whole, and nothing of the forgotten person is in it.

use super::scene::{exported, forget, found_in, house, planted};
use e2e::process::console;
use events::privacy::Depth;

#[tokio::test(flavor = "multi_thread")]
async fn an_export_after_an_erasure_verifies_and_tells_the_erasure() {
    for depth in [Depth::Key, Depth::Ciphertext, Depth::Header] {
        let mut school = planted().await;
        let (paul, second) = (school.person("paul").person, school.person("zweite").person);
        school.stop().await;
        let opened = house(school.data()).await;
        let before = opened.kernel.ledger.size();
        forget(&opened, paul, second, depth).await;
        let key = opened.kernel.ledger.verifier_key();
        opened.close().await;
        let beside = tempfile::tempdir().expect("a directory");
        let out = beside.path().join("export");
        let report = exported(school.data(), &out, Some(key)).await;
        assert!(report.ok, "{depth:?}: {:?}", report.problems);
        assert_eq!(found_in(&out), Vec::<String>::new(), "{depth:?}");
        let told = std::fs::read_to_string(out.join("erasures.json")).expect("is there");
        assert_eq!(told.contains("position"), depth > Depth::Key, "{told}");
        // Up to before the erasure nothing in the export could say why something is missing.
        let (out, until) = (beside.path().join("earlier"), before.to_string());
        let path = out.to_str().expect("a path in UTF-8");
        let earlier = ["audit", "export", "--out", path, "--until", &until];
        let earlier = console(school.data(), earlier).await;
        assert_eq!(earlier.success, depth == Depth::Key, "{}", earlier.err);
        let names_it = earlier.err.contains("export up to there or further");
        assert_eq!(names_it, depth > Depth::Key, "{}", earlier.err);
    }
}
