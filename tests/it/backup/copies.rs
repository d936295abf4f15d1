//! Copies of the keys of before an erasure still open what was erased: they are sealed anew and removed where they can be reached,
//! and named where they cannot.

use super::scene::Elsewhere;
use crate::privacy::scene::planted;
use e2e::process::console;
use edge::backup::unpack;

#[tokio::test(flavor = "multi_thread")]
async fn after_an_erasure_copies_of_earlier_keys_are_renewed_or_named() {
    let mut school = planted().await;
    let (paul, second) = (
        school.person("paul").person,
        school.person("zweite").clone(),
    );
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let recipient = elsewhere.recipient();
    let seal = async |name: &str| {
        let to = elsewhere.beside(name).display().to_string();
        let arguments = ["backup", "keys", "--to", &to, "--recipient", &recipient];
        console(school.data(), arguments).await.ok()
    };
    for name in ["here.age", "stick.age", "changed.age"] {
        let sealed = seal(name).await;
        assert!(sealed.out.contains("still hold the keys"), "{}", sealed.out);
    }
    let at = |name: &str| elsewhere.beside(name);
    // A stick that is not plugged in, and a file that is somebody else's by now.
    std::fs::rename(at("stick-epoch-0.age"), at("away.age")).expect("ours");
    std::fs::write(at("changed-epoch-0.age"), "another school's").expect("ours");
    let password = at("password");
    std::fs::write(&password, format!("{}\n", second.password)).expect("ours");
    let (paul, password) = (paul.to_string(), password.display().to_string());
    let arguments = [
        "privacy",
        "erase",
        &paul,
        "--confirm-as",
        second.login,
        "--password-file",
        &password,
    ];
    let erased = console(school.data(), arguments).await.ok();
    for said in [
        format!(
            "Sealed the keys anew in {}",
            at("here-epoch-1.age").display()
        ),
        format!(
            "Removed the earlier copy {}",
            at("here-epoch-0.age").display()
        ),
        format!(
            "Could not reach the earlier copy {}",
            at("stick-epoch-0.age").display()
        ),
        format!(
            "Could not reach the earlier copy {}",
            at("changed-epoch-0.age").display()
        ),
    ] {
        assert!(
            erased.out.contains(&said),
            "{said} is missing: {}",
            erased.out
        );
    }
    assert!(!at("here-epoch-0.age").exists());
    assert!(!at("stick-epoch-1.age").exists() && at("changed-epoch-0.age").exists());
    let sealed = std::fs::read(at("here-epoch-1.age")).expect("is there");
    let keys = unpack(&sealed, &elsewhere.identity()).expect("opens");
    assert_eq!(keys.epoch, 1);
    // The stick is back: the next copy finds the one of before and removes it.
    std::fs::rename(at("away.age"), at("stick-epoch-0.age")).expect("ours");
    let sealed = seal("stick.age").await;
    assert!(
        !at("stick-epoch-0.age").exists() && at("stick-epoch-1.age").is_file(),
        "{}",
        sealed.out
    );
    let batch = erased
        .out
        .split_once("privacy certificate ")
        .map_or("", |(_, rest)| rest);
    let batch: String = batch.chars().take_while(|letter| *letter != '`').collect();
    let certificate = console(school.data(), ["privacy", "certificate", &batch])
        .await
        .ok();
    assert!(
        certificate.out.contains("mit einer Epoche unter 1"),
        "{}",
        certificate.out
    );
}
