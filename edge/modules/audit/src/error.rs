//! What auditing refuses, and what can fail.

use crate::decide::LONGEST_REASON;
use axum::http::StatusCode;
use edge_kernel::ExecuteError;
use edge_kernel::http::Problem;
use edge_kernel::keyring::KeyringError;
use edge_kernel::ledger::{AppendError, LedgerError};
use edge_kernel::views::ViewError;
use events::Position;

/// A request to read other people's content says no.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectionRefusal {
    /// There is no such request, or it is somebody else's.
    #[error("there is no such request")]
    Unknown,
    /// It does not say why, or says it too long.
    #[error("a request says why in up to {LONGEST_REASON} characters")]
    Reason,
    /// Its end is before its beginning.
    #[error("the span ends before it begins")]
    Span,
    /// It is about the asker's own content.
    #[error("one's own content is read without a request")]
    Own,
    /// There is nobody of this id, and no such room or space.
    #[error("there is nothing of this id to read")]
    NoSuchSubject,
    /// Nobody else could agree.
    #[error(
        "nobody else may agree; give a second person the role of head, administrator or data protection"
    )]
    NobodyElse,
    /// Four eyes are two people.
    #[error("whoever asked cannot also agree; a second person must")]
    SamePerson,
    /// Somebody decides about their own content.
    #[error("whoever it is about cannot decide about it")]
    Concerned,
    /// It is decided already.
    #[error("this request was decided or taken back already")]
    NotWaiting,
    /// Only whoever asked takes a request back.
    #[error("only whoever asked can take a request back; others refuse it")]
    NotYours,
    /// Nobody has agreed yet.
    #[error("nobody has agreed to this request yet")]
    StillWaiting,
    /// It was refused, taken back or ended.
    #[error("this request was refused or ended; ask anew")]
    Over,
    /// Its time is over.
    #[error("the time of this consent is over; ask anew")]
    Expired,
    /// There is no such file, or the consent does not cover it.
    #[error("there is no such file, or the consent does not cover it")]
    NoSuchFile,
    /// What was in the file is erased.
    #[error("this file was erased")]
    FileErased,
    /// The view shows no content.
    #[error("only views of content are read under a consent: messages, files, records")]
    NoContent,
}

/// A look was not granted, or failed.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The person has no role that looks at the log.
    #[error("only auditors and data-protection officers may look at the log")]
    NotAnAuditor,
    /// The person has no special right of the kind.
    #[error("this needs a special right")]
    NotAllowed,
    /// A request to read content says no.
    #[error(transparent)]
    Inspection(#[from] InspectionRefusal),
    /// There is no view of this name.
    #[error("there is no view of this name; there are {}", events::views::NAMES.join(", "))]
    NoSuchView,
    /// There is no such position.
    #[error("the log has no such position; it has come to {0}")]
    NoSuchPosition(Position),
    /// An erasure has destroyed the header of the entry; its hash is still in the log.
    #[error(
        "entry {0} was erased, header and all; its hash stays in the log, which verifies without it"
    )]
    Gone(Position),
    /// Neither a position nor a moment was given, or both.
    #[error("name either a position or a moment")]
    WhichMoment,
    /// An erasure has destroyed the header of an entry in the bundle.
    #[error("entry {0}, which is in this bundle, was erased")]
    ErasedEntry(Position),
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

impl From<ExecuteError<InspectionRefusal>> for AuditError {
    fn from(error: ExecuteError<InspectionRefusal>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => Self::Inspection(refusal),
            ExecuteError::Append(error) => Self::Append(error),
            ExecuteError::Read(error) => Self::Ledger(error),
        }
    }
}

fn conflict(code: &'static str, german: &str, english: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, german, english)
}

