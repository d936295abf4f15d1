//! Everything about the reader, put together while they watch, and fetched.

use crate::ask::{Ask, Trouble};
use crate::browser;
use crate::erased;
use crate::parts::{Icon, Progress, Shape, toasts};
use crate::when;
use crate::words::{fill, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

/// How often the machine is asked how far it has come, in milliseconds.
const EVERY: i32 = 700;

/// What `/api/privacy/package` answers.
#[derive(Clone, PartialEq, Deserialize)]
struct Status {
    state: String,
    done: Option<u64>,
    of: Option<u64>,
    bytes: Option<u64>,
}

impl Status {
    fn percent(&self) -> Option<u8> {
        let of = self.of.filter(|of| *of > 0)?;
        u8::try_from(self.done? * 100 / of).ok()
    }
}

/// The section among the settings.
#[component]
pub(crate) fn PackageSection() -> impl IntoView {
    let words = words();
    let (ask, toasts) = (expect_context::<Ask>(), toasts());
    let status = RwSignal::new(None::<Status>);
    // A package that is being made is followed also after the page was left and came back.
    let follow = move |first: bool| {
        spawn_local(async move {
            let mut answer: Result<Status, Trouble> = match first {
                true => ask.get("/api/privacy/package").await,
                false => {
                    let nothing = serde_json::json!({});
                    ask.order("/api/privacy/package", &nothing).await
                }
            };
            loop {
                let is_running = match &answer {
                    Ok(now) => now.state == "running",
                    Err(trouble) => {
                        if !first {
                            toasts.complain(trouble, words);
                        }
                        return;
                    }
                };
                if status.try_set(answer.ok()).is_some() || !is_running {
                    return;
                }
                browser::wait(EVERY).await;
                answer = ask.get("/api/privacy/package").await;
            }
        });
    };
    follow(true);
    let begin = move |_| follow(false);
    let state = erased::memo(move || status.with(|now| now.as_ref().map(|now| now.state.clone())));
    let percent = erased::derive(move || status.with(|now| now.as_ref()?.percent()));
    let bytes = move || {
        let bytes = status.with(|now| now.as_ref()?.bytes).unwrap_or_default();
        fill(words.privacy.fetch, &[("size", &when::size(bytes, words))])
    };
    let content = move || match state.get().as_deref() {
        Some("running") => view! { <Progress percent label=words.privacy.making /> }.into_any(),
        Some("ready") => view! {
            <a class="button accent" href="/api/privacy/package/content" download>
                <Icon shape=Shape::Download />
                <span>{bytes}</span>
            </a>
            <p class="quiet">{words.privacy.kept}</p>
        }
        .into_any(),
        now => {
            let failed = now == Some("failed");
            view! {
                {failed.then(|| view! { <p class="banner bad" role="alert">{words.privacy.failed}</p> })}
                <button type="button" class="button" on:click=begin>
                    {words.privacy.make}
                </button>
            }
            .into_any()
        }
    };
    view! {
        <section class="section" aria-labelledby="package-title">
            <h2 id="package-title">{words.privacy.package}</h2>
            <p class="quiet">{words.privacy.package_text}</p>
            {content}
        </section>
    }
}
