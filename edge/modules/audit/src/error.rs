//! What auditing refuses, and what can fail.

use axum::http::StatusCode;
use edge_kernel::http::Problem;
use edge_kernel::keyring::KeyringError;
use edge_kernel::ledger::{AppendError, LedgerError};
use edge_kernel::views::ViewError;

/// A look was not granted, or failed.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The person is no auditor.
    #[error("only auditors may look at the log")]
    NotAnAuditor,
    /// There is no view of this name.
    #[error("there is no view of this name; there are {}", events::views::NAMES.join(", "))]
    NoSuchView,
    /// There is no such position.
    #[error("the log has no such position")]
    NoSuchPosition,
    /// Neither a position nor a moment was given, or both.
    #[error("name either a position or a moment")]
    WhichMoment,
    /// An erasure has destroyed the header of an entry in the bundle.
    #[error("an entry of this bundle was erased")]
    ErasedEntry,
    /// The machine's key as a witness could not be used.
    #[error("cannot use the key for witnessing other logs")]
    OwnKey(#[from] KeyringError),
    /// The log could not be read.
    #[error("cannot read the log")]
    Ledger(#[from] LedgerError),
    /// The list of entries could not be read.
    #[error("cannot read the list of entries")]
    Views(#[from] ViewError),
    /// The look could not be recorded, so nothing is shown.
    #[error("cannot record the look")]
    Append(#[from] AppendError),
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::NotAnAuditor => Self::not_allowed(),
            AuditError::NoSuchPosition => Self::not_found(),
            AuditError::NoSuchView => {
                let names = events::views::NAMES.join(", ");
                Self::new(
                    StatusCode::NOT_FOUND,
                    "no_such_view",
                    format!("Diese Ansicht gibt es nicht. Es gibt: {names}."),
                    format!("There is no such view. There are: {names}."),
                )
            }
            AuditError::WhichMoment => Self::bad_request(
                "Geben Sie entweder «until» (Position) oder «time» (Millisekunden seit 1970) an.",
                "Give either “until” (a position) or “time” (milliseconds since 1970).",
            ),
            AuditError::ErasedEntry => Self::new(
                StatusCode::GONE,
                "erased",
                "Ein Eintrag in diesem Bündel wurde gelöscht und kann nicht mehr gezeigt werden. Seine Prüfsumme steht weiter in der Kachel.",
                "An entry of this bundle was erased and cannot be shown any more. Its hash is still in the tile.",
            ),
            AuditError::OwnKey(_) => Self::failure(&error),
            AuditError::Ledger(error) => error.into(),
            AuditError::Views(error) => error.into(),
            AuditError::Append(error) => error.into(),
        }
    }
}
