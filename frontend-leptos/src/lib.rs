//! frontend-leptos.
