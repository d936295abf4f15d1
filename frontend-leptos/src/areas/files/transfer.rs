//! One file on its way to the machine. `fetch` cannot tell how far an upload is, so this is the older `XMLHttpRequest`.

use crate::ask::{Trouble, judge};
use crate::browser::encoded;
use crate::json;
use events::Position;
use events::ids::{NodeId, SpaceId};
use serde::Deserialize;
use std::rc::Rc;
use uuid::Uuid;
use wasm_bindgen::prelude::*;
use web_sys::{File, ProgressEvent, XmlHttpRequest};

/// Where a file goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) space: SpaceId,
    pub(super) parent: Option<NodeId>,
}

/// What the machine answers; the name is the one after clashes are solved.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) position: Position,
}

/// A running upload; it is given up when this is dropped.
pub(super) struct Transfer {
    request: XmlHttpRequest,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_end: Closure<dyn FnMut()>,
}

impl Transfer {
    /// Begins. `on_progress` hears percents, `on_end` hears how it ended; neither is called once this is dropped.
    pub(super) fn start(
        file: &File,
        target: Target,
        key: Uuid,
        on_progress: impl Fn(u8) + 'static,
        on_end: impl Fn(Result<Stored, Trouble>) + 'static,
    ) -> Result<Self, Trouble> {
        let request = open(file, target, key).map_err(|_| Trouble::Offline)?;
        let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            on_progress(percent(event.loaded(), event.total()));
        });
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        }
        let (on_end, ended) = (Rc::new(on_end), request.clone());
        let end = Closure::<dyn FnMut()>::new(move || {
            let answer = answer(&ended);
            let on_end = on_end.clone();
            // Whoever hears the end drops this transfer, and with it the closure that is running.
            leptos::task::spawn_local(async move { on_end(answer) });
        });
        request.set_onloadend(Some(end.as_ref().unchecked_ref()));
        request
            .send_with_opt_blob(Some(file))
            .map_err(|_| Trouble::Offline)?;
        Ok(Self {
            request,
            _on_progress: progress,
            _on_end: end,
        })
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.request.set_onloadend(None);
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        self.request.abort().ok();
    }
}

fn open(file: &File, target: Target, key: Uuid) -> Result<XmlHttpRequest, JsValue> {
    let mut url = format!("/api/files/spaces/{}/upload", target.space);
    if let Some(parent) = target.parent {
        url.push_str(&format!("?parent={parent}"));
    }
    let request = XmlHttpRequest::new()?;
    request.open("POST", &url)?;
    let media_type = match file.type_() {
        unknown if unknown.is_empty() => "application/octet-stream".to_owned(),
        known => known,
    };
    request.set_request_header("Content-Type", &media_type)?;
    request.set_request_header("Content-Disposition", &named(&file.name()))?;
    request.set_request_header("X-Schulhof", "1")?;
    request.set_request_header("Idempotency-Key", &key.to_string())?;
    Ok(request)
}

/// The file's name as a header carries it (RFC 8187): it is somebody's content and stays out of the address.
fn named(name: &str) -> String {
    let mut encoded = encoded(name);
    // Letters that addresses allow and this header does not.
    for (letter, code) in [("'", "%27"), ("(", "%28"), (")", "%29"), ("*", "%2A")] {
        encoded = encoded.replace(letter, code);
    }
    format!("attachment; filename*=UTF-8''{encoded}")
}

fn answer(request: &XmlHttpRequest) -> Result<Stored, Trouble> {
    let status = request.status().unwrap_or(0);
    if status == 0 {
        return Err(Trouble::Offline);
    }
    let text = request.response_text().ok().flatten().unwrap_or_default();
    Ok(json::read(&judge(status, text)?)?)
}

fn percent(loaded: f64, total: f64) -> u8 {
    if total <= 0.0 {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=100 before"
    )]
    let percent = (loaded / total * 100.0).clamp(0.0, 100.0) as u8;
    percent
}
