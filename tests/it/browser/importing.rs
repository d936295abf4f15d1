//! An administrator imports lists on the page: one that cannot be used says so, and an import of another day is taken back.

use super::driver::Browser;
use anyhow::{Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;

const BROKEN: &str = "Vorname;Nachname;Klasse\nMia\nBen;Muster;6a;x;y\n";
const GOOD: &str = "Vorname;Nachname;Klasse\nMia;Muster;6a\nBen;Beispiel;6a\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_list_says_so_and_an_earlier_import_is_taken_back() -> Result<()> {
    let school = School::open(&Plan::two_classes()).await;
    let site = format!("http://{}", school.address());
    let adam = school.person("adam");
    let folder = tempfile::tempdir()?;
    let file = |name: &str, content: &str| -> Result<String> {
        let path = folder.path().join(name);
        std::fs::write(&path, content)?;
        Ok(path.to_string_lossy().into_owned())
    };
    let (broken, good) = (file("broken.csv", BROKEN)?, file("good.csv", GOOD)?);
    let browser = Browser::open(360, 740, false).await?;
    browser.sign_in(&site, adam.login, &adam.password).await?;
    browser.page.goto(format!("{site}/app/import")).await?;

    let chooser = browser.find("input[type=file]").await?;
    chooser.send_keys(broken).await?;
    browser
        .wait_for_text(".banner.bad", "Keine einzige Zeile")
        .await?;
    browser.wait_for_text("details[open] li", "Zeile 2").await?;
    browser.picture("import-refused").await?;
    let shown = browser.find("main").await?.text().await?;
    ensure!(!shown.contains("stimmt mit dem Stand"), "{shown}");

    browser.press("button", "Andere Datei").await?;
    let chooser = browser.find("input[type=file]").await?;
    chooser.send_keys(good).await?;
    browser.press("button", "Änderungen übernehmen").await?;
    browser.wait_for_text(".banner.ok", "übernommen").await?;

    // Another day: the page knows nothing of what was done on it.
    browser.page.goto(format!("{site}/app/import")).await?;
    browser.wait_for_text(".row-note", "2 aufgenommen").await?;
    ensure!(browser.overflow().await? == "0", "the list is too wide");
    browser.picture("import-past").await?;
    browser.press("main .row button", "Zurücknehmen").await?;
    browser
        .find("dialog[open] button.danger")
        .await?
        .click()
        .await?;
    browser
        .wait_for_text(".banner.ok", "zurückgenommen")
        .await?;
    browser.page.goto(format!("{site}/app/import")).await?;
    browser.wait_for_text(".chip", "zurückgenommen").await?;
    browser.close().await;
    Ok(())
}
