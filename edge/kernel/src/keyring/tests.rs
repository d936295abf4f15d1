//! Keys come back as they were, whatever cut off whoever minted them, and damage is told.

use super::*;

fn name(year: u16) -> BucketName {
    BucketName::of(
        Owner::Person(PersonId(uuid::Uuid::from_u128(5))),
        Term::Yearly,
        "messenger",
        year,
    )
}

#[tokio::test]
async fn a_minted_key_is_the_same_after_reopening() {
    let directory = tempfile::tempdir().expect("a directory");
    let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
    let minted = ring
        .buckets(&[name(2025), name(2026), name(2025)])
        .await
        .expect("mints");
    assert_eq!(minted[0].id, minted[2].id);
    assert_ne!(minted[0].id, minted[1].id);
    let tag = |ring: &Keyring| ring::hmac::sign(ring.pepper(), b"value");
    let pepper = tag(&ring);
    drop(ring);
    let again = Keyring::open(directory.path()).expect("opens again");
    assert_eq!(again.get(&name(2025)).expect("is there").id, minted[0].id);
    assert!(again.by_id(&minted[1].id).is_some());
    assert_eq!(
        again.person(minted[0].pseudonym),
        Some(PersonId(uuid::Uuid::from_u128(5)))
    );
    assert_eq!(tag(&again).as_ref(), pepper.as_ref());
}

#[tokio::test]
async fn a_hundred_who_want_keys_at_once_get_them_and_agree_on_the_shared_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
    let asking = (1..=100).map(|year| {
        let ring = Arc::clone(&ring);
        tokio::spawn(async move { ring.buckets(&[name(0), name(year)]).await })
    });
    let mut shared = HashSet::new();
    let mut own = HashSet::new();
    for asked in asking.collect::<Vec<_>>() {
        let got = asked.await.expect("ends").expect("mints");
        shared.insert(got[0].id);
        own.insert(got[1].id);
    }
    assert_eq!((shared.len(), own.len()), (1, 100));
    drop(ring);
    let again = Keyring::open(directory.path()).expect("opens");
    assert!((0..=100).all(|year| again.get(&name(year)).is_some()));
}

#[tokio::test]
async fn a_record_torn_by_a_crash_is_dropped_and_the_rest_stays() {
    let directory = tempfile::tempdir().expect("a directory");
    let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
    ring.buckets(&[name(2025)]).await.expect("mints");
    drop(ring);
    let path = directory.path().join("keyring");
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes.extend([200, 0, 0, 0, 1, 2, 3]);
    std::fs::write(&path, &bytes).expect("writes");
    let again = Arc::new(Keyring::open(directory.path()).expect("opens in spite of the torn end"));
    assert!(again.get(&name(2025)).is_some());
    again
        .buckets(&[name(2026)])
        .await
        .expect("mints after the torn end");
    drop(again);
    let third = Keyring::open(directory.path()).expect("opens");
    assert!(third.get(&name(2026)).is_some());
}

#[tokio::test]
async fn a_flipped_bit_is_told_and_not_taken_for_a_torn_end() {
    let directory = tempfile::tempdir().expect("a directory");
    let ring = Arc::new(Keyring::open(directory.path()).expect("opens"));
    ring.buckets(&[name(2025), name(2026)])
        .await
        .expect("mints");
    drop(ring);
    let path = directory.path().join("keyring");
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes[40] ^= 1;
    std::fs::write(&path, &bytes).expect("writes");
    assert!(matches!(
        Keyring::open(directory.path()),
        Err(KeyringError::Damaged { .. })
    ));
}

const STONE: Tombstone = Tombstone {
    by: 7,
    depth: Depth::Header,
};

fn standing(person: u128) -> BucketName {
    let owner = Owner::Person(PersonId(uuid::Uuid::from_u128(person)));
    BucketName::of(owner, Term::Standing, "accounts", 0)
}

/// Stops before the step of this number, counted from 0.
fn stopping_at(number: u32) -> impl Fn(&'static str) -> std::io::Result<()> {
    let seen = AtomicU32::new(0);
    move |_| match seen.fetch_add(1, Ordering::SeqCst) == number {
        true => Err(std::io::Error::other("the power is cut")),
        false => Ok(()),
    }
}

