//! The icons: one family, drawn on a grid of 24 with one weight; and the name mark.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Home,
    Chat,
    Folder,
    People,
    Shield,
    Gear,
    Search,
    Plus,
    Upload,
    Download,
    File,
    Image,
    Dots,
    Close,
    Check,
    Alert,
    Back,
    Next,
    Send,
    Trash,
    Restore,
    Pencil,
    Move,
    Key,
    Device,
    Language,
    SignOut,
    Group,
    Import,
    Lock,
    Print,
    Down,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Home => "M4 11.5 12 5l8 6.5M6 10v9h4.5v-5h3v5H18v-9",
            Self::Chat => "M4.5 5.5h15v10.5H11L6.5 19.5V16h-2z",
            Self::Folder => "M3.5 6.5h6l2 2.5h9v9.5h-17z",
            Self::People => {
                "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3 19c.4-3.2 2.9-5 6-5s5.6 1.8 6 5M15.5 5.6a3 3 0 0 1 0 5.6M17.5 14.5c2 .7 3.2 2.2 3.5 4.5"
            }
            Self::Shield => {
                "M12 3.8 19 6.5v5c0 4-2.7 7-7 8.8-4.3-1.8-7-4.8-7-8.8v-5zM9 12l2.2 2.2L15.3 10"
            }
            Self::Gear => {
                "M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM12 3.5v2.2M12 18.3v2.2M3.5 12h2.2M18.3 12h2.2M6 6l1.6 1.6M16.4 16.4 18 18M18 6l-1.6 1.6M7.6 16.4 6 18"
            }
            Self::Search => "M10.8 16.6a5.8 5.8 0 1 0 0-11.6 5.8 5.8 0 0 0 0 11.6zM15 15l4.8 4.8",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Upload => "M12 15.5V5M7.5 9.2 12 4.8l4.5 4.4M5 15v4h14v-4",
            Self::Download => "M12 4.5V15M7.5 10.8 12 15.2l4.5-4.4M5 15v4h14v-4",
            Self::File => "M6.5 3.8h7l4 4.2v12.2h-11zM13.3 4v4.2h4",
            Self::Image => "M4 5h16v14H4zM4 16l4.5-4.5L13 16l2.5-2.5L20 17.5M15.5 9.5h.1",
            Self::Dots => "M5.5 12h.1M12 12h.1M18.5 12h.1",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Alert => "M12 4.5 20.5 19h-17zM12 10v4M12 16.5v.1",
            Self::Back => "M14.5 5.5 8 12l6.5 6.5",
            Self::Next => "M9.5 5.5 16 12l-6.5 6.5",
            Self::Send => "M4.5 12 20 5l-4.5 15-4-6.5zM11.5 13.5 20 5",
            Self::Trash => "M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v5.5M13.7 10.5v5.5",
            Self::Restore => "M5 5.5v4.5h4.5M5.5 10A7.5 7.5 0 1 1 4.8 14.5",
            Self::Pencil => "M5 19l1-4L16 5l3 3L9 18zM13.5 7.5l3 3",
            Self::Move => "M3.5 6.5h6l2 2.5h9v9.5h-17zM9 13.7h6M12.7 11.2l2.5 2.5-2.5 2.5",
            Self::Key => "M8.5 15.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12.3 11.5H20v3.5M16.5 11.5v2.7",
            Self::Device => "M4.5 5.5h15v10h-15zM9 19.5h6M12 15.5v4",
            Self::Language => {
                "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM4.3 12h15.4M12 4c2.3 2.3 3.3 5 3.3 8s-1 5.7-3.3 8c-2.3-2.3-3.3-5-3.3-8s1-5.7 3.3-8z"
            }
            Self::SignOut => "M13 4.5H5.5v15H13M10 12h10M16.5 8.5 20 12l-3.5 3.5",
            Self::Group => {
                "M4 19V8l8-4 8 4v11M4 19h16M9.5 19v-5h5v5M8.5 10.5h.1M15.5 10.5h.1M12 10.5h.1"
            }
            Self::Import => "M6.5 3.8h7l4 4.2v12.2h-11zM12 10v6.5M9.3 14l2.7 2.7 2.7-2.7",
            Self::Lock => "M6 10.5h12v9H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5M12 14v2.2",
            Self::Print => "M7.5 9V4.5h9V9M7.5 16H5V9h14v7h-2.5M7.5 13.5h9v6h-9z",
            Self::Down => "M5.5 9.5 12 16l6.5-6.5",
        }
    }
}

/// An icon beside words; it is hidden from screen readers, so the words must say what it means.
#[component]
pub(crate) fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=shape.path() />
        </svg>
    }
}

/// The name mark: a yard between two wings of a house, and somebody in it.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="mark-house" d="M5 27V9.5L10.5 5H27v6.5H12.5L11.5 12.3V20.5H20.5V16H27V27z" />
            <circle class="mark-dot" cx="16" cy="16" r="2.6" />
        </svg>
    }
}
