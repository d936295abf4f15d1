//! A backup is only ever continued by the log that it is of, and never lies with the keys.

use super::scene::Elsewhere;
use crate::privacy::scene::{house, planted, rename};
use crate::support::copy;
use edge::backup::{Scope, Target};

#[tokio::test(flavor = "multi_thread")]
async fn a_place_belongs_to_one_history() {
    let mut school = planted().await;
    let pia = school.person("pia").person;
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let older = elsewhere.beside("older");
    copy(school.data(), &older);
    let house_ = house(school.data()).await;
    rename(&house_, pia, "Eins").await;
    let pushed = elsewhere.push(&house_, Scope::All).await;
    let keys = elsewhere.keys(&house_);
    house_.close().await;

    let copied = house(&older).await;
    let refused = elsewhere.refuses(&copied, "an older log is refused").await;
    assert!(refused.contains("name another place"), "{refused}");
    for name in ["Zwei", "Drei", "Vier"] {
        rename(&copied, pia, name).await;
    }
    assert!(copied.kernel.ledger.size() > pushed.size);
    let refused = elsewhere.refuses(&copied, "a fork is refused").await;
    assert!(refused.contains("gone separate ways"), "{refused}");
    copied.close().await;

    let mut other = planted().await;
    other.stop().await;
    let other_house = house(other.data()).await;
    let refused = elsewhere
        .refuses(&other_house, "another school is refused")
        .await;
    assert!(refused.contains("another school"), "{refused}");
    other_house.close().await;

    // The backup that was there is as it was.
    let restored = elsewhere.restore(&keys, "new").await.expect("is restored");
    assert_eq!(restored.root, pushed.root);
    let refused = elsewhere.restore(&keys, "new").await;
    let refused = format!("{:#}", refused.expect_err("a school is not overwritten"));
    assert!(refused.contains("is not empty"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_backup_lies_in_the_data_directory_that_it_is_of() {
    let mut school = planted().await;
    school.stop().await;
    let opened = house(school.data()).await;
    let beside = Elsewhere::new();
    let link = beside.beside("link");
    std::os::unix::fs::symlink(school.data(), &link).expect("is linked");
    for place in [school.data().to_owned(), school.data().join("blobs"), link] {
        let refused = opened.backup.target(&place.to_string_lossy()).err();
        let refused = format!("{:#}", refused.expect("is refused"));
        assert!(refused.contains("another disk"), "{refused}");
    }
    opened.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_do_not_stay_behind_where_nothing_was_restored() {
    let mut school = planted().await;
    school.stop().await;
    let opened = house(school.data()).await;
    let elsewhere = Elsewhere::new();
    let keys = elsewhere.keys(&opened);
    let nothing = elsewhere.restore(&keys, "new").await;
    let nothing = format!("{:#}", nothing.expect_err("there is no backup yet"));
    assert!(nothing.contains("no backup in this place"), "{nothing}");
    assert!(!elsewhere.beside("new.restoring").exists());

    elsewhere.push(&opened, Scope::All).await;
    opened.close().await;
    let segment = elsewhere.objects("segments").pop().expect("a segment");
    std::fs::write(segment, "no segment").expect("writes");
    let damaged = elsewhere.restore(&keys, "new").await;
    let damaged = format!("{:#}", damaged.expect_err("it is damaged"));
    let told = damaged.contains("new.restoring") && damaged.contains("delete that directory");
    assert!(told, "{damaged}");
}

#[test]
fn a_place_that_is_not_there_or_not_known_is_refused_with_what_to_do() {
    for (address, told) in [
        ("/nowhere/at/all", "mount it"),
        ("file://relative", "three slashes"),
        ("ftp://host/backup", "ftp://"),
        ("s3://bucket/prefix", "access_key_id"),
        ("", "name a place"),
    ] {
        let refused = Target::open(address).err().expect("is refused");
        assert!(
            format!("{refused:#}").contains(told),
            "{address}: {refused:#}"
        );
    }
}
