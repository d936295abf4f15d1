//! Guessing: slow, and without learning who exists.

use super::problem;
use e2e::plan::Plan;
use e2e::school::School;

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_guessed_slowly_and_nobody_learns_which_logins_exist() {
    let school = School::open(&Plan::two_classes()).await;
    let guesser = school.stranger();
    let unknown = guesser.sign_in("niemand", "Kastanie-99-Laterne").await;
    let wrong = guesser.sign_in("paul", "Kastanie-99-Laterne").await;
    assert_eq!(
        (problem(&unknown, 401), unknown.json()),
        (problem(&wrong, 401), wrong.json())
    );
    let mut slowed = None;
    for number in 0..60 {
        let answer = school
            .stranger()
            .sign_in("paul", &format!("Kastanie-{number}-Fenster"))
            .await;
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let slowed = slowed.expect("sixty wrong guesses at one account are slowed down");
    assert_eq!(problem(&slowed, 429), "slow_down");
    assert!(
        slowed
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|seconds| seconds > 0)
    );
    school.api("paul").get("/api/session").await.ok();
    school
        .stranger()
        .sign_in("pia", &school.person("pia").password)
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_password_for_everybody_is_tried_slowly_while_known_devices_go_by() {
    let school = School::open(&Plan::two_classes()).await;
    let mut slowed = None;
    for number in 0..60 {
        let login = format!("pupil.{number}");
        let answer = school.stranger().sign_in(&login, "sommer2026").await;
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let slowed = slowed.expect("sixty accounts tried from one address are slowed down");
    assert_eq!(problem(&slowed, 429), "slow_down");
    let paul = school.person("paul");
    let beside = paul.api.sign_in("paul", &paul.password).await;
    beside.ok();
}
