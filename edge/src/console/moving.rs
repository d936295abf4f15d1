//! `move` at the console of the old machine.

use super::{Answer, Tell};
use crate::house::House;
use crate::moving::{Code, Handed, Point, finish_destroying, send_sealed};
use anyhow::Result;
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
pub(super) async fn go_on(data: &Path, code: &str, tell: &Tell) -> Result<Answer> {
    if finish_destroying(data)? {
        return Ok(Answer::done(
            "The school has moved, and the keys here are destroyed. Nothing is left to do.\n",
        ));
    }
    let code: Code = code.parse()?;
    let progress = |what: &str, done, of| tell.progress(what, done, of);
    let point: Point = Arc::new(|_| Ok(()));
    let handed = send_sealed(data, &code, &progress, &point).await?;
    Ok(Answer::done(told(&handed)))
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
