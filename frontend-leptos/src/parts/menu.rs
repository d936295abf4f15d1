//! A menu under a button, worked by mouse, touch or keyboard: arrows move, Escape closes and returns to the button.

use super::{Icon, Shape, Show};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, Node};

/// Room that a menu leaves at the lower end of the window, in pixels: the bar of a phone stands there.
const BELOW: f64 = 68.0;

/// A closed or open menu. The button shows `face` and is called `label`.
#[component]
pub(crate) fn Menu(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] face: ViewFn,
    #[prop(default = "button ghost only-icon")] class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Div>::new();
    let close = move || {
        if open.get_untracked() {
            open.set(false);
            if let Some(button) = button.get_untracked() {
                button.focus().ok();
            }
        }
    };
    Effect::new(move |_| {
        if open.get()
            && let Some(list) = list.get()
        {
            keep_in_sight(&list);
            step(&list, Step::First);
        }
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let Some(list) = list.get_untracked() else {
            return;
        };
        match event.key().as_str() {
            "Escape" => close(),
            "ArrowDown" => step(&list, Step::By(1)),
            "ArrowUp" => step(&list, Step::By(-1)),
            "Home" => step(&list, Step::First),
            "End" => step(&list, Step::Last),
            "Tab" => {
                open.set(false);
                return;
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let outside = move |event: leptos::ev::PointerEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Node>().ok());
        let inside = [
            list.get_untracked().map(|e| e.contains(target.as_ref())),
            button.get_untracked().map(|e| e.contains(target.as_ref())),
        ];
        if !inside.contains(&Some(true)) {
            open.set(false);
        }
    };
    provide_context(CloseMenu(Callback::new(move |()| close())));
    Effect::new(move |_| {
        // A long list has many menus; only the open one listens to the whole window.
        if open.get() {
            let listener = window_event_listener(leptos::ev::pointerdown, outside);
            on_cleanup(move || listener.remove());
        }
    });
    view! {
        <div class="menu">
            <button
                node_ref=button
                type="button"
                class=class
                aria-label=label
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |event| {
                    event.prevent_default();
                    open.update(|open| *open = !*open);
                }
            >
                {face.run()}
            </button>
            <Show when=move || open.get()>
                <div node_ref=list class="menu-list" role="menu" on:keydown=on_key>
                    {children()}
                </div>
            </Show>
        </div>
    }
}

/// What closes the menu around an item.
#[derive(Clone, Copy)]
struct CloseMenu(Callback<()>);

/// One action of a menu.
#[component]
pub(crate) fn MenuItem(
    shape: Shape,
    #[prop(into)] label: String,
    on_choose: Callback<()>,
    #[prop(optional)] danger: bool,
) -> impl IntoView {
    let menu = expect_context::<CloseMenu>();
    let choose = move |_| {
        // First back to the button: a dialog that the action opens gives the focus back to where it was before.
        menu.0.run(());
        on_choose.run(());
    };
    view! {
        <button
            type="button"
            role="menuitem"
            class="menu-item"
            class:danger=danger
            tabindex="-1"
            on:click=choose
        >
            <Icon shape />
            <span>{label}</span>
        </button>
    }
}

/// Opens upwards where there is no room below.
fn keep_in_sight(list: &web_sys::HtmlDivElement) {
    let height = window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64());
    let below = list.get_bounding_client_rect().bottom() + BELOW;
    if height.is_some_and(|height| below > height) {
        list.class_list().add_1("upwards").ok();
    }
}

enum Step {
    First,
    Last,
    By(i32),
}

/// Moves the focus among the items of an open menu, round and round.
fn step(list: &web_sys::HtmlDivElement, to: Step) {
    let Ok(items) = list.query_selector_all("[role=menuitem]") else {
        return;
    };
    let count = i32::try_from(items.length()).unwrap_or(0);
    if count == 0 {
        return;
    }
    let focused = document().active_element();
    let current = (0..count).find(|index| {
        let item = items.get(index.unsigned_abs());
        item.as_ref() == focused.as_ref().map(AsRef::<Node>::as_ref)
    });
    let next = match to {
        Step::First => 0,
        Step::Last => count - 1,
        Step::By(by) => (current.unwrap_or(0) + by).rem_euclid(count),
    };
    let item = items.get(next.unsigned_abs());
    if let Some(item) = item.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        item.focus().ok();
    }
}
