//! Schulhof as people see it: in headless Chromium, on the school's network and through the relay.

mod auditing;
pub(crate) mod driver;
mod folds;
mod forgetting;
mod importing;
mod inspecting;
mod keeping;
mod offers;
mod pages;
mod together;
