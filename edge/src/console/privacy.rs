//! `privacy` at the console: proposing that people be forgotten, a second person agreeing by password, certificates.

use super::{Answer, Tell};
use crate::house::House;
use anyhow::{Context, Result, bail, ensure};
use edge_privacy::Plan;
use events::ids::{BatchId, PersonId};
use events::privacy::{Counts, Depth};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What `privacy erase` is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Erase {
    /// A login name or an id.
    pub(crate) person: String,
    pub(crate) basis: String,
    pub(crate) depth: Depth,
    pub(crate) dry_run: bool,
    /// Who agrees, and their password.
    pub(crate) confirm: Option<(String, String)>,
}

/// Proposes to forget somebody; carries it out when a second person agrees at once.
pub(super) async fn erase(house: &House, asked: Erase, tell: &Tell) -> Result<Answer> {
    let person = who(house, &asked.person).await?;
    if asked.dry_run {
        let counts = house.privacy.dry_run(&[person]).await?;
        let text = format!(
            "This would destroy:\n{}Nothing was written.\n",
            in_words(counts)
        );
        return Ok(Answer::done(text));
    }
    let confirming = match &asked.confirm {
        Some((login, password)) => Some(
            house
                .accounts
                .vouch(login, password)
                .await
                .context("checking who agrees")?,
        ),
        None => None,
    };
    let plan = Plan {
        people: vec![person],
        rule: "request".to_owned(),
        basis: asked.basis,
        depth: asked.depth,
    };
    let planned = house.privacy.plan(None, plan).await?;
    let batch = planned.batch;
    let mut text = format!(
        "Proposed as {batch}. It destroys:\n{}",
        in_words(planned.counts)
    );
    let Some(confirming) = confirming else {
        let _ = writeln!(
            text,
            "Nothing is gone yet: an administrator or a head has to agree on the page \"Personen löschen\" (\"Erasing people\"), or here with --confirm-as."
        );
        return Ok(Answer::done(text));
    };
    if let Err(error) = house.privacy.agree(confirming, batch).await {
        house.privacy.withdraw(None, batch).await?;
        return Err(error).context("agreeing; the proposal was taken back");
    }
    let step = |step: &'static str| {
        tell.progress(step, 0, 0);
        Ok(())
    };
    house.privacy.carry_out(batch, &step).await?;
    let _ = writeln!(
        text,
        "Everything is gone. `schulhof privacy certificate {batch}` prints the certificate.\nCopies of the keys of before still open backups of before: seal the keys anew with `schulhof backup keys`, and destroy the earlier files."
    );
    let renewed = house.backup.renew_keys(house.kernel.ledger.keyring())?;
    for path in &renewed.written {
        let _ = writeln!(text, "Sealed the keys anew in {}", path.display());
    }
    text += &super::backup::earlier(&renewed);
    Ok(Answer::done(text))
}

/// The signed certificate of a completed erasure: printed, or in a file of the kind that its name ends with.
pub(super) async fn certificate(house: &House, batch: &str, out: Option<&Path>) -> Result<Answer> {
    let batch: BatchId = batch
        .parse()
        .context("the id is the one that `privacy erase` printed")?;
    let signed = house.privacy.signed_certificate(batch).await?;
    let json = serde_json::to_string_pretty(&signed)? + "\n";
    let Some(out) = out else {
        return Ok(Answer::done(json));
    };
    let bytes = match out.extension().and_then(OsStr::to_str) {
        Some("pdf") => signed.to_pdf()?,
        Some("json") => json.into_bytes(),
        Some(_) | None => bail!("name a file that ends with .pdf, to print it, or with .json"),
    };
    let mut to = File::options()
        .write(true)
        .create_new(true)
        .open(out)
        .map_err(|error| super::not_made(out, error))?;
    to.write_all(&bytes)
        .and_then(|()| to.sync_all())
        .with_context(|| format!("writing {}", out.display()))?;
    Ok(Answer::done(format!(
        "The certificate is in {}. It names nobody and can be handed to whoever asks.\n",
        out.display()
    )))
}

/// Everything about a person, in a file that was not there before and that only its owner may read.
pub(super) async fn package(
    house: &House,
    person: &str,
    out: &Path,
    tell: &Tell,
) -> Result<Answer> {
    let person = who(house, person).await?;
    let mut to = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(out)
        .map_err(|error| super::not_made(out, error))?;
    let told = |done, of| tell.progress("package", done, of);
    let written = async {
        let mut package = house.privacy.package_at_console(person, &told).await?;
        let written = tokio::task::spawn_blocking(move || {
            let bytes = std::io::copy(&mut package, &mut to)?;
            to.sync_all()?;
            std::io::Result::Ok(bytes)
        });
        Ok::<_, anyhow::Error>(written.await??)
    };
    match written.await {
        Ok(bytes) => Ok(Answer::done(format!(
            "{bytes} bytes written to {}. Hand it to the person it is about, and to nobody else.\n",
            out.display()
        ))),
        Err(error) => {
            std::fs::remove_file(out).ok();
            Err(error.context(format!("writing {}", out.display())))
        }
    }
}

/// The rules, and what they make due within a year or made due already. Names nobody.
pub(super) async fn due(house: &House) -> Result<Answer> {
    let pack = house.privacy.rules();
    let mut text = format!("{} ({})\n", pack.title, pack.name);
    for rule in &pack.rules {
        let _ = writeln!(
            text,
            "  {}: {}, after {} days",
            rule.name, rule.title, rule.after_days
        );
    }
    let due = house.privacy.calendar().await?;
    if due.is_empty() {
        text += "Nothing is due within a year.\n";
    }
    for due in due {
        let what = match due.events {
            Some(events) => format!(
                "{} events {} of {:.7}",
                events.count,
                events.kind,
                events.month.to_string()
            ),
            None => format!("{} people", due.people.len()),
        };
        let _ = writeln!(text, "{}  {}: {what}", due.on, due.rule);
    }
    text += "Nothing was changed.\n";
    Ok(Answer::done(text))
}

async fn who(house: &House, named: &str) -> Result<PersonId> {
    if let Ok(person) = named.parse() {
        return Ok(person);
    }
    ensure!(
        !named.trim().is_empty(),
        "name a person by login name or id"
    );
    match house.accounts.person_of_login(named).await? {
        Some(person) => Ok(person),
        None => bail!("nobody has this login name"),
    }
}

fn in_words(counts: Counts) -> String {
    let counts = [
        ("keys", counts.keys),
        ("events with something sealed under them", counts.events),
        ("stored files", counts.blobs),
        ("login names", counts.claims),
        ("rows kept beside the log", counts.rows),
    ];
    let mut text = String::new();
    for (what, count) in counts {
        let _ = writeln!(text, "{count:>6} {what}");
    }
    text
}
