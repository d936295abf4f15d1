//! An auditor asks to read a class's room, the head agrees, the auditor reads, and the pupil sees who has looked; and two dates of one
//! view are compared.

use super::driver::Browser;
use anyhow::{Context as _, Result, ensure};
use e2e::plan::{Plan, Someone};
use e2e::school::School;
use events::accounts::Role;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Asks for the state after everything that has happened.
const END_OF_TIME: &str = "const input = document.querySelector('input[name=moment]');
    input.value = '2099-01-01T00:00:00';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));";

struct Visit<'a> {
    site: String,
    school: &'a School,
}

impl Visit<'_> {
    async fn of(&self, login: &str, width: u32, dark: bool) -> Result<Browser> {
        let height = if width < 600 { 740 } else { 800 };
        let browser = Browser::open(width, height, dark).await?;
        let Someone {
            login, password, ..
        } = self.school.person(login);
        browser.sign_in(&self.site, login, password).await?;
        Ok(browser)
    }

    async fn go(&self, browser: &Browser, path: &str) -> Result<()> {
        browser.page.goto(format!("{}{path}", self.site)).await?;
        Ok(())
    }
}

async fn fits(browser: &Browser, picture: &str) -> Result<()> {
    let overflow = browser.overflow().await?;
    browser.picture(picture).await?;
    ensure!(
        overflow == "0",
        "{picture} scrolls sideways by {overflow} px"
    );
    Ok(())
}

