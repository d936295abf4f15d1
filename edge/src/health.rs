//! Whether the machine lives (`/healthz`), whether it is ready (`/readyz`), and its figures (`/metrics`, Prometheus text).
//! Counts only: nothing here names a person.

use crate::backup::Backup;
use crate::relay::RelayLink;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use edge_audit::Audit;
use edge_kernel::Kernel;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// What health is judged by.
#[derive(Clone)]
pub(crate) struct Health {
    pub(crate) kernel: Kernel,
    pub(crate) audit: Audit,
    pub(crate) relay: Option<RelayLink>,
    pub(crate) ready_file: Option<Arc<PathBuf>>,
    pub(crate) backup: Backup,
}

pub(crate) fn routes(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn readyz(State(health): State<Health>) -> Response {
    let waits_for_file = health
        .ready_file
        .as_deref()
        .is_some_and(|path| !path.exists());
    let what = if health.kernel.ledger.is_stopped() {
        "the log has stopped"
    } else if !health.kernel.ledger.is_reached() {
        "the database cannot be reached"
    } else if health.kernel.ledger.is_sealed() {
        "the school has moved to another machine"
    } else if waits_for_file {
        "the demo is being prepared"
    } else {
        return "ready\n".into_response();
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{what}\n")).into_response()
}

async fn metrics(State(health): State<Health>) -> Response {
    let mut text = String::new();
    let ledger = &health.kernel.ledger;
    gauge(
        &mut text,
        "schulhof_log_size",
        "Events in the log.",
        ledger.size(),
    );
    gauge(
        &mut text,
        "schulhof_views_position",
        "Position up to which views are folded.",
        health.kernel.views.position(),
    );
    gauge(
        &mut text,
        "schulhof_log_stopped",
        "1 when the log refuses to go on.",
        u64::from(ledger.is_stopped()),
    );
    witnesses(&mut text, &health.audit).await;
    if let Some(relay) = &health.relay {
        let status = relay.status();
        gauge(
            &mut text,
            "schulhof_relay_links",
            "Relays with a standing link.",
            status.relays.len() as u64,
        );
        gauge(
            &mut text,
            "schulhof_relay_parked",
            "Work connections that wait for visitors.",
            status.parked as u64,
        );
        gauge(
            &mut text,
            "schulhof_relay_visitors_total",
            "Visitors since the start.",
            status.visitors,
        );
        gauge(
            &mut text,
            "schulhof_relay_nats",
            "1 while NATS is connected.",
            u64::from(status.nats),
        );
    }
    backup(&mut text, &health.backup);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// Figures of the whole: which witness is late is the administration's page to say.
async fn witnesses(text: &mut String, audit: &Audit) {
    let outlook = match audit.outlook().await {
        Ok(outlook) => outlook,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the state of the witnesses cannot be read"
            );
            return;
        }
    };
    let gauges = [
        (
            "schulhof_witnesses_needed",
            "Witnesses that must cosign; 0 when none are configured.",
            outlook.need as u64,
        ),
        (
            "schulhof_witnesses_fresh",
            "Witnesses that have cosigned within the hour.",
            outlook.fresh as u64,
        ),
        (
            "schulhof_witness_alarm",
            "1 when too few witnesses have cosigned for an hour.",
            u64::from(outlook.alarm),
        ),
    ];
    for (name, help, value) in gauges {
        gauge(text, name, help, value);
    }
}

/// How far the backup goes, and since when. Whether it succeeds has no say in whether the school is ready.
fn backup(text: &mut String, backup: &Backup) {
    let status = backup.status();
    if !status.continuous && status.pushed.is_none() {
        return;
    }
    let (pushed, drilled) = (status.pushed, status.drilled);
    gauge(
        text,
        "schulhof_backup_position",
        "Position up to which the log is in the backup.",
        pushed.map_or(0, |last| last.position),
    );
    gauge(
        text,
        "schulhof_backup_success_seconds",
        "When the backup was last complete, in seconds since 1970; 0 for never.",
        pushed.map_or(0, |last| last.at / 1000),
    );
    gauge(
        text,
        "schulhof_backup_failures",
        "How often in a row the backup has failed.",
        u64::from(status.failures),
    );
    gauge(
        text,
        "schulhof_backup_drill_seconds",
        "When a restoration was last tried and succeeded, in seconds since 1970; 0 for never.",
        drilled.map_or(0, |last| last.at / 1000),
    );
}

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    let kind = if name.ends_with("_total") {
        "counter"
    } else {
        "gauge"
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
    );
}
