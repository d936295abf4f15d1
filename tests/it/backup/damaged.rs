//! Whatever is damaged in a backup is named by the object, and nothing is put where the school should be.

use super::scene::Elsewhere;
use crate::privacy::scene::{house, planted};
use edge::backup::Scope;

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_in_each_kind_of_object_is_named() {
    let mut school = planted().await;
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let house_ = house(school.data()).await;
    elsewhere.push(&house_, Scope::All).await;
    let keys = elsewhere.keys(&house_);
    house_.close().await;
    for folder in [
        "segments",
        "beside",
        "blobs",
        "kept",
        "erasures",
        "manifests",
    ] {
        let path = elsewhere.objects(folder).remove(0);
        let whole = std::fs::read(&path).expect("reads");
        let name = path.strip_prefix(elsewhere.path()).expect("lies in it");
        let name = name.to_str().expect("UTF-8");
        // The beginning, the middle and the end.
        for at in [0, whole.len() / 2, whole.len() - 2] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).expect("the place is ours");
            let error = elsewhere.restore(&keys, "new").await;
            let error = format!("{:#}", error.expect_err("a damaged backup is refused"));
            assert!(error.contains(name), "byte {at} of {name}: {error}");
            assert!(!elsewhere.beside("new").exists());
        }
        std::fs::remove_file(&path).expect("the place is ours");
        if folder != "manifests" {
            let error = elsewhere.restore(&keys, "new").await;
            let error = format!("{:#}", error.expect_err("a missing object is told"));
            assert!(error.contains(name), "without {name}: {error}");
        }
        std::fs::write(&path, whole).expect("the place is ours");
    }
    for at in [0, keys.len() / 2, keys.len() - 1] {
        let mut bytes = keys.clone();
        bytes[at] ^= 1;
        let error = elsewhere.restore(&bytes, "new").await;
        let error = format!("{:#}", error.expect_err("damaged keys are refused"));
        assert!(error.contains("keys"), "{error}");
    }
    // What was tried before is no hindrance.
    elsewhere.restore(&keys, "new").await.expect("is restored");
}
