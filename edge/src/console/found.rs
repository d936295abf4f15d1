//! `init`: founding a school without a browser.

use super::Answer;
use crate::config::Config;
use crate::house::House;
use anyhow::{Context, Result, ensure};
use edge_kernel::Clock;
use events::accounts::PersonName;
use std::path::Path;

/// Founds the school and its first administrator.
pub(crate) async fn found(
    data: &Path,
    school: &str,
    login: &str,
    password: &str,
) -> Result<Answer> {
    ensure!(
        !password.is_empty(),
        "the password file's first line is empty"
    );
    let places = Config::read(data, None)?.places()?;
    let house = House::open_at(data, &places, Clock::System, &|_, _, _| {}).await?;
    let outcome = async {
        house
            .accounts
            .found(school, login, name_of(login), password)
            .await
            .context("founding the school")?;
        edge_flows::catch_up(&house.kernel, &house.files, &house.messenger).await?;
        anyhow::Ok(())
    };
    let founded = outcome.await;
    house.close().await;
    founded?;
    Ok(Answer::done(format!(
        "The school is founded; sign in as {login}.\n"
    )))
}

/// The name that a login name suggests; the administrator may correct it in the app.
fn name_of(login: &str) -> PersonName {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    match login.split_once('.') {
        Some((given, family)) => PersonName {
            given: capital(given),
            family: capital(family),
        },
        None => PersonName {
            given: capital(login),
            family: "Verwaltung".to_owned(),
        },
    }
}
