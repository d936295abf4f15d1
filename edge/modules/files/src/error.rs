//! What files refuse, and what can fail; the one place that gives each its status and its words.

use crate::decide::{DEEPEST, MOST};
use axum::http::StatusCode;
use edge_kernel::ExecuteError;
use edge_kernel::blobs::BlobError;
use edge_kernel::http::Problem;
use edge_kernel::ledger::{AppendError, LedgerError};
use edge_kernel::views::ViewError;

/// A space does not do what it was asked, for a reason that the person can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpaceRefusal {
    /// The space was never opened.
    #[error("there is no such space")]
    NotOpen,
    /// The node is not there, or lies in a deleted folder.
    #[error("there is no such file or folder")]
    NoSuchNode,
    /// The place is not a folder that is there.
    #[error("there is no such folder to put it into")]
    NoSuchFolder,
    /// The name is empty.
    #[error("the name is empty")]
    NameEmpty,
    /// The name is longer than 255 bytes.
    #[error("the name is too long")]
    NameTooLong,
    /// The name has characters that no name may have.
    #[error("the name has characters that a name must not have")]
    NameNotAllowed,
    /// The folder has something of this name.
    #[error("the name is taken")]
    NameTaken,
    /// A folder cannot be put into itself.
    #[error("a folder cannot be put into itself")]
    IntoItself,
    /// Folders would lie too deep in one another.
    #[error("folders lie too deep in one another")]
    TooDeep,
    /// The space holds as much as it can.
    #[error("the space is full")]
    TooMany,
    /// Somebody else's.
    #[error("this is somebody else's")]
    NotYours,
    /// The folder holds what others put there.
    #[error("the folder holds files of others")]
    HoldsOfOthers,
    /// The id names something else already.
    #[error("the id is taken by something else")]
    IdTaken,
}

/// A request to files was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// There is no such thing, or none that the person may know of.
    #[error("there is no such thing here")]
    NotFound,
    /// The person may see it, but not do this with it.
    #[error("not allowed")]
    NotAllowed,
    /// The space refuses.
    #[error(transparent)]
    Refused(SpaceRefusal),
    /// The log refused.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] LedgerError),
    /// The bytes could not be stored or read.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A view could not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The task that was to finish an upload ended early.
    #[error("an upload could not be finished")]
    Unfinished(#[source] tokio::task::JoinError),
}

impl From<ExecuteError<SpaceRefusal>> for FilesError {
    fn from(error: ExecuteError<SpaceRefusal>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => Self::Refused(refusal),
            ExecuteError::Append(error) => Self::Append(error),
            ExecuteError::Read(error) => Self::Read(error),
        }
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::NotFound => Self::not_found(),
            FilesError::NotAllowed => Self::not_allowed(),
            FilesError::Refused(refusal) => refusal.into(),
            FilesError::Append(error) => error.into(),
            FilesError::Read(error) => error.into(),
            FilesError::Blob(error) => error.into(),
            FilesError::View(error) => error.into(),
            FilesError::Unfinished(error) => Self::failure(&error),
        }
    }
}

impl From<SpaceRefusal> for Problem {
    fn from(refusal: SpaceRefusal) -> Self {
        use SpaceRefusal as R;
        let rule = |code, german: &str, english: &str| {
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, german, english)
        };
        let clash = |code, german: &str, english: &str| {
            Self::new(StatusCode::CONFLICT, code, german, english)
        };
        match refusal {
            R::NotOpen | R::NoSuchNode => Self::not_found(),
            R::NoSuchFolder => rule(
                "no_such_folder",
                "Diesen Ordner gibt es nicht mehr. Bitte einen anderen wählen.",
                "This folder is no longer there. Please choose another.",
            ),
            R::NameEmpty => rule("name_empty", "Der Name ist leer.", "The name is empty."),
            R::NameTooLong => rule(
                "name_too_long",
                "Der Name ist zu lang. Möglich sind 255 Zeichen, mit Umlauten etwas weniger.",
                "The name is too long. It can have 255 characters, or somewhat fewer with accents.",
            ),
            R::NameNotAllowed => rule(
                "name_not_allowed",
                "Dieser Name geht nicht: Schrägstriche, Zeilenumbrüche und unsichtbare Zeichen sind nicht möglich, „.“ und „..“ auch nicht.",
                "This name is not possible: no slashes, line breaks or invisible characters, and neither “.” nor “..”.",
            ),
            R::NameTaken => clash(
                "name_taken",
                "In diesem Ordner gibt es schon etwas mit diesem Namen.",
                "There is already something of this name in the folder.",
            ),
            R::IntoItself => rule(
                "into_itself",
                "Ein Ordner kann nicht in sich selbst verschoben werden.",
                "A folder cannot be moved into itself.",
            ),
            R::TooDeep => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_deep",
                format!("Es können höchstens {DEEPEST} Ordner ineinander liegen."),
                format!("At most {DEEPEST} folders can lie in one another."),
            ),
            R::TooMany => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many",
                format!("Hier liegen schon {MOST} Dateien und Ordner; mehr geht nicht."),
                format!(
                    "There are {MOST} files and folders here already; there is no room for more."
                ),
            ),
            R::NotYours => Self::new(
                StatusCode::FORBIDDEN,
                "not_yours",
                "Das gehört jemand anderem. Ändern können es nur diese Person und die Leitung der Gruppe.",
                "This belongs to somebody else. Only they and those who lead the group can change it.",
            ),
            R::HoldsOfOthers => Self::new(
                StatusCode::FORBIDDEN,
                "holds_of_others",
                "In diesem Ordner liegen auch Dateien von anderen. Löschen kann ihn die Leitung der Gruppe.",
                "This folder also holds files of others. Those who lead the group can delete it.",
            ),
            R::IdTaken => clash(
                "id_taken",
                "Diese Kennung ist schon vergeben. Bitte noch einmal versuchen.",
                "This id is already taken. Please try again.",
            ),
        }
    }
}
