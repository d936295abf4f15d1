//! Every page at two widths, light and dark: nothing scrolls sideways, everything has a title, and nothing fails quietly.

use super::driver::Browser;
use anyhow::{Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;
use events::accounts::Role;

async fn look(login: &str, pages: &[&str]) -> Result<()> {
    let plan = Plan::two_classes().person("dora", &[Role::DataProtection]);
    let school = School::open(&plan).await;
    let site = format!("http://{}", school.address());
    let teacher = school.person("tilda");
    let space = school.space("5a");
    for number in 1..=12 {
        teacher
            .api
            .say(
                school.room("5a"),
                teacher.person,
                &format!("Hinweis Nummer {number} für morgen"),
            )
            .await
            .ok();
    }
    for name in [
        "Arbeitsblatt 1.pdf",
        "Elternbrief mit einem ziemlich langen Namen, der umbrochen werden muss.docx",
        "Notizen.txt",
    ] {
        teacher.api.upload(space, name, b"Inhalt").await.ok();
    }
    let someone = school.person(login);
    for (width, height, dark) in [
        (360, 740, false),
        (360, 740, true),
        (1280, 800, false),
        (1280, 800, true),
    ] {
        let browser = Browser::open(width, height, dark).await?;
        let mode = if dark { "dark" } else { "light" };
        browser.page.goto(format!("{site}/login")).await?;
        browser.find("#password").await?;
        browser.picture(&format!("login-{width}-{mode}")).await?;
        browser
            .sign_in(&site, someone.login, &someone.password)
            .await?;
        for page in pages {
            let path = page
                .replace("{room}", &school.room("5a").to_string())
                .replace("{space}", &space.to_string());
            let path = path.replace("{group}", &school.group("5a").to_string());
            let path = path.replace("{person}", &school.person("paul").person.to_string());
            browser.page.goto(format!("{site}{path}")).await?;
            browser.find("main h1").await?;
            let title = browser.page.title().await?;
            ensure!(
                title.contains("Schulhof") && title.len() > "Schulhof".len(),
                "{page} has the title {title:?}"
            );
            let overflow = browser.overflow().await?;
            let name = page
                .trim_start_matches("/app")
                .replace(['/', '{', '}'], "-");
            browser
                .picture(&format!("{login}{name}-{width}-{mode}"))
                .await?;
            ensure!(
                overflow == "0",
                "{page} scrolls sideways by {overflow} px at {width} px"
            );
        }
        browser.close().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teachers_pages_fit_at_every_width() -> Result<()> {
    look(
        "tilda",
        &[
            "/app",
            "/app/messages",
            "/app/messages/{room}",
            "/app/files",
            "/app/files/{space}",
            "/app/people",
            "/app/groups",
            "/app/groups/{group}",
            "/app/people/{person}",
            "/app/settings",
        ],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupils_pages_fit_at_every_width() -> Result<()> {
    look(
        "paul",
        &[
            "/app",
            "/app/messages",
            "/app/messages/{room}",
            "/app/files",
            "/app/files/{space}",
            "/app/files/{space}/deleted",
            "/app/people",
            "/app/groups/{group}",
            "/app/settings",
        ],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_data_protection_fit_at_every_width() -> Result<()> {
    let pages = [
        "/app",
        "/app/audit",
        "/app/audit/replay",
        "/app/inspections",
        "/app/erasures",
        "/app/settings",
    ];
    look("dora", &pages).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_pages_fit_at_every_width() -> Result<()> {
    let pages = [
        "/app",
        "/app/people/{person}",
        "/app/import",
        "/app/erasures",
        "/app/inspections",
        "/app/settings",
    ];
    look("adam", &pages).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditors_pages_fit_at_every_width() -> Result<()> {
    look(
        "anna",
        &[
            "/app/audit",
            "/app/audit/20",
            "/app/audit/999999",
            "/app/audit/replay",
            "/app/audit/replay?until=20&at=1795420800000",
            "/app/audit/compare",
            "/app/audit/compare?view=people&one=1000&other=9999999999999",
            "/app/inspections",
        ],
    )
    .await
}
