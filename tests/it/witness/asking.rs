//! A school asks its witnesses: another school, and the relay. What is forked or set back is refused; who stays away raises an alarm.

use super::{log_key, text};
use e2e::plan::Plan;
use e2e::process::console;
use e2e::school::School;
use edge::witness::PeerConfig;
use edge_kernel::Clock;
use schulhof_verify::{Options, verify};
use serde_json::Value;

/// 2026-11-23T08:00Z.
const MONDAY: u64 = 1_795_420_800_000;
const MINUTE: u64 = 60 * 1000;

async fn outlook(school: &School) -> Value {
    let page = school.founder.get("/api/audit/witnesses").await;
    page.ok()
}

/// A school, and a neighbour that witnesses its log.
pub(crate) async fn neighbours(clock: Clock) -> (School, School) {
    let mut school = School::open_at(&Plan::two_classes(), clock.clone()).await;
    let mut neighbour = School::open_at(&Plan::two_classes(), clock).await;
    school.sign_and_ask().await;
    neighbour.stop().await;
    let key = log_key(&school.founder).await;
    neighbour.configure(|config| config.witness.log = vec![key]);
    neighbour.start().await;
    let page = outlook(&neighbour).await;
    let peer = PeerConfig {
        name: "Nachbarschule".into(),
        key: text(&page["own_key"]),
        url: Some(format!("http://{}/witness", neighbour.address())),
        nats: false,
    };
    school.stop().await;
    school.configure(|config| config.witness.peer = vec![peer]);
    school.start().await;
    (school, neighbour)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbouring_school_cosigns_and_the_checkpoint_shows_it() {
    let (school, neighbour) = neighbours(Clock::System).await;
    school.sign_and_ask().await;
    let page = outlook(&school).await;
    assert_eq!(
        (&page["fresh"], &page["need"]),
        (&1.into(), &1.into()),
        "{page}"
    );
    let note = school.api("anna").get("/audit/log/checkpoint").await.text();
    let key = text(&outlook(&neighbour).await["own_key"]);
    assert!(
        events_proof::cosignature::cosigned_at(&note, &key).is_some(),
        "{note}"
    );
    assert!(events_proof::note::verify(&note, &log_key(&school.founder).await).is_ok());
    let size = page["witnesses"][0]["size"].as_u64();
    assert_eq!(
        outlook(&neighbour).await["witnessed"][0]["size"].as_u64(),
        size
    );

    // It goes on as the log grows, and over a restart of the witness.
    school.say("tilda", school.room("5a"), "Mehr").await;
    school.sign_and_ask().await;
    let grown = outlook(&school).await["witnesses"][0]["size"].as_u64();
    assert!(grown > size, "{grown:?} {size:?}");
    let metrics = school.stranger().get("/metrics").await.text();
    assert!(metrics.contains("schulhof_witnesses_fresh 1"), "{metrics}");
    assert!(!metrics.contains("Nachbarschule"), "no names in figures");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_witnesses_have_signed_goes_with_the_export_and_both_verifiers_believe_it() {
    let (school, neighbour) = neighbours(Clock::System).await;
    school.sign_and_ask().await;
    let checked = console(school.data(), ["audit", "verify", "--json"]).await;
    assert_eq!(checked.ok().json()["ok"], true);
    let folder = tempfile::tempdir().expect("a directory of our own");
    let out = folder.path().join("export");
    let path = out.to_str().expect("a path in UTF-8");
    console(school.data(), ["audit", "export", "--out", path])
        .await
        .ok();
    let witness = text(&outlook(&neighbour).await["own_key"]);
    let stranger = events_proof::cosignature::witness_key("stranger.test/witness", &[7; 32]);
    let of = async |witness: &str| {
        let options = Options {
            key: Some(log_key(&school.founder).await),
            witnesses: vec![witness.to_owned()],
            ..Options::default()
        };
        verify(&out, &options, &|_, _| {})
    };
    let report = of(&witness).await;
    assert!(report.ok, "{:?}", report.problems);
    let (_, size) = report.cosigned.first().expect("the witness");
    assert!(*size > 0);
    assert!(!of(&stranger).await.ok, "a stranger has signed nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_set_back_or_forked_is_not_cosigned_again_and_the_administration_sees_why() {
    let (mut school, mut neighbour) = neighbours(Clock::System).await;
    let old = tempfile::tempdir().expect("a directory of our own");
    school.stop().await;
    crate::support::copy(school.data(), old.path());
    school.start().await;
    for _ in 0..20 {
        school.say("tilda", school.room("5a"), "Das soll weg").await;
    }
    school.sign_and_ask().await;
    let before = outlook(&neighbour).await["witnessed"][0]["size"].clone();
    // The witness forgets nothing when it is restarted.
    let at = neighbour.address();
    neighbour.stop().await;
    neighbour.configure(|config| config.listen = at);
    neighbour.start().await;
    assert_eq!(outlook(&neighbour).await["witnessed"][0]["size"], before);

    school.stop().await;
    std::fs::remove_dir_all(school.data()).expect("it can be removed");
    crate::support::copy(old.path(), school.data());
    school.start().await;
    school.sign_and_ask().await;
    let page = outlook(&school).await;
    assert_eq!(page["witnesses"][0]["trouble"], "ahead", "{page}");
    assert_eq!(outlook(&neighbour).await["witnessed"][0]["size"], before);

    // Growing beyond what the witness knows does not make another history the same. A restart forgets the pause after the failure.
    for _ in 0..40 {
        school
            .say("tilda", school.room("5a"), "Etwas anderes")
            .await;
    }
    school.sign_and_ask().await;
    school.stop().await;
    school.start().await;
    school.sign_and_ask().await;
    let page = outlook(&school).await;
    assert_eq!(page["witnesses"][0]["trouble"], "disagrees", "{page}");
    assert_eq!(outlook(&neighbour).await["witnessed"][0]["size"], before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alarm_comes_after_an_hour_without_witnesses_and_goes_when_they_answer() {
    let clock = Clock::manual(MONDAY);
    let (school, mut neighbour) = neighbours(clock.clone()).await;
    school.sign_and_ask().await;
    assert_eq!(outlook(&school).await["alarm"], false);
    let at = neighbour.address();
    neighbour.stop().await;
    clock.set(MONDAY + 59 * MINUTE);
    school.say("tilda", school.room("5a"), "Niemand da").await;
    school.sign_and_ask().await;
    let page = outlook(&school).await;
    assert_eq!(page["alarm"], false, "{page}");
    clock.set(MONDAY + 61 * MINUTE);
    school.sign_and_ask().await;
    let page = outlook(&school).await;
    assert_eq!(
        (&page["alarm"], &page["fresh"]),
        (&true.into(), &0.into()),
        "{page}"
    );
    assert_eq!(page["witnesses"][0]["trouble"], "silent", "{page}");
    assert!(
        page["witnesses"][0]["at"].as_u64() >= Some(MONDAY),
        "{page}"
    );
    let metrics = school.stranger().get("/metrics").await.text();
    assert!(metrics.contains("schulhof_witness_alarm 1"), "{metrics}");

    neighbour.configure(|config| config.listen = at);
    neighbour.start().await;
    clock.set(MONDAY + 70 * MINUTE);
    school.sign_and_ask().await;
    let page = outlook(&school).await;
    assert_eq!(page["alarm"], false, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_checkpoint_of_a_known_log_is_refused_at_the_witness_door() {
    let (school, neighbour) = neighbours(Clock::System).await;
    let stranger = neighbour.stranger();
    let status = async |body: String| {
        let request = stranger.request(reqwest::Method::POST, "/witness/add-checkpoint");
        stranger.send(request.body(body)).await.status
    };
    school.sign_and_ask().await;
    let note = school.api("anna").get("/audit/log/checkpoint").await.text();
    let own = neighbour.founder.get("/api/audit/consistency").await;
    assert_eq!(status("old 0\n".into()).await, 400);
    assert_eq!(status(format!("old 0\n\n{}", "x".repeat(9000))).await, 413);
    assert_eq!(status(format!("old 99999\n\n{note}")).await, 400);
    assert_eq!(
        status(format!("old 0\n\n{note}")).await,
        409,
        "it knows more than nothing"
    );
    if own.status == 200 {
        let foreign = text(&own.json()["checkpoint"]);
        assert_eq!(status(format!("old 0\n\n{foreign}")).await, 404);
    }
    let size = note.lines().nth(1).expect("a size");
    let forged = note.replacen(&format!("\n{size}\n"), &format!("\n{size}0\n"), 1);
    assert_eq!(status(format!("old 0\n\n{forged}")).await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_at_the_witness_door_spends_nothing_of_a_neighbours_share() {
    let clock = Clock::manual(MONDAY);
    let (school, neighbour) = neighbours(clock).await;
    let stranger = neighbour.stranger();
    let status = async |body: String| {
        let request = stranger.request(reqwest::Method::POST, "/witness/add-checkpoint");
        stranger.send(request.body(body)).await.status
    };
    school.sign_and_ask().await;
    let cosigned = async || outlook(&school).await["witnesses"][0]["size"].as_u64();
    let before = cosigned().await;
    let note = school.api("anna").get("/audit/log/checkpoint").await.text();
    let size = note.lines().nth(1).expect("a size");
    let forged = note.replacen(&format!("\n{size}\n"), &format!("\n{size}0\n"), 1);
    for turn in 0..100 {
        status(format!("old 0\n\n{forged}")).await;
        status("old 0\n".into()).await;
        // What is signed, shown once more: everybody who has seen a checkpoint has it.
        let shown = status(format!("old {size}\n\n{note}")).await;
        assert_eq!(shown, 200, "turn {turn}");
    }
    assert_eq!(
        status("old 0\n".into()).await,
        429,
        "who sends nothing but rubbish is told to wait"
    );
    // From the same address, in the same minute.
    school
        .say("tilda", school.room("5a"), "Es geht weiter")
        .await;
    school.sign_and_ask().await;
    assert!(cosigned().await > before, "{before:?}");
}
