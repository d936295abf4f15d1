//! Asking to read other people's content: what it is about, what for, and of which time.

use super::choose::GroupChoice;
use super::terms::purposes;
use crate::areas::accounts::PersonChoice;
use crate::ask::{Ask, Trouble};
use crate::erased;
use crate::parts::{Dialog, DialogForm, Icon, Select, Shape, button, live, text, toasts};
use crate::store::directory;
use crate::when;
use crate::words::{fill, words};
use events::accounts::view::PersonRow;
use events::audit::Purpose;
use events::ids::{GroupId, PersonId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

/// The button and its dialog.
#[component]
pub(crate) fn RequestButton() -> impl IntoView {
    let words = words();
    let open = RwSignal::new(false);
    view! {
        <button type="button" class="button" on:click=move |_| open.set(true)>
            <Icon shape=Shape::Key />
            <span>{words.inspection.ask}</span>
        </button>
        <Dialog open title=words.inspection.ask>
            <RequestForm open />
        </Dialog>
    }
}

/// What can be asked for.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Person,
    GroupRoom,
    GroupSpace,
    Pair,
}

/// What is chosen so far; copies are the same.
#[derive(Clone, Copy)]
struct Subject {
    kind: RwSignal<Kind>,
    people: RwSignal<Vec<PersonId>>,
    group: RwSignal<Option<GroupId>>,
}

impl Subject {
    /// The choice as the machine takes it, once it is complete. Tracks it.
    fn about(self) -> Option<Value> {
        let people = self.people.get();
        match (self.kind.get(), people.as_slice(), self.group.get()) {
            (Kind::Person, [person], _) => Some(json!({ "person": person })),
            (Kind::Pair, [one, other], _) => Some(json!({ "pair": [one, other] })),
            (Kind::GroupRoom, _, Some(group)) => Some(json!({ "group_room": group })),
            (Kind::GroupSpace, _, Some(group)) => Some(json!({ "group_space": group })),
            _ => None,
        }
    }

    fn clear(self) {
        self.people.set(Vec::new());
        self.group.set(None);
    }
}

#[component]
fn RequestForm(open: RwSignal<bool>) -> impl IntoView {
    let words = words();
    let (ask, toasts) = (expect_context::<Ask>(), toasts());
    let subject = Subject {
        kind: RwSignal::new(Kind::Person),
        people: RwSignal::new(Vec::new()),
        group: RwSignal::new(None),
    };
    let purpose = RwSignal::new(Purpose::Conflict);
    let reason = RwSignal::new(String::new());
    let (from, until) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let complaint = text(move || {
        let trouble = trouble.get();
        trouble.map_or_else(String::new, |trouble| trouble.text(words))
    });
    let ready = erased::derive(move || {
        subject.about().is_some() && reason.with(|reason| !reason.trim().is_empty())
    });
    let on_submit = Callback::new(move |()| {
        busy.set(true);
        trouble.set(None);
        // A day begins and ends where the reader is.
        let moment = |day: RwSignal<String>, time: &str| {
            when::from_input(&format!("{}T{time}", day.get_untracked()))
        };
        let body = json!({
            "purpose": purpose.get_untracked(),
            "reason": reason.get_untracked(),
            "about": untrack(|| subject.about()),
            "from": moment(from, "00:00:00"),
            "until": moment(until, "23:59:59"),
        });
        spawn_local(async move {
            let asked = ask.command("/api/audit/inspections", &body).await;
            busy.try_set(false);
            match asked {
                Ok(_) => {
                    open.set(false);
                    toasts.say(words.inspection.sent);
                }
                Err(reason) => drop(trouble.try_set(Some(reason))),
            }
        });
    });
    view! {
        <DialogForm open yes=words.inspection.send ready busy on_submit>
            {subject_choice(subject)}
            <Select
                id="inspection-purpose"
                label=words.inspection.purpose
                value=purpose
                options=purposes(words)
            />
            <div class="field">
                <label for="inspection-reason">{words.inspection.reason}</label>
                <textarea
                    id="inspection-reason"
                    rows="3"
                    maxlength="500"
                    aria-describedby="inspection-reason-hint"
                    bind:value=reason
                ></textarea>
                <p class="field-hint" id="inspection-reason-hint">
                    {words.inspection.reason_hint}
                </p>
            </div>
            <fieldset class="field span-fields">
                <legend>{words.inspection.span}</legend>
                <label>
                    <span>{words.inspection.span_from}</span>
                    <input type="date" bind:value=from />
                </label>
                <label>
                    <span>{words.inspection.span_until}</span>
                    <input type="date" bind:value=until />
                </label>
                <p class="field-hint">{words.inspection.span_hint}</p>
            </fieldset>
            <p class="field-complaint" role="alert">
                {complaint}
            </p>
        </DialogForm>
    }
}

fn subject_choice(subject: Subject) -> AnyView {
    let words = words();
    let directory = directory();
    let kinds = vec![
        (Kind::Person, words.inspection.of_person),
        (Kind::GroupRoom, words.inspection.of_group_room),
        (Kind::GroupSpace, words.inspection.of_group_space),
        (Kind::Pair, words.inspection.of_pair),
    ];
    // Another kind of subject begins the choice anew.
    Effect::new(move |before: Option<Kind>| {
        let kind = subject.kind.get();
        if before.is_some_and(|before| before != kind) {
            subject.clear();
        }
        kind
    });
    let take_person = Callback::new(move |row: PersonRow| {
        subject.people.update(|people| people.push(row.person))
    });
    let take_group = Callback::new(move |group| subject.group.set(Some(group)));
    let chosen = move || {
        let group = subject
            .group
            .get()
            .map(|group| directory.group(group).get());
        let people = subject.people.get();
        let mut names = people.iter().map(|person| directory.name(*person).get());
        match (names.next(), names.next(), group) {
            (Some(one), Some(other), _) => Some(fill(
                words.inspection.and,
                &[("one", &one), ("other", &other)],
            )),
            (name, _, group) => name.or(group),
        }
    };
    let is_complete = erased::memo(move || subject.about().is_some());
    let again = Callback::new(move |()| subject.clear());
    let said = live(move || match chosen() {
        Some(name) => view! {
            <p class="chosen" role="status">
                <strong>{name}</strong>
                {button("button small", words.inspection.other_choice, again)}
            </p>
        }
        .into_any(),
        None => ().into_any(),
    });
    let choice = live(move || match (is_complete.get(), subject.kind.get()) {
        (true, _) => ().into_any(),
        (false, Kind::Person | Kind::Pair) => {
            view! { <div><PersonChoice except=subject.people choose=take_person /></div> }
                .into_any()
        }
        (false, Kind::GroupRoom | Kind::GroupSpace) => {
            view! { <div><GroupChoice choose=take_group /></div> }.into_any()
        }
    });
    let kind = view! {
        <Select id="inspection-kind" label=words.inspection.whose value=subject.kind options=kinds />
    };
    vec![kind.into_any(), said, choice].into_any()
}
