//! One live feed for all tabs. The tab that holds a browser-wide lock listens to the machine and passes everything on to
//! the others; when it closes, another takes over where it stopped. What the events mean is the store's business.

mod channel;
mod source;
mod told;

use crate::ask::Ask;
use crate::browser;
use crate::json;
use crate::session::Me;
use crate::store::Store;
use channel::Channel;
use events::{Position, Scope};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use source::Source;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use told::Told;

/// How long notices are gathered before the page changes, in milliseconds: an import's thousands of events then cost a
/// few redraws.
const GATHER: i32 = 16;

/// Whether what is on the screen is up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Line {
    /// The feed is open.
    Live,
    /// It is not, and is being opened again.
    Reconnecting,
}

/// What the tab that listens tells the others. `after` is how far it had come before, so that whoever missed something
/// notices.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Notice {
    Hello,
    Head { head: Position, line: Line },
    Event { after: Position, told: Box<Told> },
    UpTo { after: Position, position: Position },
    Missed { position: Position },
    Lost { scope: Scope },
    Line(Line),
    End,
}

/// The feed of one tab.
struct Feed {
    store: Store,
    ask: Ask,
    line: RwSignal<Line>,
    channel: Option<Channel>,
    source: RefCell<Option<Source>>,
    leads: Cell<bool>,
    head: Cell<Position>,
    gathered: RefCell<Vec<Notice>>,
}

/// Starts listening; gives the state of the line.
pub(crate) fn start(me: &Me, store: Store, ask: Ask) -> RwSignal<Line> {
    let line = RwSignal::new(Line::Reconnecting);
    let name = format!("schulhof-{}", me.session);
    let feed = Rc::new_cyclic(|feed: &std::rc::Weak<Feed>| {
        let feed = feed.clone();
        let hear = move |text: String| {
            if let (Some(feed), Ok(notice)) = (feed.upgrade(), json::read(&text)) {
                feed.gather(notice);
            }
        };
        Feed {
            store,
            ask,
            line,
            channel: Channel::open(&name, hear),
            source: RefCell::new(None),
            leads: Cell::new(false),
            head: Cell::new(me.position),
            gathered: RefCell::new(Vec::new()),
        }
    });
    feed.pass_on(&Notice::Hello);
    channel::when_first(&name, move || {
        feed.leads.set(true);
        feed.listen();
    });
    line
}

impl Feed {
    fn pass_on(&self, notice: &Notice) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(notice)) {
            channel.say(&text);
        }
    }

    /// Opens the connection to the machine from where this tab stands.
    fn listen(self: &Rc<Self>) {
        let feed = Rc::downgrade(self);
        let hear = move |heard| {
            if let Some(feed) = feed.upgrade() {
                feed.heard(heard);
            }
        };
        *self.source.borrow_mut() = Source::open(self.head.get(), hear);
    }

    /// What the machine said, turned into what all tabs are told.
    fn heard(self: &Rc<Self>, heard: source::Heard) {
        use source::Heard as H;
        let after = self.newest();
        let notice = match heard {
            H::Opened => Notice::Line(Line::Live),
            H::Event(told) if told.event.position > after => Notice::Event { after, told },
            H::UpTo(position) if position > after => Notice::UpTo { after, position },
            H::Unreadable(position) if position > after => Notice::Missed { position },
            H::Lost(scope) => Notice::Lost { scope },
            H::End => Notice::End,
            H::Interrupted => Notice::Line(Line::Reconnecting),
            H::Refused => {
                self.open_again();
                Notice::Line(Line::Reconnecting)
            }
            H::Event(_) | H::UpTo(_) | H::Unreadable(_) => return,
        };
        self.pass_on(&notice);
        self.gather(notice);
    }

    /// How far this tab will be once everything gathered is folded.
    fn newest(&self) -> Position {
        let gathered = self.gathered.borrow();
        let last = gathered.iter().rev().find_map(|notice| match notice {
            Notice::Event { told, .. } => Some(told.event.position),
            Notice::UpTo { position, .. } | Notice::Missed { position } => Some(*position),
            _ => None,
        });
        last.unwrap_or_else(|| self.head.get()).max(self.head.get())
    }

    /// The browser gives up when the machine answers with an error: ask who we are, which leads to the login page when
    /// the session is over, and try anew.
    fn open_again(self: &Rc<Self>) {
        let feed = self.clone();
        spawn_local(async move {
            browser::wait(3000).await;
            // Whatever the answer: somebody between us and the machine may have garbled this one, and will not the next.
            let _ = Me::load(feed.ask).await;
            feed.listen();
        });
    }

    fn gather(self: &Rc<Self>, notice: Notice) {
        let first = {
            let mut gathered = self.gathered.borrow_mut();
            gathered.push(notice);
            gathered.len() == 1
        };
        if first {
            let feed = self.clone();
            spawn_local(async move {
                browser::wait(GATHER).await;
                let gathered = feed.gathered.take();
                for notice in gathered {
                    feed.take(notice);
                }
                feed.store.settle();
            });
        }
    }

    fn take(&self, notice: Notice) {
        match notice {
            Notice::Hello if self.leads.get() => self.pass_on(&Notice::Head {
                head: self.head.get(),
                line: self.line.get_untracked(),
            }),
            Notice::Hello => {}
            Notice::Head { head, line } => {
                self.reach(head);
                self.set_line(line);
            }
            Notice::Event { after, told } => {
                self.reach(after);
                let event = told.event;
                if event.position > self.head.get() {
                    self.head.set(event.position);
                    self.store.fold(event);
                }
            }
            Notice::UpTo { after, position } => {
                self.reach(after);
                self.head.set(self.head.get().max(position));
                self.store.pass(position);
            }
            Notice::Missed { position } => self.reach(position),
            Notice::Lost { scope } => self.store.lose(scope),
            Notice::Line(line) => self.set_line(line),
            Notice::End => browser::go_to_login(),
        }
    }

    /// When this tab missed something on the way to `after`, everything on its screen is fetched anew.
    fn reach(&self, after: Position) {
        if after > self.head.get() {
            self.head.set(after);
            self.store.restart(after);
        }
    }

    fn set_line(&self, line: Line) {
        if self.line.get_untracked() != line {
            self.line.set(line);
            if line == Line::Live {
                self.store.recover();
            }
        }
    }
}
