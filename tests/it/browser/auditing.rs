//! An auditor proves an entry in their own browser and looks at the past.

use super::driver::Browser;
use anyhow::{Context as _, Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;
use edge_kernel::Clock;

/// 2026-11-23T08:00Z.
const MONDAY: u64 = 1_795_420_800_000;
const DAY: u64 = 24 * 3600 * 1000;

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_proves_an_entry_and_sees_the_school_as_it_was() -> Result<()> {
    let school = School::open_at(&Plan::two_classes(), Clock::manual(MONDAY)).await;
    school.clock().set(MONDAY + DAY);
    let body = serde_json::json!({ "name": { "given": "Nele", "family": "Nachzügler" }, "roles": ["pupil"], "login": "nele" });
    school
        .founder
        .post("/api/accounts/people", &body)
        .await
        .ok();
    let site = format!("http://{}", school.address());
    let auditor = school.person("anna");
    let browser = Browser::open(1280, 800, false).await?;
    browser
        .sign_in(&site, auditor.login, &auditor.password)
        .await?;

    browser.page.goto(format!("{site}/app/audit/20")).await?;
    browser
        .wait_for_text("main", "Der Nachweis stimmt")
        .await
        .context("the browser checks the proof")?;
    let page = browser.find("main").await?.text().await?;
    ensure!(!page.contains("stimmt nicht"), "{page}");
    browser.picture("proof-desk").await?;

    to_an_entry_by_its_number(&browser, &site).await?;

    for (moment, there) in [
        ("2026-11-23T23:00:00", false),
        ("2026-11-25T23:00:00", true),
    ] {
        browser
            .page
            .goto(format!("{site}/app/audit/replay"))
            .await?;
        browser.find("select[name=view]").await?;
        let script = "const input = document.querySelector('input[name=moment]');
            input.value = arguments[0];
            input.dispatchEvent(new Event('input', { bubbles: true }));
            input.dispatchEvent(new Event('change', { bubbles: true }));";
        browser
            .page
            .execute(script, vec![serde_json::json!(moment)])
            .await?;
        browser
            .find("form.filter button[type=submit]")
            .await?
            .click()
            .await?;
        browser.wait_for_text("main table, main", "Tilda").await?;
        let shown = browser.find("main").await?.text().await?;
        ensure!(
            shown.contains("Nachzügler") == there,
            "as of {moment} the page shows: {shown}"
        );
    }
    browser.picture("replay-desk").await?;
    let looks = school.founder.get("/api/audit/entries").await;
    ensure!(looks.status == 403, "the administrator is no auditor");
    let entries = auditor
        .api
        .search("/api/audit/entries", "viewed")
        .await
        .ok();
    ensure!(
        entries["rows"]
            .as_array()
            .is_some_and(|rows| rows.len() >= 3),
        "looking is logged: {entries}"
    );
    let looks = || async {
        let entries = auditor
            .api
            .search("/api/audit/entries", "viewed")
            .await
            .ok();
        entries["rows"].as_array().map_or(0, Vec::len)
    };
    let before = looks().await;
    let nothing = auditor.api.search("/api/audit/entries", "nirgends").await;
    ensure!(nothing.ok()["rows"] == serde_json::json!([]));
    // That one look, and every one of ours at the looks before it; the view follows the log a moment later.
    let mut asked = 1;
    while looks().await < before + asked + 1 {
        ensure!(asked < 20, "a look that finds nothing is not logged");
        asked += 1;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    browser
        .press("select[name=view] option", "Angaben des Schulbüros")
        .await?;
    browser
        .press("form.filter button", "Stand anzeigen")
        .await?;
    browser.wait_for_text("main table", "verdeckt").await?;
    let shown = browser.find("main table").await?.text().await?;
    ensure!(
        shown.contains("Geburtsdatum") && !shown.contains("birth_date"),
        "columns are called by words: {shown}"
    );
    browser.picture("replay-records-desk").await?;
    browser.page.goto(format!("{site}/app/audit")).await?;
    browser.find(".audit-table").await?;
    browser
        .press("select[name=kind] option", "Angemeldet")
        .await?;
    browser.press("form.filter button", "Filtern").await?;
    browser.wait_for_text(".audit-table time", "etwa").await?;
    let shown = browser.find(".audit-table tbody").await?.text().await?;
    ensure!(
        shown.contains("Angemeldet") && !shown.contains("Person aufgenommen"),
        "one kind is shown: {shown}"
    );
    browser.picture("entries-desk").await?;
    browser.close().await;
    Ok(())
}

/// An auditor types a number and comes to that entry, its proof, and the state after it; of a number beyond the log they are told how
/// far it goes.
async fn to_an_entry_by_its_number(browser: &Browser, site: &str) -> Result<()> {
    browser.page.goto(format!("{site}/app/audit")).await?;
    browser.find(".audit-table").await?;
    let shown = browser.find(".audit-table tbody").await?.text().await?;
    ensure!(
        !shown.contains("Protokoll angesehen"),
        "looks are left out until they are asked for: {shown}"
    );
    browser.picture("entries-number-desk").await?;
    browser.press("form.filter label", "Auch").await?;
    browser
        .wait_for_text(".audit-table tbody", "Protokoll angesehen")
        .await?;
    browser
        .find("input[name=number]")
        .await?
        .send_keys("20")
        .await?;
    browser.press("form.go button", "Öffnen").await?;
    browser.wait_for_text("main", "Der Nachweis stimmt").await?;
    browser.wait_for_text("main h1", "Eintrag 20").await?;
    browser.press("main a", "Stand danach").await?;
    browser
        .wait_for_text("main", "Stand nach Eintrag 20")
        .await
        .context("the state is of that entry")?;
    browser.picture("entry-state-desk").await?;
    browser
        .page
        .goto(format!("{site}/app/audit/999999"))
        .await?;
    browser
        .wait_for_text("main", "Diese Nummer gibt es im Protokoll nicht")
        .await?;
    browser.picture("entry-beyond-desk").await?;
    Ok(())
}
