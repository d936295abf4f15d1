//! What privacy refuses, and what can fail.

use crate::needs::HoldError;
use axum::http::StatusCode;
use edge_kernel::ExecuteError;
use edge_kernel::http::Problem;
use edge_kernel::ledger::erase::EraseError;
use edge_kernel::ledger::{AppendError, LedgerError};
use edge_kernel::views::ViewError;

/// A batch says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchRefusal {
    /// There is no such batch.
    #[error("there is no such batch")]
    Unknown,
    /// Nobody, or too many people.
    #[error("a batch forgets one to 500 people")]
    HowMany,
    /// The reason is empty, overlong or cannot be seen.
    #[error(
        "the reason stays readable in the log for ever: give 1 to 200 visible characters, such as \"DSGVO Art. 17 Abs. 1\" or a reference number"
    )]
    Basis,
    /// The reason gives somebody away.
    #[error(
        "the reason stays readable in the log for ever, and contains a name, login name or birth date of whom it concerns; give the legal basis or a reference number instead"
    )]
    BasisTells,
    /// It is not waiting for anybody.
    #[error("this batch was withdrawn or carried out already")]
    NotWaiting,
    /// Somebody has agreed to it before.
    #[error(
        "somebody has agreed to this erasure already; it is still being carried out, and goes on by itself until everything is gone"
    )]
    Running,
    /// Four eyes are two people.
    #[error("whoever proposed an erasure cannot also agree to it; a second person must")]
    SamePerson,
    /// Somebody agrees to their own erasure.
    #[error("whoever is to be forgotten cannot agree to it")]
    Concerned,
    /// Its rule is not enough.
    #[error("a person has to agree to this")]
    NeedsPerson,
}

