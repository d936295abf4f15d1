//! Reading other people's content: asking, agreeing, what became of it; and who has looked at one's own data.

mod choose;
mod looks;
mod page;
mod request;
mod row;
mod terms;
mod waiting;

pub(crate) use looks::looks_section;
pub(crate) use page::InspectionsPage;
pub(crate) use request::RequestButton;
pub(crate) use row::holds;
pub(crate) use terms::{about_text, purpose_named, purpose_text};
pub(crate) use waiting::{Waiting, consent_notice};
