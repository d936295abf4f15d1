//! A browser that comes back to a log that was set back says so plainly, and keeps what it has seen.

use crate::browser::driver::Browser;
use crate::support::copy;
use anyhow::{Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;

const KEPT: &str = "const done = arguments[0]; const look = () => {
    const kept = localStorage.getItem('schulhof-log');
    if (kept) { done(kept); } else { setTimeout(look, 50); } }; look();";

#[tokio::test(flavor = "multi_thread")]
async fn a_returning_browser_warns_when_the_log_was_set_back() -> Result<()> {
    let mut school = School::open(&Plan::two_classes()).await;
    let at = school.address();
    let old = tempfile::tempdir()?;
    school.stop().await;
    copy(school.data(), old.path());
    school.configure(|config| config.listen = at);
    school.start().await;
    for _ in 0..20 {
        school.say("tilda", school.room("5a"), "Das soll weg").await;
    }
    school.sign_and_ask().await;
    let site = format!("http://{at}");
    let paul = school.person("paul");
    let browser = Browser::open(1280, 800, false).await?;
    browser.sign_in(&site, paul.login, &paul.password).await?;
    let kept = browser.ask(KEPT, vec![]).await?;

    school.stop().await;
    std::fs::remove_dir_all(school.data())?;
    copy(old.path(), school.data());
    school.start().await;
    school.sign_and_ask().await;
    let paul = school.person("paul");
    browser.sign_in(&site, paul.login, &paul.password).await?;
    browser
        .wait_for_text(".log-warning", "Es fehlen also Einträge")
        .await?;
    let warning = browser.find(".log-warning").await?.text().await?;
    ensure!(warning.contains("Schulleitung"), "whom to tell: {warning}");
    browser.picture("log-set-back").await?;
    ensure!(
        browser.ask(KEPT, vec![]).await? == kept,
        "what was seen before is the evidence and stays"
    );

    // The forged log grows beyond what was seen: that does not make it the same.
    for _ in 0..40 {
        school
            .say("tilda", school.room("5a"), "Etwas anderes")
            .await;
    }
    school.sign_and_ask().await;
    browser.page.goto(format!("{site}/app")).await?;
    browser
        .wait_for_text(".log-warning", "nachträglich geändert")
        .await?;
    ensure!(browser.ask(KEPT, vec![]).await? == kept);

    // It warns until somebody says that the school has confirmed it; from then on the state of today is what is held against it.
    browser.picture("log-rewritten").await?;
    browser
        .press(".log-warning button", "Die Schule hat es mir bestätigt")
        .await?;
    browser.wait_until_gone(".log-warning").await?;
    ensure!(browser.ask(KEPT, vec![]).await? != kept);
    school.say("tilda", school.room("5a"), "Weiter").await;
    school.sign_and_ask().await;
    let accepted = browser.ask(KEPT, vec![]).await?;
    browser.page.goto(format!("{site}/app")).await?;
    let grown = "const [before, done] = arguments; const look = () => {
        const kept = localStorage.getItem('schulhof-log');
        if (kept !== before) { done(kept); } else { setTimeout(look, 50); } }; look();";
    browser
        .ask(grown, vec![serde_json::json!(accepted)])
        .await?;
    browser.wait_until_gone(".log-warning").await?;
    browser.close().await;
    Ok(())
}
