//! `move` at the console of the old machine.

use super::{Answer, Tell, socket};
use crate::config::Config;
use crate::house::House;
use crate::moving::{self, Code, Handed, Point, finish_destroying, send_sealed};
use crate::places::Places;
use anyhow::{Context, Result, ensure};
use edge_kernel::Clock;
use edge_kernel::ledger::moved_away;
use std::path::Path;
use std::sync::Arc;

pub(super) async fn carry_out(house: &House, code: &str, tell: &Tell) -> Result<Answer> {
    let code: Code = code.parse()?;
    let progress = |what: &str, done, of| tell.progress(what, done, of);
    let point: Point = Arc::new(|_| Ok(()));
    let handed = house.move_to(&code, &progress, &point).await?;
    Ok(Answer::done(told(&handed)))
}

/// Goes on with a move whose log is sealed.
pub(super) async fn go_on(data: &Path, places: &Places, code: &str, tell: &Tell) -> Result<Answer> {
    if finish_destroying(data)? {
        return Ok(Answer::done(
            "The school has moved, and the keys here are destroyed. Nothing is left to do.\n",
        ));
    }
    let code: Code = code.parse()?;
    let progress = |what: &str, done, of| tell.progress(what, done, of);
    let point: Point = Arc::new(|_| Ok(()));
    let handed = send_sealed(data, places, &code, &progress, &point).await?;
    Ok(Answer::done(told(&handed)))
}

/// Takes a school back whose new machine was lost before it served.
pub(crate) async fn take_back(data: &Path, is_lost: bool, tell: &Tell) -> Result<Answer> {
    ensure!(
        !socket::is_served(data).await,
        "a server is running here; stop it first"
    );
    let places = Config::read(data, None)?.places()?;
    let handed = moved_away(data).await?;
    let handed = handed.context("this school has not moved away; there is nothing to take back")?;
    ensure!(
        is_lost,
        "The log was sealed for another machine. If that machine still has what it received, type on both what you typed before, and the move goes on.\nOnly if it is lost, and never served the school, type --take-back --new-machine-is-lost: this machine goes on then. Were both to serve, what one of them has written would be lost."
    );
    let progress = |what: &str, done, of| tell.progress(what, done, of);
    if data.join("keys").join("signing.key").exists() {
        // The key of before signs where it gave the log away, for whoever follows the log from there: soon it is gone.
        let still = House::open_still(data, &places, &progress).await?;
        let signed = still.kernel.ledger.checkpoint().await;
        still.close().await;
        signed.context("signing the log as it was sealed")?;
    }
    moving::take_back(data, &handed)?;
    let house = House::open_at(data, &places, Clock::System, &progress).await?;
    house.close().await;
    Ok(Answer::done(
        "The school is back on this machine; start it as before. Delete what the new machine received, should it turn up again.\n",
    ))
}

fn told(handed: &Handed) -> String {
    let pause = handed.pause.map_or_else(String::new, |pause| {
        let seconds = pause.as_secs_f64();
        format!("No machine took commands for {seconds:.1} seconds.\n")
    });
    format!(
        "The school has moved: its log was sealed at position {}, and goes on under the key\n{}\n{pause}The keys of this machine are destroyed; it serves no more. What is left here opens nothing and can be deleted.\n",
        handed.position, handed.successor
    )
}
