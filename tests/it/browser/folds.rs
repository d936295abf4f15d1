//! The same events folded natively and in the browser give the same digest.

use super::driver::Browser;
use anyhow::{Context as _, Result, ensure};
use e2e::plan::Plan;
use e2e::school::School;
use serde_json::{Value, json};
use std::path::Path;

/// Loads the app's own script and folds with it.
const FOLD: &str = "const [view, events, done] = arguments;
    const script = document.querySelector('link[rel=modulepreload]').href;
    const wasm = document.querySelector('link[as=fetch]').href;
    import(script).then(async app => {
        await app.default({ module_or_path: wasm });
        done(app.fold_digest(view, events));
    }).catch(error => done('error: ' + error));";

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_folds_what_the_machine_folds() -> Result<()> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/golden");
    let sequence = std::fs::read_to_string(golden.join("sequence.json"))
        .context("reading the golden sequence")?;
    let digests: Value = serde_json::from_slice(&std::fs::read(golden.join("digests.json"))?)?;
    let school = School::open(&Plan::default()).await;
    let browser = Browser::open(1280, 800, false).await?;
    browser
        .page
        .goto(format!("http://{}/login", school.address()))
        .await?;
    for view in events::views::NAMES {
        let expected = digests[view]
            .as_str()
            .with_context(|| format!("no golden digest of {view}"))?;
        let digest = browser
            .ask(FOLD, vec![json!(view), json!(sequence)])
            .await?;
        ensure!(
            digest == expected,
            "{view}: the browser folds to {digest}, the machine to {expected}"
        );
    }
    browser.close().await;
    Ok(())
}
