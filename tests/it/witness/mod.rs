//! The log is provable to others: public formats read by code of the test's own, witnesses that are another school or the relay, and
//! the alarm when they stay away.

mod asking;
mod foreign;
mod through_nats;
mod tiles;

use e2e::api::Api;
use serde_json::Value;

/// The key of a school's log, as everybody who is signed in may know it.
async fn log_key(api: &Api) -> String {
    let shown = api.get("/api/audit/consistency").await.ok();
    text(&shown["key"])
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