#[tokio::test]
async fn a_destroyed_key_is_gone_and_an_older_copy_of_the_keyring_opens_no_more() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let ring = Arc::new(Keyring::open(path).expect("opens"));
    let keys = ring
        .buckets(&[standing(1), standing(2)])
        .await
        .expect("mints");
    let before = std::fs::read(path.join("keyring")).expect("reads");
    let dead = HashSet::from([keys[0].id]);
    assert_eq!(ring.renew(&dead, STONE, &|_| Ok(())).expect("renews"), 1);
    assert!(ring.by_id(&keys[0].id).is_none() && ring.get(&standing(1)).is_none());
    assert_eq!(ring.person(keys[0].pseudonym), None);
    assert_eq!(ring.renew(&dead, STONE, &|_| Ok(())).expect("is done"), 1);
    let later = ring.buckets(&[standing(3)]).await.expect("mints on");
    drop(ring);
    let again = Keyring::open(path).expect("opens");
    assert!(again.by_id(&keys[0].id).is_none());
    assert!(again.by_id(&keys[1].id).is_some() && again.by_id(&later[0].id).is_some());
    assert_eq!(again.destroyed(&keys[0].id), Some(7));
    assert_eq!(again.destroyed_after(6), [(keys[0].id, Depth::Header)]);
    assert_eq!(again.destroyed_after(7), []);
    drop(again);
    std::fs::write(path.join("keyring"), before).expect("puts the old copy back");
    assert!(Keyring::open(path).is_err());
}

#[tokio::test]
async fn cut_off_at_any_step_the_keyring_opens_and_the_next_attempt_ends_it() {
    let mut number = 0;
    loop {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        let ring = Arc::new(Keyring::open(path).expect("opens"));
        let keys = ring
            .buckets(&[standing(1), standing(2)])
            .await
            .expect("mints");
        let dead = HashSet::from([keys[0].id]);
        let cut = ring.renew(&dead, STONE, &stopping_at(number)).is_err();
        drop(ring);
        let again = Keyring::open(path).expect("opens after the cut");
        assert!(again.by_id(&keys[1].id).is_some(), "step {number}");
        again.renew(&dead, STONE, &|_| Ok(())).expect("ends");
        assert!(again.by_id(&keys[0].id).is_none(), "step {number}");
        drop(again);
        assert_is_clean(path);
        if !cut {
            assert_eq!(number, 5, "all steps were tried");
            break;
        }
        number += 1;
    }
}

/// Only the keyring and its master key are there.
fn assert_is_clean(path: &Path) {
    let names: HashSet<_> = std::fs::read_dir(path)
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    let expected = ["keyring", "master.key"].map(std::ffi::OsString::from);
    assert_eq!(names, HashSet::from(expected));
}

/// What failed is tried again by whoever has the keyring open still, or by another machine that has.
#[tokio::test]
async fn failed_at_any_step_it_is_ended_without_opening_anew_and_the_next_erasure_finds_its_master_key()
 {
    for (number, elsewhere) in (0..5).flat_map(|number| [(number, false), (number, true)]) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        let ring = Arc::new(Keyring::open(path).expect("opens"));
        let other = Arc::new(Keyring::open(path).expect("opens"));
        let names = [standing(1), standing(2), standing(3)];
        let keys = ring.buckets(&names).await.expect("mints");
        let dead = |at: usize| HashSet::from([keys[at].id]);
        let failed = ring.renew(&dead(0), STONE, &stopping_at(number));
        assert!(failed.is_err(), "step {number}");
        let next = if elsewhere { &other } else { &ring };
        next.renew(&dead(0), STONE, &|_| Ok(())).expect("ends");
        assert_is_clean(path);
        next.renew(&dead(1), STONE, &|_| Ok(()))
            .unwrap_or_else(|error| panic!("step {number}, elsewhere {elsewhere}: {error}"));
        let minted = ring.buckets(&[standing(4)]).await.expect("mints on");
        drop((ring, other));
        let again = Keyring::open(path).expect("opens");
        assert!(again.by_id(&keys[0].id).is_none() && again.by_id(&keys[1].id).is_none());
        assert!(again.by_id(&keys[2].id).is_some() && again.by_id(&minted[0].id).is_some());
        assert_eq!(again.epoch(), 2, "step {number}");
        drop(again);
        assert_is_clean(path);
    }
}

/// The next erasure may be another one, before anybody has ended the one that failed.
#[tokio::test]
async fn another_erasure_after_one_that_failed_at_any_step_loses_no_master_key() {
    for number in 0..5 {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        let ring = Arc::new(Keyring::open(path).expect("opens"));
        let names = [standing(1), standing(2), standing(3)];
        let keys = ring.buckets(&names).await.expect("mints");
        let dead = |at: usize| HashSet::from([keys[at].id]);
        let failed = ring.renew(&dead(0), STONE, &stopping_at(number));
        assert!(failed.is_err(), "step {number}");
        let again = ring.renew(&dead(1), STONE, &stopping_at(number));
        assert!(
            matches!(again, Err(KeyringError::Io { .. })),
            "step {number}"
        );
        ring.renew(&dead(1), STONE, &|_| Ok(())).expect("ends");
        drop(ring);
        let again = Keyring::open(path).expect("opens");
        assert!(again.by_id(&keys[1].id).is_none() && again.by_id(&keys[2].id).is_some());
        drop(again);
        assert_is_clean(path);
    }
}
