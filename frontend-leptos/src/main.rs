//! The web app of Schulhof: client-side, live, one page. Areas follow the modules; `parts` knows no module; only `ask`,
//! `sync` and `store` touch the network.

#![expect(
    unreachable_pub,
    reason = "leptos's component macro writes the props of every component as public items"
)]

mod app;
mod areas;
mod ask;
mod browser;
mod digest;
mod erased;
mod json;
mod parts;
mod session;
mod store;
mod sync;
mod when;
mod witness;
mod words;

fn main() {
    leptos::mount::mount_to_body(app::App);
}
