//! Other sites and scripts: they can change nothing in a person's name, and do not get at the session.

use super::problem;
use e2e::plan::Plan;
use e2e::school::School;
use reqwest::Method;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_change_nothing_in_a_persons_name() {
    let school = School::open(&Plan::two_classes()).await;
    let paul = school.person("paul");
    let path = format!("/api/messenger/rooms/{}/command", school.room("5a"));
    let command = e2e::api::message(Uuid::new_v4(), paul.person, "von anderswo");
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1.evil.example"),
    ] {
        let request = paul
            .api
            .request(Method::POST, &path)
            .header(header, value)
            .json(&command);
        assert_eq!(
            problem(&paul.api.send(request).await, 403),
            "other_site",
            "{header}: {value}"
        );
        let request = paul
            .api
            .request(Method::DELETE, "/api/session")
            .header(header, value);
        assert_eq!(
            paul.api.send(request).await.status,
            403,
            "{header}: {value}"
        );
        let form = school
            .stranger()
            .request(Method::POST, "/login")
            .header(header, value);
        let form = form.form(&[("login", "paul"), ("password", paul.password.as_str())]);
        assert_eq!(
            school.stranger().send(form).await.status,
            403,
            "signing somebody in from elsewhere, {header}: {value}"
        );
    }
    let own = format!("http://{}", school.address());
    let request = paul
        .api
        .request(Method::POST, &path)
        .header("origin", own)
        .header("sec-fetch-site", "same-origin")
        .json(&command);
    paul.api.send(request).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let school = School::open(&Plan::two_classes()).await;
    let answer = school
        .stranger()
        .sign_in("paul", &school.person("paul").password)
        .await;
    let cookies: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with("schulhof="))
        .expect("signing in sets the cookie");
    let lower = session.to_ascii_lowercase();
    assert!(
        lower.contains("httponly") && lower.contains("path=/"),
        "{session}"
    );
    assert!(
        lower.contains("samesite=lax") || lower.contains("samesite=strict"),
        "{session}"
    );
    let forged = school.stranger();
    for cookie in [
        "schulhof=",
        "schulhof=x",
        "schulhof=00000000-0000-0000-0000-000000000000",
    ] {
        forged.set_cookie(cookie);
        assert_eq!(forged.get("/api/session").await.status, 401, "{cookie}");
    }
}
