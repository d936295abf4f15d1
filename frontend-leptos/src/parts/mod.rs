//! The pieces that pages are made of. They know no module: they draw what they are given and call back.

mod avatar;
mod choice;
mod code;
mod dialog;
mod drop_zone;
mod each;
mod field;
mod form;
mod icon;
mod live;
mod menu;
mod more;
mod page;
mod piece;
mod progress;
mod state;
mod toast;

pub(crate) use avatar::Avatar;
pub(crate) use choice::{Options, Select, Ticks};
pub(crate) use code::CopyField;
pub(crate) use dialog::{Dialog, Question, open_while};
pub(crate) use drop_zone::{DropZone, listed};
pub(crate) use each::Each;
pub(crate) use field::{Field, Search};
pub(crate) use form::DialogForm;
pub(crate) use icon::{Icon, Mark, Shape};
pub(crate) use live::{Show, in_order, live, text};
pub(crate) use menu::{Menu, MenuItem};
pub(crate) use more::More;
pub(crate) use page::{Page, TabLink, Tabs};
pub(crate) use piece::{button, facts, folded, link, note, notice, section, text_note};
pub(crate) use progress::Progress;
pub(crate) use state::{Empty, Rows, Skeleton, Sorry};
pub(crate) use toast::{ToastTray, Toasts, toasts};
