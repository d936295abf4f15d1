//! The log is provable to others: public formats read by code of the test's own and by a public library, witnesses that are another
//! school or the relay, the alarm when they stay away, and the browser that notices a log that was set back.

pub(crate) mod asking;
mod browser;
mod foreign;
mod through_nats;
mod tiles;

use e2e::api::Api;
use serde_json::Value;

/// The key of a school's log, as everybody who is signed in may know it.
pub(crate) async fn log_key(api: &Api) -> String {
    let shown = api.get("/api/audit/consistency").await.ok();
    text(&shown["key"])
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