fn now() -> Result<u128> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_second_person_agreed_to_is_read_and_told_to_those_it_is_about() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    school
        .say("paul", school.room("5a"), "Siebenschlaefer")
        .await;
    let visit = Visit {
        site: format!("http://{}", school.address()),
        school: &school,
    };
    let browser = visit.of("anna", 1280, false).await?;
    visit
        .go(&browser, "/app/audit/replay?view=messages")
        .await?;
    browser.find("select[name=view]").await?;
    browser.page.execute(END_OF_TIME, vec![]).await?;
    browser
        .press("form.filter button", "Stand anzeigen")
        .await?;
    browser.wait_for_text(".withheld", "Verdeckt: Text").await?;
    fits(&browser, "withheld-1280").await?;
    browser
        .press(".withheld button", "Einsicht beantragen")
        .await?;
    browser
        .press("#inspection-kind option", "Gespräch einer Klasse")
        .await?;
    browser.press("dialog[open] .choices button", "5a").await?;
    browser
        .fill(
            "#inspection-reason",
            "Zwei Kinder streiten; die Eltern bitten um Klärung.",
        )
        .await?;
    fits(&browser, "request-1280").await?;
    browser
        .press("dialog[open] button[type=submit]", "Beantragen")
        .await?;
    browser.wait_for_text(".toast", "Beantragt").await?;
    visit.go(&browser, "/app/inspections").await?;
    browser
        .wait_for_text("main .list", "wartet auf Zustimmung")
        .await?;
    fits(&browser, "own-requests-1280").await?;

    let head = visit.of("helga", 360, true).await?;
    head.wait_for_text("main .banner", "wartet auf Ihre Entscheidung")
        .await
        .context("the start page tells of it")?;
    fits(&head, "notice-360-dark").await?;
    head.find(".area .badge").await?;
    visit.go(&head, "/app/inspections").await?;
    head.wait_for_text("main .list", "Zwei Kinder streiten")
        .await?;
    fits(&head, "to-decide-360-dark").await?;
    head.press("main .list button", "Zustimmen").await?;
    head.wait_for_text("dialog[open]", "Anna Beispiel darf dann lesen: Gespräch 5a")
        .await?;
    fits(&head, "agree-to-inspection-360-dark").await?;
    head.press("dialog[open] button.accent", "Zustimmen")
        .await?;
    head.wait_for_text("main .chip", "gilt bis").await?;
    head.wait_until_gone(".area .badge").await?;
    fits(&head, "agreed-360-dark").await?;
    head.close().await;

    // The auditor's page follows by itself.
    browser.wait_for_text("main .chip", "gilt bis").await?;
    browser.press("main .list a", "Lesen").await?;
    browser
        .wait_for_text("main .banner", "Einsicht: Gespräch 5a")
        .await?;
    browser.page.execute(END_OF_TIME, vec![]).await?;
    browser
        .press("form.filter button", "Stand anzeigen")
        .await?;
    browser
        .wait_for_text("main table", "Siebenschlaefer")
        .await?;
    fits(&browser, "reading-1280").await?;
    browser.close().await;

    for dark in [false, true] {
        let pupil = visit.of("paul", 360, dark).await?;
        visit.go(&pupil, "/app/settings").await?;
        pupil
            .wait_for_text(".looks .list", "Anna Beispiel (Prüfung)")
            .await
            .context("the pupil sees who has looked")?;
        let shown = pupil.find(".looks").await?.text().await?;
        for told in ["Nachrichten", "Streit, Mobbing", "Helga Beispiel"] {
            ensure!(shown.contains(told), "{told} is missing: {shown}");
        }
        ensure!(!shown.contains("Zwei Kinder"), "{shown}");
        let script = "document.querySelector('.looks').scrollIntoView();";
        pupil.page.execute(script, vec![]).await?;
        fits(&pupil, if dark { "looks-360-dark" } else { "looks-360" }).await?;
        pupil.close().await;
    }
    let other = visit.of("olga", 1280, true).await?;
    visit.go(&other, "/app/settings").await?;
    other.wait_for_text(".looks", "Bisher niemand").await?;
    fits(&other, "nobody-looked-1280-dark").await?;
    other.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_compares_two_dates_of_one_view_side_by_side() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let visit = Visit {
        site: format!("http://{}", school.address()),
        school: &school,
    };
    let before = now()?;
    // What happens within the same millisecond counts as before.
    while now()? <= before {
        tokio::task::yield_now().await;
    }
    let paul = school.person("paul").person;
    let command = format!("/api/accounts/people/{paul}/command");
    let rename = json!({ "RenamePerson": { "name": { "given": "Pawel", "family": "Beispiel" } } });
    school.founder.post(&command, &rename).await.ok();
    let add =
        json!({ "name": { "given": "Nele", "family": "Neu" }, "roles": ["pupil"], "login": null });
    school.founder.post("/api/accounts/people", &add).await.ok();
    let link = format!(
        "/app/audit/compare?view=people&one={before}&other={}",
        now()? + 1
    );
    for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
        let mode = if dark { "dark" } else { "light" };
        let browser = visit.of("anna", width, dark).await?;
        visit.go(&browser, &link).await?;
        browser
            .wait_for_text("main .outcome", "1 neu · 0 nicht mehr da · 1 geändert")
            .await
            .context("the address says what is compared")?;
        for side in [".side:first-child", ".side:last-child"] {
            browser
                .wait_for_text(side, "Der Nachweis stimmt")
                .await
                .context("each side is proven")?;
        }
        browser.wait_for_text(".difference", "Pawel").await?;
        browser
            .wait_for_text("[data-change=changed] header", "Geändert: Name")
            .await?;
        let changed = browser.find("[data-change=changed]").await?.text().await?;
        ensure!(
            changed.contains("Paul Beispiel"),
            "both are there: {changed}"
        );
        fits(&browser, &format!("compare-{width}-{mode}")).await?;
        if width == 360 {
            browser.press(".side-choice label", "Später").await?;
            fits(&browser, &format!("compare-later-{width}-{mode}")).await?;
        } else {
            browser.find("input[name=only]").await?.click().await?;
            browser.press("form.filter button", "Vergleichen").await?;
            browser.wait_for_text(".difference .chip", "gleich").await?;
            let address = browser.page.current_url().await?;
            ensure!(address.as_str().contains("all=1"), "{address}");
        }
        browser.close().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn data_protection_fetches_a_file_and_its_owner_sees_which() -> Result<()> {
    let plan = Plan::two_classes().person("dora", &[Role::DataProtection]);
    let school = School::open(&plan).await;
    let visit = Visit {
        site: format!("http://{}", school.address()),
        school: &school,
    };
    let (name, content) = ("Elternbrief zur Klassenfahrt.txt", b"Liebe Eltern");
    let space = school.space("5a");
    school.api("paul").upload(space, name, content).await.ok();
    let about = json!({ "group_space": school.group("5a") });
    let asked = json!({ "purpose": "control", "reason": "Stichprobe", "about": about });
    let requests = "/api/audit/inspections";
    let asked = school.api("dora").post(requests, &asked).await.ok();
    let inspection = asked["inspection"].as_str().context("an id")?;
    let agree = format!("{requests}/{inspection}/agree");
    school.api("helga").post(&agree, &json!({})).await.ok();
    let reading = format!("/app/audit/replay?inspection={inspection}&view=files");
    for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
        let mode = if dark { "dark" } else { "light" };
        let browser = visit.of("dora", width, dark).await?;
        visit.go(&browser, &reading).await?;
        browser.find("input[name=moment]").await?;
        browser.page.execute(END_OF_TIME, vec![]).await?;
        browser
            .press("form.filter button", "Stand anzeigen")
            .await?;
        browser.wait_for_text("main table a.fetched", name).await?;
        fits(&browser, &format!("file-under-consent-{width}-{mode}")).await?;
        browser.close().await;
    }
    let browser = visit.of("dora", 1280, false).await?;
    visit.go(&browser, &reading).await?;
    browser.find("input[name=moment]").await?;
    browser.page.execute(END_OF_TIME, vec![]).await?;
    browser
        .press("form.filter button", "Stand anzeigen")
        .await?;
    let link = browser.find("main table a.fetched").await?;
    let address = link.attr("href").await?.context("an address")?;
    let file = school.api("dora").get(&address).await;
    ensure!(file.body == content, "{}", file.text());
    browser.close().await;
    for (width, dark) in [(360, true), (1280, false)] {
        let pupil = visit.of("paul", width, dark).await?;
        visit.go(&pupil, "/app/settings").await?;
        pupil
            .wait_for_text(".looks .list", name)
            .await
            .context("the owner sees which file")?;
        let shown = pupil.find(".looks").await?.text().await?;
        ensure!(
            shown.contains("Dora Beispiel (Datenschutz)"),
            "the role is named: {shown}"
        );
        let script = "document.querySelector('.looks').scrollIntoView();";
        pupil.page.execute(script, vec![]).await?;
        fits(&pupil, &format!("file-looks-{width}")).await?;
        pupil.close().await;
    }
    Ok(())
}
