//! What the relay counts. Sums only: no label tells a school's pupils, addresses or names apart.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Why a connection was not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Address,
    School,
    Rate,
    SlowHello,
    Malformed,
    NoName,
    UnknownName,
    NoLink,
    Evicted,
    UnprovenLink,
    Replay,
    WorkLimit,
}

const REASONS: [(Refused, &str); 13] = [
    (Refused::Full, "full"),
    (Refused::Address, "address"),
    (Refused::School, "school"),
    (Refused::Rate, "rate"),
    (Refused::SlowHello, "slow_hello"),
    (Refused::Malformed, "malformed_hello"),
    (Refused::NoName, "no_name"),
    (Refused::UnknownName, "unknown_name"),
    (Refused::NoLink, "no_link"),
    (Refused::Evicted, "evicted"),
    (Refused::UnprovenLink, "unproven_link"),
    (Refused::Replay, "replay"),
    (Refused::WorkLimit, "work_limit"),
];

/// All counters of one relay.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) accepted: AtomicU64,
    pub(crate) streams: AtomicU64,
    pub(crate) streams_now: AtomicU64,
    pub(crate) bytes_up: AtomicU64,
    pub(crate) bytes_down: AtomicU64,
    pub(crate) spliced: AtomicU64,
    pub(crate) links: AtomicU64,
    pub(crate) takeovers: AtomicU64,
    pub(crate) parked: AtomicU64,
    pub(crate) dead_parked: AtomicU64,
    pub(crate) cold: AtomicU64,
    pub(crate) dials_asked: AtomicU64,
    pub(crate) enrolled: AtomicU64,
    pub(crate) enrolments_refused: AtomicU64,
    refused: [AtomicU64; REASONS.len()],
}

/// Values that are read where they live instead of being counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gauges {
    pub(crate) schools: usize,
    pub(crate) schools_linked: usize,
    pub(crate) parked_now: usize,
    pub(crate) waiting: usize,
    pub(crate) unproven: usize,
    pub(crate) pipes: usize,
    pub(crate) nats: bool,
    pub(crate) present: usize,
}

impl Metrics {
    pub(crate) fn refuse(&self, reason: Refused) {
        let place = REASONS.iter().position(|(known, _)| *known == reason);
        if let Some(counter) = place.and_then(|place| self.refused.get(place)) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// The text form of Prometheus (exposition format 0.0.4).
    pub(crate) fn text(&self, gauges: Gauges) -> String {
        let mut text = String::new();
        for (name, help, value) in self.counters() {
            let _ = writeln!(
                text,
                "# HELP schulhof_relay_{name} {help}\n# TYPE schulhof_relay_{name} counter"
            );
            let _ = writeln!(text, "schulhof_relay_{name} {}", value.load(Relaxed));
        }
        let refused = "schulhof_relay_refused_total";
        let _ = writeln!(
            text,
            "# HELP {refused} Connections not served, by reason.\n# TYPE {refused} counter"
        );
        for ((_, reason), value) in REASONS.iter().zip(&self.refused) {
            let _ = writeln!(
                text,
                "{refused}{{reason=\"{reason}\"}} {}",
                value.load(Relaxed)
            );
        }
        for (name, help, value) in self.gauges(gauges) {
            let _ = writeln!(
                text,
                "# HELP schulhof_relay_{name} {help}\n# TYPE schulhof_relay_{name} gauge"
            );
            let _ = writeln!(text, "schulhof_relay_{name} {value}");
        }
        text
    }

    fn counters(&self) -> [(&'static str, &'static str, &AtomicU64); 13] {
        [
            (
                "accepted_total",
                "Visitor connections accepted.",
                &self.accepted,
            ),
            (
                "streams_total",
                "Visitor streams joined to a school.",
                &self.streams,
            ),
            (
                "bytes_up_total",
                "Bytes from visitors to schools.",
                &self.bytes_up,
            ),
            (
                "bytes_down_total",
                "Bytes from schools to visitors.",
                &self.bytes_down,
            ),
            (
                "bytes_spliced_total",
                "Bytes of both that never entered the process.",
                &self.spliced,
            ),
            ("links_total", "Control links accepted.", &self.links),
            (
                "link_takeovers_total",
                "Links replaced by a newer one of the same key while standing.",
                &self.takeovers,
            ),
            ("parked_total", "Work connections parked.", &self.parked),
            (
                "parked_dead_total",
                "Parked work connections found dead.",
                &self.dead_parked,
            ),
            (
                "cold_total",
                "Visitors that found nothing parked.",
                &self.cold,
            ),
            (
                "dials_asked_total",
                "Links asked for through NATS.",
                &self.dials_asked,
            ),
            ("enrolled_total", "Schools enrolled.", &self.enrolled),
            (
                "enrolments_refused_total",
                "Enrolments refused.",
                &self.enrolments_refused,
            ),
        ]
    }

    fn gauges(&self, gauges: Gauges) -> [(&'static str, &'static str, u64); 9] {
        [
            (
                "streams",
                "Visitor streams running.",
                self.streams_now.load(Relaxed),
            ),
            (
                "schools",
                "Schools in the directory.",
                gauges.schools as u64,
            ),
            (
                "schools_linked",
                "Schools with a link to this relay.",
                gauges.schools_linked as u64,
            ),
            (
                "schools_present",
                "Schools heard of on NATS within the last minute.",
                gauges.present as u64,
            ),
            (
                "parked",
                "Work connections parked now.",
                gauges.parked_now as u64,
            ),
            (
                "waiting",
                "Visitors not yet joined to a school.",
                gauges.waiting as u64,
            ),
            (
                "unproven",
                "Peers on the link port that have proved nothing yet.",
                gauges.unproven as u64,
            ),
            (
                "pipes_borrowed",
                "Splice pipes with bytes in flight.",
                gauges.pipes as u64,
            ),
            (
                "nats_connected",
                "1 while NATS is connected.",
                u64::from(gauges.nats),
            ),
        ]
    }
}
