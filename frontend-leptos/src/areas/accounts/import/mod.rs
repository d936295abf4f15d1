//! Importing a roster: choose a file, see what would change, agree, and take it back if it was wrong.

mod change_set;
mod past;
mod preview;

use super::{AreaTabs, Tab};
use crate::ask::{Ask, Trouble};
use crate::erased;
use crate::parts::{DropZone, Icon, Page, Progress, Question, Shape, listed};
use crate::store::directory;
use crate::words::{fill, words};
use change_set::ChangeSet;
use events::ids::{GroupId, ImportId, PersonId};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use past::Past;
use preview::Preview;
use serde::Deserialize;
use wasm_bindgen::JsValue;
use web_sys::File;

/// How far an import is.
#[derive(Clone)]
enum Step {
    Choose,
    Reading,
    Unreadable(Trouble),
    /// Applying or taking back was refused, and nothing was changed.
    Refused(Trouble),
    Previewed(Box<ChangeSet>),
    Applying,
    Applied(ImportId),
    Undone(Vec<NotUndone>),
}

impl Step {
    /// Whether the machine is at work.
    fn is_busy(&self) -> bool {
        matches!(self, Self::Reading | Self::Applying)
    }
}

/// The steps of one import; copies are the same import.
#[derive(Clone, Copy)]
struct Import {
    step: RwSignal<Step>,
    ask: Ask,
}

#[derive(Deserialize)]
struct Undone {
    kept: Vec<NotUndone>,
}

/// A person or a group that stays as the import left it.
#[derive(Clone, Deserialize)]
struct NotUndone {
    person: Option<PersonId>,
    group: Option<GroupId>,
    reason: Reason,
}

/// Why it stays.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    InUse,
    ChangedSince,
    HasMembers,
}

impl Import {
    fn read(self, file: File) {
        self.step.set(Step::Reading);
        spawn_local(async move {
            let body = JsValue::from(file);
            let path = "/api/accounts/import?source=auto";
            let step = match self.ask.bytes::<ChangeSet>(path, &body).await {
                Ok(change_set) => Step::Previewed(Box::new(change_set)),
                Err(trouble) => Step::Unreadable(trouble),
            };
            self.step.try_set(step);
        });
    }

    fn apply(self, id: ImportId, confirm_leavers: bool) {
        self.step.set(Step::Applying);
        spawn_local(async move {
            let path = format!("/api/accounts/import/{id}/apply?confirm_leavers={confirm_leavers}");
            let step = match self.ask.command(&path, &serde_json::json!({})).await {
                Ok(_) => Step::Applied(id),
                Err(trouble) => Step::Refused(trouble),
            };
            self.step.try_set(step);
        });
    }

    fn undo(self, id: ImportId) {
        self.step.set(Step::Applying);
        spawn_local(async move {
            let path = format!("/api/accounts/import/{id}/undo");
            let step = match self
                .ask
                .order::<Undone>(&path, &serde_json::json!({}))
                .await
            {
                Ok(undone) => Step::Undone(undone.kept),
                Err(trouble) => Step::Refused(trouble),
            };
            self.step.try_set(step);
        });
    }
}

/// The page of the import.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    let words = words();
    let import = Import {
        step: RwSignal::new(Step::Choose),
        ask: expect_context(),
    };
    view! {
        <Page title=words.import.title lead=erased::derive(move || words.import.intro.to_owned())>
            <AreaTabs current=Tab::Import />
            {move || match import.step.get() {
                Step::Choose => view! { <Begin import /> }.into_any(),
                Step::Reading => view! { <Busy text=words.import.reading /> }.into_any(),
                Step::Applying => view! { <Busy text=words.import.applying /> }.into_any(),
                Step::Unreadable(trouble) => {
                    view! { <Failed import title=words.import.unreadable trouble /> }.into_any()
                }
                Step::Refused(trouble) => {
                    view! { <Failed import title=words.common.refused trouble /> }.into_any()
                }
                Step::Previewed(change_set) => view! { <Agree import change_set=*change_set /> }.into_any(),
                Step::Applied(id) => view! { <Applied import id /> }.into_any(),
                Step::Undone(kept) => view! { <Taken kept /> }.into_any(),
            }}
        </Page>
    }
}

/// The choice of a file, and below it what was imported before.
#[component]
fn Begin(import: Import) -> impl IntoView {
    view! {
        <Choose import />
        <Past import />
    }
}

