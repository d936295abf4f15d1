//! The command line as operators and auditors use it: founding, importing, verifying, replaying, showing and exporting — with a server
//! running and without one, for people and for machines.

mod audit;
mod export;
mod founding;
mod imports;
mod mutations;

use e2e::process::console;
use std::path::Path;

/// How many events there are, in a log that verifies.
async fn size(data: &Path) -> u64 {
    let verified = console(data, ["audit", "verify", "--json"])
        .await
        .ok()
        .json();
    assert_eq!(verified["ok"], true);
    verified["size"].as_u64().expect("a size")
}