impl From<InspectionRefusal> for Problem {
    fn from(refusal: InspectionRefusal) -> Self {
        match refusal {
            InspectionRefusal::Unknown => Self::not_found(),
            InspectionRefusal::Reason => Self::bad_request(
                format!(
                    "Schreiben Sie in ein paar Sätzen, wofür Sie die Einsicht brauchen: höchstens {LONGEST_REASON} Zeichen."
                ),
                format!(
                    "Say in a few sentences what you need it for: {LONGEST_REASON} characters at the most."
                ),
            ),
            InspectionRefusal::Span => Self::bad_request(
                "Das Ende des Zeitraums liegt vor seinem Anfang.",
                "The span ends before it begins.",
            ),
            InspectionRefusal::Own => Self::bad_request(
                "Das sind Ihre eigenen Daten. Sie können sie ohne Antrag lesen; alles zusammen gibt es in den Einstellungen.",
                "These are your own data. You can read them without a request; all of them are in the settings.",
            ),
            InspectionRefusal::NoSuchSubject => Self::bad_request(
                "Diese Person, dieses Gespräch oder diese Ablage gibt es nicht.",
                "There is no such person, room or space.",
            ),
            InspectionRefusal::NobodyElse => conflict(
                "nobody_else",
                "Es gibt gerade niemanden, der zustimmen könnte. Eine zweite Person braucht die Rolle Schulleitung, Administration oder Datenschutz.",
                "There is nobody who could agree. A second person needs the role of head, administrator or data protection.",
            ),
            InspectionRefusal::SamePerson => conflict(
                "same_person",
                "Wer die Einsicht beantragt hat, kann nicht selbst zustimmen. Eine zweite Person muss entscheiden.",
                "Whoever asked cannot agree. A second person must decide.",
            ),
            InspectionRefusal::Concerned => conflict(
                "concerned",
                "Es geht um Ihre eigenen Daten. Bitte lassen Sie jemand anderen entscheiden.",
                "This is about your own data. Please leave the decision to somebody else.",
            ),
            InspectionRefusal::NotWaiting => conflict(
                "not_waiting",
                "Über diesen Antrag ist schon entschieden, oder er wurde zurückgezogen.",
                "This request is decided already, or was taken back.",
            ),
            InspectionRefusal::NotYours => conflict(
                "not_yours",
                "Zurückziehen kann nur, wer den Antrag gestellt hat. Sie können ihn ablehnen.",
                "Only whoever asked can take it back. You can refuse it.",
            ),
            InspectionRefusal::StillWaiting => conflict(
                "still_waiting",
                "Diesem Antrag hat noch niemand zugestimmt. Schulleitung, Administration und Datenschutz sehen ihn unter „Einsicht“.",
                "Nobody has agreed to this request yet. The head, administrators and data protection see it under “Inspections”.",
            ),
            InspectionRefusal::Over => conflict(
                "over",
                "Dieser Antrag wurde abgelehnt oder beendet. Stellen Sie einen neuen, wenn Sie die Einsicht noch brauchen.",
                "This request was refused or ended. Ask anew if you still need it.",
            ),
            InspectionRefusal::Expired => conflict(
                "expired",
                "Die Zeit dieser Einsicht ist abgelaufen. Stellen Sie einen neuen Antrag, wenn Sie sie noch brauchen.",
                "The time of this consent is over. Ask anew if you still need it.",
            ),
            InspectionRefusal::NoSuchFile => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_file",
                "Diese Datei gab es zu dem Zeitpunkt nicht, oder die Einsicht umfasst sie nicht.",
                "There was no such file at that time, or the consent does not cover it.",
            ),
            InspectionRefusal::FileErased => Self::new(
                StatusCode::GONE,
                "file_erased",
                "Diese Datei wurde gelöscht: Ihr Schlüssel ist vernichtet, und niemand kann sie mehr lesen.",
                "This file was erased: its key is destroyed, and nobody can read it any more.",
            ),
            InspectionRefusal::NoContent => Self::bad_request(
                "Einsicht gibt es in „messages“, „files“ und „records“. Alles andere zeigt die Prüfung ohne Antrag.",
                "A consent opens “messages”, “files” and “records”. Everything else is shown without one.",
            ),
        }
    }
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::NotAnAuditor | AuditError::NotAllowed => Self::not_allowed(),
            AuditError::Inspection(refusal) => refusal.into(),
            AuditError::NoSuchPosition(size) => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_position",
                format!(
                    "Diese Nummer gibt es im Protokoll nicht. Es hat bisher die Einträge 1 bis {size}."
                ),
                format!("The log has no such number. So far it has the entries 1 to {size}."),
            ),
            AuditError::Gone(position) => Self::new(
                StatusCode::GONE,
                "erased",
                format!(
                    "Eintrag {position} wurde mit einer Löschung ganz entfernt. Seine Prüfsumme steht weiter im Protokoll, das sich auch ohne ihn prüfen lässt."
                ),
                format!(
                    "Entry {position} was removed as a whole by an erasure. Its hash is still in the log, which can be verified without it."
                ),
            ),
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
                "Geben Sie je Stand entweder eine Position oder eine Zeit (Millisekunden seit 1970) an.",
                "Give for each state either a position or a time (milliseconds since 1970).",
            ),
            AuditError::ErasedEntry(position) => Self::new(
                StatusCode::GONE,
                "erased",
                format!(
                    "Eintrag {position} in diesem Bündel wurde gelöscht; ein Bündel mit einer Lücke sieht das Format nicht vor. Die Prüfsummen aller Einträge stehen weiter in den Kacheln unter tile/0, die übrigen Einträge einzeln unter /api/audit/proof."
                ),
                format!(
                    "Entry {position} of this bundle was erased, and the format knows no bundle with a gap. The hashes of all entries are still served in the tiles under tile/0, and the other entries one by one under /api/audit/proof."
                ),
            ),
            AuditError::OwnKey(_) => Self::failure(&error),
            AuditError::Ledger(error) => error.into(),
            AuditError::Views(error) => error.into(),
            AuditError::Append(error) => error.into(),
        }
    }
}