#[component]
fn Failed(import: Import, title: &'static str, trouble: Trouble) -> impl IntoView {
    let words = words();
    view! {
        <p class="banner bad" role="alert">
            <Icon shape=Shape::Alert />
            <span>
                <strong>{title}</strong>
                <br />
                {trouble.text(words)}
            </span>
        </p>
        <Begin import />
    }
}

#[component]
fn Busy(text: &'static str) -> impl IntoView {
    view! {
        <div class="busy" role="status">
            <p>{text}</p>
            <Progress percent=Signal::derive(|| None) label=text />
        </div>
    }
}

#[component]
fn Choose(import: Import) -> impl IntoView {
    let words = words();
    let input = NodeRef::<html::Input>::new();
    let take = Callback::new(move |files: Vec<File>| {
        if let Some(file) = files.into_iter().next() {
            import.read(file);
        }
    });
    let chosen = move |_| {
        if let Some(files) = input.get_untracked().and_then(|input| input.files()) {
            take.run(listed(&files));
        }
    };
    let click = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <DropZone on_files=take hint=words.import.drop>
            <div class="choose-file">
                <Icon shape=Shape::Import />
                <p>{words.import.drop}</p>
                <button type="button" class="button accent" on:click=click>
                    {words.import.choose}
                </button>
                <input
                    node_ref=input
                    class="only-read"
                    type="file"
                    tabindex="-1"
                    aria-label=words.import.choose
                    on:change=chosen
                />
            </div>
        </DropZone>
    }
}

#[component]
fn Agree(import: Import, change_set: ChangeSet) -> impl IntoView {
    let words = words();
    let many = change_set.confirm_leavers.needed;
    let changes = change_set.changes_something();
    let leaving = change_set.leaving.len().to_string();
    let asking = RwSignal::new(false);
    let id = change_set.id;
    let agree = move |_| {
        if many {
            asking.set(true);
        } else {
            import.apply(id, false);
        }
    };
    let confirm = Callback::new(move |()| import.apply(id, true));
    let text = fill(words.import.many_leavers_text, &[("n", &leaving)]);
    let yes = fill(words.import.apply_leavers, &[("n", &leaving)]);
    view! {
        <Preview change_set />
        <div class="page-foot buttons">
            <button
                type="button"
                class="button"
                on:click=move |_| import.step.set(Step::Choose)
            >
                {words.import.another}
            </button>
            {changes
                .then(|| {
                    view! {
                        <button type="button" class="button accent" on:click=agree>
                            {words.import.apply}
                        </button>
                    }
                })}
        </div>
        <Question open=asking title=words.import.many_leavers text yes on_yes=confirm />
    }
}

#[component]
fn Applied(import: Import, id: ImportId) -> impl IntoView {
    let words = words();
    view! {
        <p class="banner ok" role="status">
            <Icon shape=Shape::Check />
            <span>{words.import.applied}</span>
        </p>
        <div class="buttons">
            <a class="button accent" href="/app/people">
                {words.import.to_people}
            </a>
            <button type="button" class="button" on:click=move |_| import.undo(id)>
                <Icon shape=Shape::Restore />
                <span>{words.import.undo}</span>
            </button>
        </div>
    }
}

#[component]
fn Taken(kept: Vec<NotUndone>) -> impl IntoView {
    let words = words();
    let directory = directory();
    let line = move |kept: NotUndone| {
        let name = match (kept.person, kept.group) {
            (Some(person), _) => directory.name(person),
            (None, Some(group)) => directory.group(group),
            (None, None) => Signal::stored(String::new()),
        };
        let reason = match kept.reason {
            Reason::InUse => words.import.kept_in_use,
            Reason::ChangedSince => words.import.kept_changed,
            Reason::HasMembers => words.import.kept_members,
        };
        view! {
            <li class="row">
                <span class="row-main">
                    <span class="row-text">
                        <span class="row-title">{name}</span>
                        <span class="row-note">{reason}</span>
                    </span>
                </span>
            </li>
        }
    };
    let list = (!kept.is_empty()).then(|| {
        let lines = kept.into_iter().map(line).collect_view();
        view! {
            <section class="section">
                <h2>{words.import.kept}</h2>
                <ul class="list">{lines}</ul>
            </section>
        }
    });
    view! {
        <p class="banner ok" role="status">
            <Icon shape=Shape::Check />
            <span>{words.import.undone}</span>
        </p>
        {list}
        <a class="button" href="/app/people">
            {words.import.to_people}
        </a>
    }
}
