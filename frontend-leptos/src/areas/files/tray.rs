//! The corner of the page that shows the uploads, whichever area is open.

use super::uploads::{Stage, Upload, Uploads};
use crate::erased;
use crate::parts::{Each, Icon, Progress, Shape, Show};
use crate::when;
use crate::words::{counted, fill, words};
use leptos::prelude::*;

/// The uploads of this tab; nothing while there are none.
#[component]
pub(crate) fn UploadTray() -> impl IntoView {
    let words = words();
    let uploads = expect_context::<Uploads>();
    let is_shown = move || !uploads.list.with(Vec::is_empty);
    let is_open = RwSignal::new(true);
    let running = erased::memo(move || {
        let open = |upload: &&Upload| upload.stage.with(Stage::is_open);
        uploads.list.with(|list| list.iter().filter(open).count())
    });
    let failed = erased::memo(move || {
        let bad = |upload: &Upload| upload.stage.with(|stage| matches!(stage, Stage::Failed(_)));
        uploads.list.with(|list| list.iter().any(bad))
    });
    let cancelled = erased::memo(move || {
        let given_up = |upload: &Upload| upload.stage.with(|stage| *stage == Stage::Cancelled);
        uploads.list.with(|list| list.iter().any(given_up))
    });
    Effect::new(move |before: Option<usize>| {
        let (now, before) = (running.get(), before.unwrap_or_default());
        if now > before {
            is_open.set(true);
        } else if now == 0 && before > 0 && !failed.get_untracked() {
            // All is done or was given up on purpose: what remains to be seen is in the list of files.
            is_open.set(false);
        }
        now
    });
    let title = move || match running.get() {
        0 if failed.get() || cancelled.get() => words.files.uploads_failed.to_owned(),
        0 => words.files.uploads_done.to_owned(),
        number => counted(
            number,
            words.files.upload_running,
            words.files.uploads_running,
        ),
    };
    view! {
        <Show when=is_shown>
            <section class="tray" aria-label=words.files.uploads>
                <header class="tray-head">
                    <button
                        type="button"
                        class="tray-title"
                        aria-expanded=move || is_open.get().to_string()
                        on:click=move |_| is_open.update(|open| *open = !*open)
                    >
                        <Icon shape=Shape::Down />
                        <span role="status">{title}</span>
                    </button>
                    <Show when=move || running.get() == 0>
                        <button
                            type="button"
                            class="button ghost only-icon"
                            aria-label=words.files.clear
                            on:click=move |_| uploads.clear()
                        >
                            <Icon shape=Shape::Close />
                        </button>
                    </Show>
                </header>
                <Show when=move || is_open.get()>
                    <ul class="tray-list">
                        <Each each=move || uploads.list.get() key=|upload| upload.id.to_string() let:upload>
                            <UploadRow upload uploads />
                        </Each>
                    </ul>
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn UploadRow(upload: Upload, uploads: Uploads) -> impl IntoView {
    let words = words();
    let (stage, percent) = (upload.stage, upload.percent);
    let name = upload.name.clone();
    let size = when::size(upload.size, words);
    let state = move || match stage.get() {
        Stage::Waiting => words.files.waiting.to_owned(),
        Stage::Running => format!("{} %", percent.get()),
        Stage::Stored { other_name: None } => words.files.stored.to_owned(),
        Stage::Stored {
            other_name: Some(name),
        } => fill(words.files.stored_as, &[("name", &name)]),
        Stage::Failed(trouble) => trouble.text(words),
        Stage::Cancelled => words.files.cancelled.to_owned(),
    };
    let is_open = erased::memo(move || stage.with(Stage::is_open));
    let may_retry =
        erased::memo(move || stage.with(|s| matches!(s, Stage::Failed(_) | Stage::Cancelled)));
    let upload = StoredValue::new(upload);
    let cancel = move |_| upload.with_value(|upload| uploads.cancel(upload));
    let retry = move |_| upload.with_value(|upload| uploads.retry(upload));
    let label = name.clone();
    let cancel_label = format!("{}: {name}", words.common.cancel);
    view! {
        <li class="tray-row">
            <div class="tray-text">
                <span class="tray-name">{name.clone()}</span>
                <span class="row-note">{size} " · " {state}</span>
            </div>
            <Show when=move || is_open.get()>
                <button
                    type="button"
                    class="button ghost only-icon"
                    aria-label=cancel_label.clone()
                    on:click=cancel
                >
                    <Icon shape=Shape::Close />
                </button>
            </Show>
            <Show when=move || may_retry.get()>
                <button type="button" class="button small" on:click=retry>
                    {words.files.retry}
                </button>
            </Show>
            <Show when=move || is_open.get()>
                <Progress
                    percent=erased::derive(move || Some(percent.get()))
                    label=label.clone()
                />
            </Show>
        </li>
    }
}
