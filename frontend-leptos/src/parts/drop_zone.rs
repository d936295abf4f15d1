//! A place to drop files on, around content that is worked as usual otherwise.

use leptos::prelude::*;
use web_sys::{DragEvent, File};

/// Takes files that are dropped on its content. `hint` shows while files hover over it.
#[component]
pub(crate) fn DropZone(
    on_files: Callback<Vec<File>>,
    #[prop(into)] hint: String,
    children: Children,
) -> impl IntoView {
    // Entering a child comes before leaving its parent, so a count tells when the files are really gone.
    let depth = RwSignal::new(0_i32);
    let carries_files = |event: &DragEvent| {
        event
            .data_transfer()
            .is_some_and(|data| data.types().includes(&"Files".into(), 0))
    };
    let enter = move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            depth.update(|depth| *depth += 1);
        }
    };
    let leave = move |event: DragEvent| {
        if carries_files(&event) {
            depth.update(|depth| *depth = (*depth - 1).max(0));
        }
    };
    let over = move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
        }
    };
    let drop = move |event: DragEvent| {
        if !carries_files(&event) {
            return;
        }
        event.prevent_default();
        depth.set(0);
        if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
            on_files.run(listed(&files));
        }
    };
    view! {
        <div
            class="drop-zone"
            class:hot=move || depth.get().is_positive()
            on:dragenter=enter
            on:dragleave=leave
            on:dragover=over
            on:drop=drop
        >
            {children()}
            <p class="drop-hint" aria-hidden="true">
                {hint}
            </p>
        </div>
    }
}

/// The files of a list.
pub(crate) fn listed(files: &web_sys::FileList) -> Vec<File> {
    (0..files.length())
        .filter_map(|index| files.get(index))
        .collect()
}
