//! Small doors to the browser that more than one part needs: waiting, addresses, cookies, focus.

use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

/// Waits for some milliseconds.
pub(crate) async fn wait(millis: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        // Without a timer there is nothing to wait for, and the promise must not hang.
        if window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis)
            .is_err()
        {
            resolve.call0(&wasm_bindgen::JsValue::UNDEFINED).ok();
        }
    });
    JsFuture::from(promise).await.ok();
}

/// A value as it may stand in an address.
pub(crate) fn encoded(value: &str) -> String {
    String::from(js_sys::encode_uri_component(value))
}

/// Leads to the login page, from where the reader comes back to where they are.
pub(crate) fn go_to_login() {
    let location = window().location();
    let here = location.pathname().unwrap_or_default();
    location
        .assign(&format!("/login?next={}", encoded(&here)))
        .ok();
}

/// The value of a cookie that scripts may read.
pub(crate) fn cookie(name: &str) -> Option<String> {
    let all = html_document()?.cookie().ok()?;
    all.split(';').find_map(|pair| {
        let (found, value) = pair.trim().split_once('=')?;
        (found == name).then(|| value.to_owned())
    })
}

/// Keeps a cookie for a year.
pub(crate) fn set_cookie(name: &str, value: &str) {
    if let Some(document) = html_document() {
        document
            .set_cookie(&format!(
                "{name}={value}; path=/; max-age=31536000; samesite=lax"
            ))
            .ok();
    }
}

fn html_document() -> Option<web_sys::HtmlDocument> {
    document().dyn_into().ok()
}

/// Puts the focus on the element with this id, if it is there.
pub(crate) fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<HtmlElement>()
    {
        element.focus().ok();
    }
}

/// Whether the reader is looking at this tab.
pub(crate) fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Puts text into the clipboard.
pub(crate) fn copy(text: &str) {
    drop(window().navigator().clipboard().write_text(text));
}
