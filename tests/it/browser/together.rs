//! The whole hybrid at once: a teacher in school and a pupil at home, joined by nothing but the relay.

use super::driver::Browser;
use crate::relay::Relay;
use crate::support::{Directory, init};
use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD, Plan};
use e2e::process::Process;
use serde_json::json;
use thirtyfour::Key;

/// What the pupil's browser runs to download a file: the bytes come back as base64.
const DOWNLOAD: &str = "const [href, done] = arguments;
    fetch(href).then(answer => answer.blob()).then(blob => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result.split(',')[1] ?? '');
        reader.readAsDataURL(blob);
    }).catch(error => done('error: ' + error));";

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_in_school_and_a_pupil_at_home_talk_and_share_a_file() -> Result<()> {
    let directory = Directory::new();
    let mut relay = Relay::new(directory.root(), "demo", None);
    relay.start().await;
    init(&directory.data, directory.root()).await;
    let (enrol, token) = relay.invitation("kgs");
    let environment = [
        ("SCHULHOF_RELAY__ENROL", enrol.as_str()),
        ("SCHULHOF_RELAY__TOKEN", token.as_str()),
    ];
    let edge = Process::serve_with(&directory.data, &directory.log, &environment).await?;
    let founder = Api::new(edge.address());
    founder.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let school = Plan::two_classes()
        .settle(&founder, || Api::new(edge.address()))
        .await;
    let (teacher, pupil) = (school.person("tilda"), school.person("paul"));
    let (room, space) = (school.room("5a"), school.space("5a"));
    let in_school = format!("http://{}", edge.address());
    let from_home = format!("https://kgs.relay.localhost:{}", relay.front.port());

    let desk = Browser::open(1280, 800, false).await?;
    let phone = Browser::open(360, 740, true).await?;
    desk.sign_in(&in_school, teacher.login, &teacher.password)
        .await
        .context("the teacher signs in")?;
    phone
        .sign_in(&from_home, pupil.login, &pupil.password)
        .await
        .context("the pupil signs in from home")?;

    desk.page
        .goto(format!("{in_school}/app/messages/{room}"))
        .await?;
    phone
        .page
        .goto(format!("{from_home}/app/messages/{room}"))
        .await?;
    phone.find("#composer").await?;
    let composer = desk.find("#composer").await?;
    composer
        .send_keys("Morgen bitte an die Turnschuhe denken!")
        .await?;
    composer.send_keys(Key::Enter).await?;
    let took = phone.wait_for_text(".said", "Turnschuhe denken").await?;
    println!(
        "a message by the teacher showed at the pupil's after {} ms",
        took.as_millis()
    );
    phone
        .find("#composer")
        .await?
        .send_keys("Danke, mache ich")
        .await?;
    phone.find("#composer").await?.send_keys(Key::Enter).await?;
    desk.wait_for_text(".said", "Danke, mache ich").await?;
    desk.picture("talk-desk").await?;
    phone.picture("talk-phone").await?;

    let content: Vec<u8> = (0..300_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let path = directory.beside("Arbeitsblatt Brüche.bin");
    std::fs::write(&path, &content)?;
    desk.page
        .goto(format!("{in_school}/app/files/{space}"))
        .await?;
    let chooser = desk.find("input[type=file]").await?;
    chooser.send_keys(path.to_string_lossy()).await?;
    desk.wait_for_text(".files-table", "Arbeitsblatt Brüche.bin")
        .await?;
    phone
        .page
        .goto(format!("{from_home}/app/files/{space}"))
        .await?;
    phone
        .wait_for_text(".files-table", "Arbeitsblatt Brüche.bin")
        .await?;
    let link = phone.find(".files-table a[download]").await?;
    let href = link.prop("href").await?.context("a file has an address")?;
    ensure!(
        href.starts_with(&from_home),
        "the download stays on the relay's name: {href}"
    );
    let encoded = phone.ask(DOWNLOAD, vec![json!(href)]).await?;
    let downloaded = STANDARD.decode(encoded).context("the answer is base64")?;
    ensure!(
        downloaded == content,
        "{} bytes came back of {}",
        downloaded.len(),
        content.len()
    );
    phone.picture("files-phone").await?;
    desk.picture("files-desk").await?;

    desk.close().await;
    phone.close().await;
    edge.stop().await
}
