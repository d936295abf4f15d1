//! The frame around every page: the ways to the areas, the state of the line, and the reader's own menu.

use crate::areas::files::UploadTray;
use crate::areas::inspections::Waiting;
use crate::areas::messenger::Inbox;
use crate::ask::Ask;
use crate::browser;
use crate::erased;
use crate::parts::{Avatar, Icon, Mark, Menu, MenuItem, Shape, Show, ToastTray, toasts};
use crate::session::me;
use crate::sync::Line;
use crate::witness::LogWarning;
use crate::words::{Language, Speech, Words, counted, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// The frame.
#[component]
pub(super) fn Shell(line: RwSignal<Line>, children: Children) -> impl IntoView {
    let words = words();
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        browser::focus("content");
    };
    view! {
        <a class="skip" href="#content" on:click=skip>
            {words.shell.skip}
        </a>
        <div class="shell">
            <header class="shell-brand">
                <a class="brand" href="/app">
                    <Mark />
                    <span>{words.shell.name}</span>
                </a>
            </header>
            <AreaLinks />
            <section class="shell-self" aria-label=words.shell.profile>
                <LineState line />
                <Profile />
            </section>
            <main id="content" class="shell-main" tabindex="-1">
                <LogWarning line />
                {children()}
            </main>
        </div>
        <UploadTray />
        <ToastTray />
    }
}

struct Area {
    href: &'static str,
    label: &'static str,
    shape: Shape,
    /// Other beginnings of addresses that belong to it.
    also: &'static [&'static str],
}

/// The areas that a reader with these roles has.
fn areas(words: &Words, is_auditor: bool, keeps: bool) -> Vec<Area> {
    let area = |href, label, shape, also| Area {
        href,
        label,
        shape,
        also,
    };
    let mut areas = vec![
        area("/app", words.shell.start, Shape::Home, &[]),
        area("/app/messages", words.shell.messages, Shape::Chat, &[]),
        area("/app/files", words.shell.files, Shape::Folder, &[]),
        area(
            "/app/people",
            words.shell.people,
            Shape::People,
            match keeps {
                true => &[
                    "/app/groups",
                    "/app/import",
                    "/app/erasures",
                    "/app/inspections",
                ],
                false => &["/app/groups"],
            },
        ),
    ];
    if is_auditor {
        let also: &[_] = match keeps {
            true => &[],
            false => &["/app/inspections", "/app/erasures"],
        };
        areas.push(area("/app/audit", words.shell.audit, Shape::Shield, also));
    }
    areas
}

impl Area {
    fn holds(&self, path: &str) -> bool {
        let below = |start: &str| {
            path.strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if self.href == "/app" {
            return path.trim_end_matches('/') == "/app";
        }
        below(self.href) || self.also.iter().any(|start| below(start))
    }
}

#[component]
fn AreaLinks() -> impl IntoView {
    let words = words();
    let path = use_location().pathname;
    let inbox = expect_context::<Inbox>();
    let waiting = expect_context::<Waiting>();
    let me = me();
    let link = move |area: Area| {
        let badge = match area.shape {
            Shape::Chat => Some((
                inbox.unread_in_all(),
                words.shell.unread_one,
                words.shell.unread_many,
            )),
            _ if area.holds("/app/inspections") => {
                let words = &words.inspection;
                Some((waiting.count(), words.notice_one, words.notice_many))
            }
            _ => None,
        };
        let (href, label, shape) = (area.href, area.label, area.shape);
        let current = erased::memo(move || path.with(|path| area.holds(path)));
        view! {
            <a class="area" href=href aria-current=move || current.get().then_some("page")>
                <span class="area-icon">
                    <Icon shape />
                    {badge.map(|(count, one, many)| view! { <CountBadge count one many /> })}
                </span>
                <span class="area-label">{label}</span>
            </a>
        }
    };
    view! {
        <nav class="shell-areas" aria-label=words.shell.areas>
            {areas(words, me.audits(), me.keeps_accounts()).into_iter().map(link).collect_view()}
        </nav>
    }
}

/// How much waits for the reader; nothing while nothing does.
#[component]
fn CountBadge(count: Memo<u64>, one: &'static str, many: &'static str) -> impl IntoView {
    let label = move || {
        let count = usize::try_from(count.get()).unwrap_or(usize::MAX);
        counted(count, one, many)
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <span class="badge">
                <span aria-hidden="true">{move || capped(count.get())}</span>
                <span class="only-read">{label}</span>
            </span>
        </Show>
    }
}

/// A count that fits into a badge.
pub(crate) fn capped(count: u64) -> String {
    if count > 99 {
        "99+".to_owned()
    } else {
        count.to_string()
    }
}

/// Says when the page is not up to date; while it is, a small sign is enough.
#[component]
fn LineState(line: RwSignal<Line>) -> impl IntoView {
    let words = words();
    let text = move || match line.get() {
        Line::Live => words.shell.live,
        Line::Reconnecting => words.shell.reconnecting,
    };
    view! {
        <p class="line" class:off=move || line.get() != Line::Live role="status" title=text>
            <span class="line-dot" aria-hidden="true"></span>
            <span class="line-text">{text}</span>
        </p>
    }
}

#[component]
fn Profile() -> impl IntoView {
    let words = words();
    let me = me();
    let name = me.name.clone();
    let full_name = name.to_string();
    let label = format!("{}: {}", words.shell.profile, full_name);
    let face = move || {
        let name = name.clone();
        view! {
            <Avatar name=erased::derive(move || Some(name.clone())) />
            <span class="profile-name">{full_name.clone()}</span>
        }
    };
    let speech = expect_context::<Speech>();
    let navigate = use_navigate();
    let settings = Callback::new(move |()| navigate("/app/settings", NavigateOptions::default()));
    let other = Callback::new(move |()| speak_other(speech));
    let ask = expect_context::<Ask>();
    let toasts = toasts();
    let leave = Callback::new(move |()| {
        spawn_local(async move {
            match ask.sign_out().await {
                Ok(()) => browser::go_to_login(),
                Err(trouble) => toasts.complain(&trouble, words),
            }
        });
    });
    view! {
        <Menu label face class="profile">
            <MenuItem shape=Shape::Gear label=words.shell.settings on_choose=settings />
            <MenuItem shape=Shape::Language label=words.shell.other_language on_choose=other />
            <MenuItem shape=Shape::SignOut label=words.shell.sign_out on_choose=leave />
        </Menu>
    }
}

fn speak_other(speech: Speech) {
    let other = match speech.0.get_untracked() {
        Language::German => Language::English,
        Language::English => Language::German,
    };
    browser::set_cookie("language", other.tag());
    speech.0.set(other);
}
