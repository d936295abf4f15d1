//! Spaces, folders, files: listing, uploading, and everything that is done to them.

mod command;
mod crumbs;
mod deleted;
mod folder;
mod listing;
mod moving;
mod naming;
mod rights;
mod spaces;
mod transfer;
mod tray;
mod uploads;

pub(crate) use deleted::DeletedPage;
pub(crate) use folder::FolderPage;
pub(crate) use spaces::SpacesPage;
pub(crate) use tray::UploadTray;
pub(crate) use uploads::Uploads;
