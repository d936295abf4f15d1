//! One of a few, or any of a few: a select field, and a group of boxes to tick.

use leptos::prelude::*;

/// What can be chosen: its value and how it is called.
pub(crate) type Options<T> = Vec<(T, &'static str)>;

/// A labelled choice of exactly one.
#[component]
pub(crate) fn Select<T: Copy + PartialEq + Send + Sync + 'static>(
    id: &'static str,
    #[prop(into)] label: String,
    value: RwSignal<T>,
    options: Options<T>,
) -> impl IntoView {
    let values: Vec<T> = options.iter().map(|(value, _)| *value).collect();
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event).parse::<usize>().ok();
        if let Some(chosen) = chosen.and_then(|index| values.get(index)) {
            value.set(*chosen);
        }
    };
    let option = move |(index, (option, name)): (usize, (T, &'static str))| {
        let selected = move || value.get() == option;
        view! {
            <option value=index.to_string() selected=selected>
                {name}
            </option>
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id on:change=choose>
                {options.into_iter().enumerate().map(option).collect_view()}
            </select>
        </div>
    }
}

/// A labelled group of boxes, any number of which may be ticked.
#[component]
pub(crate) fn Ticks<T: Copy + PartialEq + Send + Sync + 'static>(
    #[prop(into)] label: String,
    ticked: RwSignal<Vec<T>>,
    options: Options<T>,
) -> impl IntoView {
    let tick = move |(option, name): (T, &'static str)| {
        let toggle = move |event| {
            let on = event_target_checked(&event);
            ticked.update(|ticked| {
                ticked.retain(|held| *held != option);
                if on {
                    ticked.push(option);
                }
            });
        };
        view! {
            <label class="tick">
                <input
                    type="checkbox"
                    prop:checked=move || ticked.with(|ticked| ticked.contains(&option))
                    on:change=toggle
                />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field ticks">
            <legend>{label}</legend>
            {options.into_iter().map(tick).collect_view()}
        </fieldset>
    }
}
