//! How the tabs of one browser talk: a broadcast channel, and a lock that one of them holds.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

/// A channel to the other tabs of the same session.
pub(super) struct Channel {
    channel: BroadcastChannel,
    _hear: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Opens the channel; none where the browser has no such thing.
    pub(super) fn open(name: &str, hear: impl Fn(String) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(text) = message.data().as_string() {
                hear(text);
            }
        });
        channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        Some(Self {
            channel,
            _hear: hear,
        })
    }

    /// Tells the other tabs.
    pub(super) fn say(&self, text: &str) {
        self.channel.post_message(&JsValue::from_str(text)).ok();
    }
}

/// Calls `lead` once this tab is the first of its session, and keeps it so until the tab closes. Where the browser has
/// no locks (plain HTTP beyond the own machine), every tab is the first.
pub(super) fn when_first(name: &str, lead: impl Fn() + 'static) {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).unwrap_or(JsValue::UNDEFINED);
    let request = Reflect::get(&locks, &"request".into())
        .ok()
        .and_then(|request| request.dyn_into::<Function>().ok());
    let Some(request) = request else {
        lead();
        return;
    };
    let held = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
        lead();
        Promise::new(&mut |_, _| {})
    });
    request
        .call2(&locks, &name.into(), held.as_ref().unchecked_ref())
        .ok();
    // The lock is asked for once in a page's life, and the callback must live as long as the page.
    held.forget();
}
