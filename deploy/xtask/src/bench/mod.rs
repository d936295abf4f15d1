//! `cargo xtask bench`: what the design owes, measured side by side with a rival in the same minutes. Absolute figures of
//! a shared machine mean nothing, so ours, the rival's and the disk's own floor take turns, and medians are compared.

mod ledger;
mod login;
mod moving;
mod relay;
mod rounds;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

/// What `cargo xtask bench` can be told.
#[derive(Args)]
pub(crate) struct Options {
    /// Which bench: ledger, login, move or relay; all when left out
    name: Option<String>,
    /// Print the results as JSON on standard output
    #[arg(long)]
    json: bool,
}

/// Which way is good.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Better {
    Higher,
    Lower,
}

/// One comparison. `target` is a bound on `ratio` where there is one, else on `ours`; none where a figure is only told.
#[derive(Serialize)]
pub(crate) struct Figure {
    name: String,
    ours: f64,
    rival: Option<f64>,
    ratio: Option<f64>,
    target: Option<f64>,
    better: Better,
}

impl Figure {
    fn verdict(&self) -> String {
        let Some(target) = self.target else {
            return "no target".into();
        };
        let value = self.ratio.unwrap_or(self.ours);
        let (bound, is_met) = match self.better {
            Better::Higher => ("at least", value >= target),
            Better::Lower => ("at most", value <= target),
        };
        let verdict = if is_met { "met" } else { "MISSED" };
        format!("{bound} {target}: {verdict}")
    }
}

type Bench = fn() -> Result<Vec<Figure>>;

const BENCHES: [(&str, Bench); 4] = [
    ("ledger", ledger::run),
    ("login", login::run),
    ("move", moving::run),
    ("relay", relay::run),
];

/// Runs one bench or all.
pub(crate) fn run(options: &Options) -> Result<()> {
    let wanted: Vec<_> = BENCHES
        .iter()
        .filter(|(name, _)| options.name.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    if wanted.is_empty() {
        bail!(
            "there is no bench of that name; there are: {}",
            BENCHES.map(|(name, _)| name).join(", ")
        );
    }
    if let Some(load) = busy() {
        eprintln!(
            "the machine is busy (load {load}): take these figures with care, and measure again when it is quiet"
        );
    }
    let mut figures = Vec::new();
    for (_, bench) in wanted {
        figures.extend(bench()?);
    }
    for figure in &figures {
        eprintln!("{}", line(figure));
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    }
    Ok(())
}

/// The load before we add ours, where it is more than half of what the cores can carry.
fn busy() -> Option<f64> {
    let load = std::fs::read_to_string("/proc/loadavg").ok()?;
    let load: f64 = load.split_whitespace().next()?.parse().ok()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (load > cores as f64 / 2.0).then_some(load)
}

fn line(figure: &Figure) -> String {
    let Figure { name, ours, .. } = figure;
    let verdict = figure.verdict();
    match (figure.rival, figure.ratio) {
        (Some(rival), Some(ratio)) => {
            format!("{name}: {ours:.1} against {rival:.1}, ratio {ratio:.2} ({verdict})")
        }
        _ => format!("{name}: {ours:.1} ({verdict})"),
    }
}
