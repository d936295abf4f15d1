//! The areas of the app, one beside each module of the school's machine, and the start page.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod files;
pub(crate) mod inspections;
pub(crate) mod messenger;
pub(crate) mod privacy;
pub(crate) mod settings;
pub(crate) mod start;
pub(crate) mod witnesses;
