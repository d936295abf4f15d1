//! What the messenger refuses, and what can fail; the one place that gives each its status and its words.

use axum::http::StatusCode;
use edge_kernel::ExecuteError;
use edge_kernel::http::Problem;
use edge_kernel::ledger::{AppendError, LedgerError};
use events::messenger::LONGEST_TEXT;

/// A room does not do what it was asked, for a reason that the person can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoomRefusal {
    /// The room was never opened.
    #[error("there is no such room")]
    NotOpen,
    /// No message has this number.
    #[error("there is no such message")]
    NoSuchMessage,
    /// The message says nothing.
    #[error("the message is empty")]
    TextEmpty,
    /// The message is longer than 8,000 characters.
    #[error("the message is too long")]
    TextTooLong,
    /// The message has characters that no text has.
    #[error("the message has characters that a text must not have")]
    TextNotAllowed,
    /// Somebody else's, or said in somebody else's name.
    #[error("this is somebody else's")]
    NotYours,
    /// The id names something else already.
    #[error("the id is taken by something else")]
    IdTaken,
    /// Nobody has said so much yet.
    #[error("so many messages were not said yet")]
    NotSaidYet,
}

/// A request to the messenger was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum MessengerError {
    /// There is no such thing, or none that the person may know of.
    #[error("there is no such thing here")]
    NotFound,
    /// The person may see it, but not do this with it.
    #[error("not allowed")]
    NotAllowed,
    /// The group is over, or the other person's account is closed.
    #[error("nothing more can be said here")]
    Over,
    /// These two people may not begin a conversation.
    #[error("these two may not begin a conversation")]
    NotAcquainted,
    /// The room refuses.
    #[error(transparent)]
    Refused(RoomRefusal),
    /// The log refused.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] LedgerError),
}

impl From<ExecuteError<RoomRefusal>> for MessengerError {
    fn from(error: ExecuteError<RoomRefusal>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => Self::Refused(refusal),
            ExecuteError::Append(error) => Self::Append(error),
            ExecuteError::Read(error) => Self::Read(error),
        }
    }
}

impl From<MessengerError> for Problem {
    fn from(error: MessengerError) -> Self {
        match error {
            MessengerError::NotFound => Self::not_found(),
            MessengerError::NotAllowed => Self::not_allowed(),
            MessengerError::Over => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "room_over",
                "Hier kann nichts mehr geschrieben werden: Die Gruppe ist aufgelöst oder das andere Konto geschlossen.",
                "Nothing more can be written here: the group is over, or the other account is closed.",
            ),
            MessengerError::NotAcquainted => Self::new(
                StatusCode::FORBIDDEN,
                "not_acquainted",
                "Mit dieser Person lässt sich kein Gespräch beginnen. Schülerinnen und Schüler erreichen einander, wenn sie eine Gruppe teilen.",
                "You cannot begin a conversation with this person. Pupils reach one another when they share a group.",
            ),
            MessengerError::Refused(refusal) => refusal.into(),
            MessengerError::Append(error) => error.into(),
            MessengerError::Read(error) => error.into(),
        }
    }
}

impl From<RoomRefusal> for Problem {
    fn from(refusal: RoomRefusal) -> Self {
        use RoomRefusal as R;
        let rule = |code, german: &str, english: &str| {
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, german, english)
        };
        match refusal {
            R::NotOpen | R::NoSuchMessage => Self::not_found(),
            R::TextEmpty => rule(
                "text_empty",
                "Die Nachricht ist leer.",
                "The message is empty.",
            ),
            R::TextTooLong => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "text_too_long",
                format!("Die Nachricht ist zu lang; möglich sind {LONGEST_TEXT} Zeichen."),
                format!("The message is too long; it can have {LONGEST_TEXT} characters."),
            ),
            R::TextNotAllowed => rule(
                "text_not_allowed",
                "Die Nachricht enthält unsichtbare Steuerzeichen, die kein Text haben kann.",
                "The message has invisible control characters that no text can have.",
            ),
            R::NotYours => Self::not_allowed(),
            R::IdTaken => Self::new(
                StatusCode::CONFLICT,
                "id_taken",
                "Diese Kennung ist schon vergeben. Bitte noch einmal versuchen.",
                "This id is already taken. Please try again.",
            ),
            R::NotSaidYet => rule(
                "not_said_yet",
                "So viele Nachrichten hat dieser Raum noch nicht.",
                "This room does not have so many messages yet.",
            ),
        }
    }
}
