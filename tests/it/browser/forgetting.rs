//! A pupil takes their data along; an administrator proposes to forget somebody, a second one agrees, and a certificate is there.

use super::driver::Browser;
use anyhow::{Context as _, Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;
use events::accounts::Role;

async fn fits(browser: &Browser, picture: &str) -> Result<()> {
    let overflow = browser.overflow().await?;
    browser.picture(picture).await?;
    ensure!(
        overflow == "0",
        "{picture} scrolls sideways by {overflow} px"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupil_puts_their_data_together_and_fetches_them() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let paul = school.person("paul");
    let browser = Browser::open(360, 740, true).await?;
    browser.sign_in(&site, paul.login, &paul.password).await?;
    browser.page.goto(format!("{site}/app/settings")).await?;
    browser.press("button", "Paket zusammenstellen").await?;
    browser
        .wait_for_text("a.button", "Herunterladen")
        .await
        .context("it is put together")?;
    fits(&browser, "package-360").await?;
    let link = browser
        .find("a[href='/api/privacy/package/content']")
        .await?;
    ensure!(
        link.attr("download").await?.is_some(),
        "it is saved, not shown"
    );
    // It is still there after the page was left.
    browser.page.refresh().await?;
    browser.wait_for_text("a.button", "Herunterladen").await?;
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_forgotten_when_a_second_person_agrees() -> Result<()> {
    let plan = Plan::two_classes().person("zweite", &[Role::Administrator]);
    let school = School::open(&plan).await;
    let site = format!("http://{}", school.address());
    let (first, second) = (school.person("adam"), school.person("zweite"));
    let paul = school.person("paul").person;

    let browser = Browser::open(1280, 800, false).await?;
    browser.sign_in(&site, first.login, &first.password).await?;
    browser
        .page
        .goto(format!("{site}/app/people/{paul}"))
        .await?;
    browser
        .find("button[aria-label^='Angaben ändern']")
        .await?
        .click()
        .await?;
    browser
        .press("[role=menuitem]", "Löschung vorschlagen")
        .await?;
    browser
        .wait_for_text("dialog[open]", "Betroffene Ereignisse")
        .await
        .context("it tells how much would go")?;
    fits(&browser, "forget-1280").await?;
    browser
        .find("dialog[open] button[type=submit]")
        .await?
        .click()
        .await?;
    browser.wait_for_text(".toast", "Vorgeschlagen").await?;
    browser.page.goto(format!("{site}/app/erasures")).await?;
    browser.wait_for_text("main .list", "Paul").await?;
    browser
        .wait_for_text("main .list", "Eine andere Person muss zustimmen")
        .await?;
    fits(&browser, "erasures-1280").await?;
    browser.close().await;

    let browser = Browser::open(360, 740, true).await?;
    browser
        .sign_in(&site, second.login, &second.password)
        .await?;
    browser.page.goto(format!("{site}/app/erasures")).await?;
    browser
        .press("main .list button", "Zustimmen und löschen")
        .await?;
    browser
        .wait_for_text("dialog[open]", "Paul Beispiel – Schlüssel und Inhalte")
        .await
        .context("whoever agrees is told of whom and how deep")?;
    fits(&browser, "agree-360").await?;
    browser
        .find("dialog[open] button.danger")
        .await?
        .click()
        .await?;
    browser
        .wait_for_text("main .list", "Bescheinigung")
        .await
        .context("it is carried out to its end")?;
    fits(&browser, "erased-360").await?;
    let page = browser.find("main").await?.text().await?;
    ensure!(!page.contains("Paul"), "nobody is named any more: {page}");
    browser.close().await;
    told_in_words(&school, &site).await
}

/// An auditor with a phone sees entries before the filter, and the erasure among the past states in words.
async fn told_in_words(school: &School, site: &str) -> Result<()> {
    let anna = school.person("anna");
    let browser = Browser::open(360, 740, false).await?;
    browser.sign_in(site, anna.login, &anna.password).await?;
    browser.page.goto(format!("{site}/app/audit")).await?;
    browser.find(".audit-table").await?;
    browser.find("details.filters:not([open])").await?;
    fits(&browser, "entries-360").await?;
    browser.press("details.filters summary", "Filtern").await?;
    browser
        .press("select[name=kind] option", "Löschung ausgeführt")
        .await?;
    fits(&browser, "entries-filter-360").await?;
    let replay = format!("{site}/app/audit/replay?view=erasures");
    browser.page.goto(replay).await?;
    browser.find("select[name=view]").await?;
    let end = "const input = document.querySelector('input[name=moment]');
        input.value = '2099-01-01T00:00:00';
        input.dispatchEvent(new Event('input', { bubbles: true }));
        input.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.page.execute(end, vec![]).await?;
    browser
        .press("form.filter button", "Stand anzeigen")
        .await?;
    browser
        .wait_for_text("main table", "Rechtsgrundlage")
        .await?;
    let shown = browser.find("main table").await?.text().await?;
    for name in ["planned", "approvals", "destroyed", "ciphertext"] {
        ensure!(!shown.contains(name), "{name} is no word: {shown}");
    }
    fits(&browser, "replay-erasures-360").await?;
    browser.close().await;
    Ok(())
}
