//! Brings the school's checkpoints to its witnesses: when the head moved, and from time to time. What is asked and what an answer
//! means is the audit module's; this is configuration, rhythm and transport.

mod config;
mod ways;

pub use config::{Configured, PeerConfig, WitnessConfig, WitnessConfigError};
pub use ways::Ways;

use edge_audit::Audit;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether a witness is due: as often as the head is signed.
const RHYTHM: std::time::Duration = std::time::Duration::from_secs(10);

/// Asks until it is stopped. A failure is told once here; what witnesses answer is the administration's to see.
pub(crate) async fn run(audit: Audit, ways: Ways, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(RHYTHM);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            asked = audit.ask_witnesses(&ways) => asked,
        };
        if let Err(error) = asked {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the witnesses were not asked"
            );
        }
    }
}
