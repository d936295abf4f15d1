//! What the pages offer is what the machine allows, and what is offered can be reached.

use super::driver::Browser;
use anyhow::{Context as _, Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;
use serde_json::json;
use thirtyfour::prelude::By;

/// The actions in the menu of a file.
async fn actions(browser: &Browser, file: &str) -> Result<Vec<String>> {
    let menu = format!("button[aria-label*=\"{file}\"]");
    browser.find(&menu).await?.click().await?;
    browser.find("[role=menuitem]").await?;
    let mut actions = Vec::new();
    for item in browser.page.find_all(By::Css("[role=menuitem]")).await? {
        actions.push(item.text().await?);
    }
    browser.find(&menu).await?.click().await?;
    Ok(actions)
}

async fn has(browser: &Browser, selector: &str) -> Result<bool> {
    Ok(!browser.page.find_all(By::Css(selector)).await?.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupil_is_offered_changes_to_their_own_files_only() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let (tilda, paul, space) = (
        school.person("tilda"),
        school.person("paul"),
        school.space("5a"),
    );
    tilda.api.upload(space, "Arbeitsblatt.txt", b"x").await.ok();
    paul.api.upload(space, "Hausaufgabe.txt", b"x").await.ok();
    for (who, theirs, others) in [(paul, "Hausaufgabe", false), (tilda, "Arbeitsblatt", true)] {
        let browser = Browser::open(1280, 800, false).await?;
        browser.sign_in(&site, who.login, &who.password).await?;
        browser
            .page
            .goto(format!("{site}/app/files/{space}"))
            .await?;
        browser.wait_for_text(".files-table", "Hausaufgabe").await?;
        // Whose the space is comes a moment after the files.
        browser.wait_for_text("button", "Hochladen").await?;
        let own = actions(&browser, theirs).await?;
        ensure!(
            own.contains(&"Löschen".to_owned()),
            "{}: {own:?}",
            who.login
        );
        let other = if others {
            "Hausaufgabe"
        } else {
            "Arbeitsblatt"
        };
        let offered = actions(&browser, other).await?;
        ensure!(
            offered.contains(&"Löschen".to_owned()) == others,
            "{} is offered {offered:?} for {other}",
            who.login
        );
        browser.close().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_offered_to_remove_what_a_partner_said() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let (tilda, paul) = (school.person("tilda"), school.person("paul"));
    let begun = paul
        .api
        .post("/api/messenger/direct", &json!({ "with": tilda.person }))
        .await
        .ok();
    let pair = begun["room"].as_str().context("a room")?.to_owned();
    paul.api
        .say(&pair, paul.person, "Das war nicht fair")
        .await
        .ok();
    let class = school.room("5a");
    paul.api
        .say(class, paul.person, "Hallo zusammen")
        .await
        .ok();
    let browser = Browser::open(1280, 800, false).await?;
    browser.sign_in(&site, tilda.login, &tilda.password).await?;
    browser
        .page
        .goto(format!("{site}/app/messages/{class}"))
        .await?;
    browser.find(".message .message-remove").await?;
    browser
        .page
        .goto(format!("{site}/app/messages/{pair}"))
        .await?;
    browser.wait_for_text(".said", "nicht fair").await?;
    browser.find("#composer").await?;
    ensure!(
        !has(&browser, ".message .message-remove").await?,
        "a teacher is offered to remove a complaint"
    );
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_offered_for_the_pupils_of_a_class_one_leads() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let tilda = school.person("tilda");
    let browser = Browser::open(1280, 800, false).await?;
    browser.sign_in(&site, tilda.login, &tilda.password).await?;
    let path = |login: &str| format!("{site}/app/people/{}", school.person(login).person);
    browser.page.goto(path("paul")).await?;
    browser.wait_for_text("button", "Einmalcode").await?;
    for other in ["olga", "otto"] {
        browser.page.goto(path(other)).await?;
        browser.wait_for_text("main .row-title", "5b").await?;
        let shown = browser.find("main").await?.text().await?;
        ensure!(!shown.contains("Einmalcode"), "{other}: {shown}");
    }
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_upload_does_not_cover_the_menus() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let (paul, space) = (school.person("paul"), school.own_space("paul"));
    for number in 1..=12 {
        paul.api
            .upload(&space, &format!("Blatt {number:02}.txt"), b"x")
            .await
            .ok();
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("Zuletzt.txt");
    std::fs::write(&path, "x")?;
    let browser = Browser::open(1280, 800, false).await?;
    browser.sign_in(&site, paul.login, &paul.password).await?;
    browser
        .page
        .goto(format!("{site}/app/files/{space}"))
        .await?;
    browser.wait_for_text("button", "Hochladen").await?;
    let chooser = browser.find("main input[type=file]").await?;
    chooser.send_keys(path.to_string_lossy()).await?;
    // It folds itself once everything is done, and stays a moment.
    browser.find(".tray-title[aria-expanded=false]").await?;
    let uncovered = "const done = arguments[0];
        const tray = document.querySelector('.tray').getBoundingClientRect();
        const buttons = [...document.querySelectorAll('.files-table .menu > button')];
        const near = buttons.reverse().find(b => b.getBoundingClientRect().bottom < tray.top);
        near.click();
        requestAnimationFrame(() => requestAnimationFrame(() => {
            const bad = [...document.querySelectorAll('[role=menuitem]')].filter(item => {
                const box = item.getBoundingClientRect();
                const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return !item.contains(top);
            });
            done(bad.map(item => item.textContent).join(', '));
        }));";
    let covered = browser.ask(uncovered, vec![]).await?;
    browser.picture("tray-and-menu").await?;
    ensure!(covered.is_empty(), "something covers {covered}");
    browser.close().await;
    Ok(())
}

/// The code of an area comes when it is first opened; where it cannot, the page says so and works once it can.
#[tokio::test(flavor = "multi_thread")]
async fn an_area_whose_code_does_not_arrive_says_so_and_is_fetched_again() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let tilda = school.person("tilda");
    let browser = Browser::open(1280, 800, false).await?;
    browser.sign_in(&site, tilda.login, &tilda.password).await?;
    browser.block(&["*split_accounts*"]).await?;
    browser
        .find("a.area[href=\"/app/people\"]")
        .await?
        .click()
        .await?;
    browser
        .wait_for_text("[role=alert]", "konnte nicht geladen werden")
        .await?;
    browser.block(&[]).await?;
    browser.find("[role=alert] button").await?.click().await?;
    browser.wait_for_text("h1", "Personen").await?;
    browser.close().await;
    Ok(())
}
