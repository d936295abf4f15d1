//! How far the backup goes and when restoring it was last tried, for those who answer for it; and the alarm on the start page.

use crate::ask::{Ask, Trouble};
use crate::parts::{facts, live, notice, section};
use crate::session::me;
use crate::when;
use crate::words::{Words, fill, words};
use events::Millis;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

/// A backup is brought within seconds, or every night by hand: beyond this it is too old, in milliseconds.
const PUSH_WITHIN: Millis = 26 * 3600 * 1000;
/// Restoring is tried every week; a day more for a machine that was off.
const DRILL_WITHIN: Millis = 8 * 24 * 3600 * 1000;

/// What `/api/audit/backup` answers.
#[derive(Clone, Deserialize)]
struct Status {
    continuous: bool,
    pushed: Option<Moment>,
    drilled: Option<Moment>,
    drilled_root: Option<String>,
    failures: u32,
    drill_failed: bool,
}

#[derive(Clone, Copy, Deserialize)]
struct Moment {
    at: Millis,
    position: u64,
}

type Looked = RwSignal<Option<Result<Status, Trouble>>>;

/// Asks, when the reader is one who may see it.
fn look() -> Looked {
    let looked: Looked = RwSignal::new(None);
    let ask = expect_context::<Ask>();
    if me().oversees() {
        spawn_local(async move {
            looked.try_set(Some(ask.get("/api/audit/backup").await));
        });
    }
    looked
}

impl Status {
    /// What is wrong, the worst first; nothing when all is well.
    fn trouble(&self, words: &Words) -> Option<&'static str> {
        let is_older = |moment: Option<Moment>, than| {
            moment.is_none_or(|moment| when::now().saturating_sub(moment.at) > than)
        };
        // A backup that brings itself and has nothing new to bring stays as old as the last event.
        let is_old = !self.continuous && is_older(self.pushed, PUSH_WITHIN);
        let words = &words.backup;
        if self.pushed.is_none() {
            Some(words.none)
        } else if self.drill_failed {
            Some(words.drill_failed)
        } else if self.failures > 0 {
            Some(words.failing)
        } else if is_old {
            Some(words.old)
        } else {
            is_older(self.drilled, DRILL_WITHIN).then_some(words.drill_old)
        }
    }
}

/// The alarm on the start page; nothing while all is well, and for whoever does not answer for it.
pub(crate) fn backup_alarm() -> AnyView {
    let words = words();
    let looked = look();
    live(move || {
        let trouble = looked.with(|looked| match looked {
            Some(Ok(status)) => status.trouble(words),
            Some(Err(_)) | None => None,
        });
        match trouble {
            Some(trouble) => notice(trouble.to_owned(), "/app/settings", words.backup.to_backup),
            None => ().into_any(),
        }
    })
}

/// The section among the settings; nothing for whoever does not answer for it.
pub(crate) fn backup_section() -> AnyView {
    let words = words();
    let looked = look();
    live(move || {
        let content = looked.with(|looked| match looked {
            None => None,
            Some(Ok(status)) => Some(content(status, words)),
            Some(Err(trouble)) => {
                let said = trouble.text(words);
                Some(view! { <p class="banner bad">{said}</p> }.into_any())
            }
        });
        match content {
            Some(content) => section("backup-title", words.backup.backup, content),
            None => ().into_any(),
        }
    })
}

fn content(status: &Status, words: &'static Words) -> AnyView {
    let (class, said) = match status.trouble(words) {
        Some(trouble) => ("banner warn", trouble),
        None => ("banner ok", words.backup.fine),
    };
    let moment = |moment: Option<Moment>| match moment {
        Some(Moment { at, position }) => {
            let values = [when::moment(at, words), position.to_string()];
            let values = [("at", &*values[0]), ("n", &*values[1])];
            fill(words.backup.moment, &values)
        }
        None => words.backup.never.to_owned(),
    };
    let mut lines = vec![
        (words.backup.pushed, moment(status.pushed)),
        (words.backup.drilled, moment(status.drilled)),
    ];
    lines.extend(
        status
            .drilled_root
            .clone()
            .map(|root| (words.backup.root, root)),
    );
    view! {
        <p class="quiet">{words.backup.lead}</p>
        <p class=class role="status">
            {said}
        </p>
        {facts(lines)}
    }
    .into_any()
}
