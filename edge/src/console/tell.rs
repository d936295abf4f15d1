//! Progress of long work: a bar on a terminal, a line per step when not on one, frames when it goes over the socket.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;

/// How far a piece of work has come.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Progress {
    pub(crate) what: String,
    pub(crate) done: u64,
    pub(crate) of: u64,
}

/// Where progress goes.
pub(crate) enum Tell {
    /// A bar.
    Bar(Mutex<Option<(String, ProgressBar)>>),
    /// A line for each kind of work, when it begins.
    Lines(Mutex<String>),
    /// Somebody at the other end of a socket.
    Remote(UnboundedSender<Progress>),
}

impl Tell {
    /// For standard error as it is.
    pub(crate) fn here() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Bar(Mutex::default())
        } else {
            Self::Lines(Mutex::default())
        }
    }

    /// Work has come so far.
    pub(crate) fn progress(&self, what: &str, done: u64, of: u64) {
        match self {
            Self::Bar(bar) => show(
                &mut bar
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner),
                what,
                done,
                of,
            ),
            Self::Lines(last) => {
                let mut last = last
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                if *last != what {
                    eprintln!("{} …", name(what));
                    what.clone_into(&mut last);
                }
            }
            // The other end may have gone; the work goes on all the same.
            Self::Remote(sender) => drop(sender.send(Progress {
                what: what.to_owned(),
                done,
                of,
            })),
        }
    }
}

fn show(bar: &mut Option<(String, ProgressBar)>, what: &str, done: u64, of: u64) {
    if bar.as_ref().is_none_or(|(shown, _)| shown != what) {
        let style = ProgressStyle::with_template("{prefix:<28} {bar:32} {pos}/{len} {eta}");
        let fresh = ProgressBar::new(of).with_prefix(name(what).to_owned());
        fresh.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        *bar = Some((what.to_owned(), fresh));
    }
    if let Some((_, shown)) = bar {
        shown.set_length(of);
        shown.set_position(done);
        if done >= of {
            shown.finish_and_clear();
        }
    }
}

fn name(what: &str) -> &str {
    match what {
        "verify" => "verifying the log",
        "access" => "reading who may see what",
        "views" => "folding the views",
        "repack" => "bringing the log along",
        "replay" => "replaying the log",
        "export" => "writing the segments",
        "package" => "putting everything together",
        "backup" => "bringing the log",
        "backup files" => "bringing the files",
        "move" => "bringing the log over",
        "move files" => "bringing the files over",
        "restore" => "restoring the log",
        "restore files" => "restoring the files",
        other => other,
    }
}
