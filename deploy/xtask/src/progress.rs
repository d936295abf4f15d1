//! One line for every long step: a moving one on a terminal, a plain one elsewhere. Everything goes to standard error,
//! so that standard output stays free for results.

use indicatif::{ProgressBar, ProgressStyle};
use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How long a step may go on without a line where none can be rewritten.
const SILENCE: Duration = Duration::from_secs(30);

/// A step in progress.
pub(crate) struct Step {
    name: String,
    bar: Option<ProgressBar>,
    began: Instant,
    /// What it was at last, and when that was told in a line of its own.
    last: RefCell<String>,
    told: Cell<Option<Instant>>,
}

impl Step {
    /// Announces a step.
    pub(crate) fn start(name: impl Into<String>) -> Self {
        let name = name.into();
        let bar = std::io::stderr().is_terminal().then(|| spinner(&name));
        if bar.is_none() {
            eprint!("{name} … ");
            let _ = std::io::stderr().flush();
        }
        Self {
            name,
            bar,
            began: Instant::now(),
            last: RefCell::default(),
            told: Cell::default(),
        }
    }

    /// Says what the step is at: at once on a terminal, elsewhere with the next line.
    pub(crate) fn note(&self, text: &str) {
        let text: String = text.trim().chars().take(60).collect();
        if let Some(bar) = &self.bar {
            bar.set_message(text.clone());
        }
        self.last.replace(text);
    }

    /// Time has passed: where no line can be rewritten, one is written now and then.
    pub(crate) fn tick(&self) {
        let told = self.told.get().unwrap_or(self.began);
        if self.bar.is_none() && told.elapsed() >= SILENCE {
            if self.told.get().is_none() {
                eprintln!();
            }
            let seconds = self.began.elapsed().as_secs();
            eprintln!("  {seconds} s: {}", self.last.borrow());
            self.told.set(Some(Instant::now()));
        }
    }

    /// Ends the step well.
    pub(crate) fn done(self, detail: &str) {
        self.finish("✓", detail);
    }

    /// Ends the step badly; the caller says why.
    pub(crate) fn failed(self) {
        self.finish("✗", "failed");
    }

    fn finish(self, sign: &str, detail: &str) {
        let seconds = self.began.elapsed().as_secs_f64();
        let detail = if detail.is_empty() {
            String::new()
        } else {
            format!("{detail}, ")
        };
        match &self.bar {
            Some(bar) => {
                bar.finish_and_clear();
                eprintln!("{sign} {} ({detail}{seconds:.1} s)", self.name);
            }
            None => eprintln!("{sign} {detail}{seconds:.1} s"),
        }
    }
}

fn spinner(name: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} {prefix} {elapsed:>4} {wide_msg:.dim}")
    {
        bar.set_style(style);
    }
    bar.set_prefix(name.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
