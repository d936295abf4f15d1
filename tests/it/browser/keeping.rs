//! An administrator adds a person and a group by hand, changes them, and takes back what was wrong, on a phone and at a desk.

use super::driver::Browser;
use anyhow::{Context as _, Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;

/// The dialog that is open.
const SEND: &str = "dialog[open] button[type=submit]";

async fn send(browser: &Browser, picture: &str) -> Result<()> {
    let overflow = browser.overflow().await?;
    ensure!(
        overflow == "0",
        "{picture} scrolls sideways by {overflow} px"
    );
    browser.picture(picture).await?;
    browser.find(SEND).await?.click().await?;
    browser
        .wait_until_gone("dialog[open]")
        .await
        .with_context(|| format!("{picture} is not accepted"))
}

async fn choose(browser: &Browser, menu: &str, item: &str) -> Result<()> {
    let button = format!("button[aria-label^=\"{menu}\"]");
    browser.find(&button).await?.click().await?;
    browser.press("[role=menuitem]", item).await
}

async fn a_person(browser: &Browser, name: &str, width: u32) -> Result<()> {
    browser.press("button", "Person aufnehmen").await?;
    browser.fill("dialog[open] #person-given", name).await?;
    browser.fill("dialog[open] #person-family", "Neu").await?;
    send(browser, &format!("add-person-{width}")).await?;
    browser.wait_for_text("h1", &format!("{name} Neu")).await?;

    choose(browser, "Angaben ändern", "Namen ändern").await?;
    browser.fill("dialog[open] #new-family", "Anders").await?;
    send(browser, &format!("rename-person-{width}")).await?;
    browser
        .wait_for_text("h1", &format!("{name} Anders"))
        .await?;

    choose(browser, "Angaben ändern", "Rollen ändern").await?;
    browser.press("dialog[open] label", "Lehrkraft").await?;
    send(browser, &format!("roles-{width}")).await?;
    browser.wait_for_text(".chip", "Lehrkraft").await?;

    choose(browser, "Angaben ändern", "Anmeldenamen ändern").await?;
    browser.fill("dialog[open] #new-login", "paul").await?;
    browser.find(SEND).await?.click().await?;
    browser
        .wait_for_text("dialog[open] .field-complaint", "vergeben")
        .await?;
    let login = format!("{}.anders", name.to_lowercase());
    browser.fill("dialog[open] #new-login", &login).await?;
    send(browser, &format!("login-name-{width}")).await?;
    browser
        .wait_for_text(".toast", "Anmeldename ist geändert")
        .await?;
    Ok(())
}

async fn a_group(browser: &Browser, name: &str, width: u32) -> Result<()> {
    browser.press("button", "Gruppe anlegen").await?;
    browser.fill("dialog[open] #group-name", name).await?;
    browser
        .press("dialog[open] #group-kind option", "AG")
        .await?;
    send(browser, &format!("add-group-{width}")).await?;
    browser.wait_for_text("h1", name).await?;
    browser.wait_for_text(".page-lead", "AG").await?;

    browser.press("button", "Mitglied aufnehmen").await?;
    browser.fill("dialog[open] #person-search", "Paul").await?;
    browser
        .wait_for_text("dialog[open] .choices", "Paul")
        .await?;
    browser.picture(&format!("add-member-{width}")).await?;
    browser
        .press("dialog[open] .choices button", "Paul")
        .await?;
    browser.wait_for_text("main .list", "Paul").await?;
    browser
        .wait_for_text(".toast", "Paul Beispiel gehört")
        .await?;

    choose(browser, "Aktionen: Paul", "Zur Leitung machen").await?;
    browser.wait_for_text("main .row-note", "Leitung").await?;
    choose(browser, "Aktionen: Paul", "Aus der Gruppe nehmen").await?;
    browser
        .wait_for_text(".toast", "gehört nicht mehr dazu")
        .await?;
    browser.wait_until_gone("main .list .row").await?;
    browser.picture(&format!("member-removed-{width}")).await?;
    browser
        .press(".toast:last-child button", "Rückgängig")
        .await?;
    browser.wait_for_text("main .row-note", "Leitung").await?;

    choose(browser, "Gruppe bearbeiten", "Umbenennen").await?;
    browser
        .fill(
            "dialog[open] #group-new-name",
            &format!("{name} am Freitag"),
        )
        .await?;
    send(browser, &format!("rename-group-{width}")).await?;
    browser.wait_for_text("h1", "am Freitag").await?;
    choose(browser, "Gruppe bearbeiten", "Gruppe schließen").await?;
    browser
        .find("dialog[open] button.danger")
        .await?
        .click()
        .await?;
    browser.wait_for_text(".page-lead", "geschlossen").await?;
    browser.picture(&format!("group-closed-{width}")).await?;
    choose(browser, "Gruppe bearbeiten", "Gruppe wieder öffnen").await?;
    browser.wait_for_text(".toast", "wieder offen").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_groups_are_added_and_changed_by_hand() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let adam = school.person("adam");
    for (width, height, dark, person, group) in [
        (360, 740, true, "Nele", "Schach"),
        (1280, 800, false, "Nora", "Ballspiele"),
    ] {
        let browser = Browser::open(width, height, dark).await?;
        browser.sign_in(&site, adam.login, &adam.password).await?;
        browser.page.goto(format!("{site}/app/people")).await?;
        a_person(&browser, person, width).await?;
        browser.page.goto(format!("{site}/app/groups")).await?;
        a_group(&browser, group, width).await?;
        browser.close().await;
    }
    Ok(())
}