/// Something about privacy was refused, or failed.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The person may not.
    #[error("only administrators and heads may forget people")]
    NotAllowed,
    /// The batch says no.
    #[error(transparent)]
    Batch(#[from] BatchRefusal),
    /// Somebody named is not known.
    #[error("there is no such person, or they are forgotten already")]
    NoSuchPerson,
    /// There is no certificate before everything is gone.
    #[error("nobody has agreed to this erasure; there is no certificate yet")]
    NotAgreed,
    /// Nor while it is being carried out.
    #[error(
        "this erasure is still being carried out; there is a certificate once everything is gone"
    )]
    NotCompleted,
    /// The last administrator cannot be forgotten.
    #[error("the last administrator cannot be forgotten; give somebody else the role first")]
    LastAdministrator,
    /// Another part of the house.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// The act was cut off.
    #[error(
        "the erasure is in the log but is not carried out to its end yet; the running server goes on with it by itself, else the next start does"
    )]
    Erase(#[from] EraseError),
    /// The log.
    #[error("cannot read the log")]
    Ledger(#[from] LedgerError),
    /// The views.
    #[error("cannot read the list of erasures")]
    Views(#[from] ViewError),
    /// A package's file.
    #[error("cannot put a package together")]
    Package(#[from] std::io::Error),
    /// A stored file cannot be read.
    #[error("cannot read a stored file")]
    Blob(#[from] edge_kernel::blobs::BlobError),
    /// The certificate on paper.
    #[error("cannot write the certificate as a document")]
    Paper(#[from] edge_pdf::PdfError),
    /// An append.
    #[error("cannot write to the log")]
    Append(#[from] AppendError),
}

impl From<ExecuteError<BatchRefusal>> for PrivacyError {
    fn from(error: ExecuteError<BatchRefusal>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => Self::Batch(refusal),
            ExecuteError::Append(error) => Self::Append(error),
            ExecuteError::Read(error) => Self::Ledger(error),
        }
    }
}

fn refused(code: &'static str, german: &str, english: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, german, english)
}

impl From<BatchRefusal> for Problem {
    fn from(refusal: BatchRefusal) -> Self {
        match refusal {
            BatchRefusal::Unknown => Self::not_found(),
            BatchRefusal::HowMany => Self::bad_request(
                "Eine Löschung betrifft mindestens eine und höchstens 500 Personen.",
                "An erasure concerns at least one and at most 500 people.",
            ),
            BatchRefusal::Basis => Self::bad_request(
                "Der Grund bleibt für immer lesbar im Protokoll stehen: bitte 1 bis 200 sichtbare Zeichen, zum Beispiel „DSGVO Art. 17 Abs. 1“ oder ein Aktenzeichen.",
                "The reason stays readable in the log for ever: please give 1 to 200 visible characters, such as “GDPR Art. 17 (1)” or a reference number.",
            ),
            BatchRefusal::BasisTells => Self::bad_request(
                "Der Grund bleibt für immer lesbar im Protokoll stehen und enthält einen Namen, einen Anmeldenamen oder ein Geburtsdatum der Person, die gelöscht werden soll. Bitte stattdessen die Rechtsgrundlage oder ein Aktenzeichen angeben.",
                "The reason stays readable in the log for ever and contains a name, login name or birth date of the person to be erased. Please give the legal basis or a reference number instead.",
            ),
            BatchRefusal::NotWaiting => refused(
                "not_waiting",
                "Diese Löschung wurde schon zurückgezogen oder ausgeführt.",
                "This erasure was withdrawn or carried out already.",
            ),
            BatchRefusal::Running => refused(
                "being_carried_out",
                "Dieser Löschung wurde schon zugestimmt. Sie wird noch ausgeführt und läuft von selbst weiter, bis alles weg ist.",
                "Somebody has agreed to this erasure already. It is still being carried out, and goes on by itself until everything is gone.",
            ),
            BatchRefusal::SamePerson => refused(
                "same_person",
                "Wer die Löschung vorgeschlagen hat, kann sie nicht selbst bestätigen. Eine zweite Person muss zustimmen.",
                "Whoever proposed the erasure cannot confirm it. A second person must agree.",
            ),
            BatchRefusal::NeedsPerson => refused(
                "needs_person",
                "Dem muss eine Person zustimmen.",
                "A person has to agree to this.",
            ),
            BatchRefusal::Concerned => refused(
                "concerned",
                "Wer gelöscht werden soll, kann die Löschung nicht bestätigen.",
                "Whoever is to be forgotten cannot confirm the erasure.",
            ),
        }
    }
}

impl From<PrivacyError> for Problem {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::NotAllowed => Self::not_allowed(),
            PrivacyError::Batch(refusal) => refusal.into(),
            PrivacyError::NoSuchPerson => Self::not_found(),
            PrivacyError::NotAgreed => refused(
                "not_agreed",
                "Dieser Löschung hat niemand zugestimmt; eine Bescheinigung gibt es noch nicht.",
                "Nobody has agreed to this erasure; there is no certificate yet.",
            ),
            PrivacyError::NotCompleted => refused(
                "not_completed",
                "Diese Löschung wird noch ausgeführt; die Bescheinigung gibt es danach.",
                "This erasure is still being carried out; the certificate exists afterwards.",
            ),
            PrivacyError::LastAdministrator => refused(
                "last_administrator",
                "Die letzte Administratorin, der letzte Administrator kann nicht gelöscht werden. Geben Sie die Rolle zuerst jemand anderem.",
                "The last administrator cannot be forgotten. Give somebody else the role first.",
            ),
            PrivacyError::Hold(error) => Self::failure(&error),
            PrivacyError::Erase(error) => Self::failure(&error),
            PrivacyError::Ledger(error) => error.into(),
            PrivacyError::Views(error) => error.into(),
            PrivacyError::Append(error) => error.into(),
            PrivacyError::Blob(error) => error.into(),
            PrivacyError::Package(error) => Self::failure(&error),
            PrivacyError::Paper(error) => Self::failure(&error),
        }
    }
}
