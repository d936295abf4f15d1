//! What can be refused about people and groups, in words for whoever asked; and what can fail, which is the kernel's to say.

use crate::roster::limits::{ABBREVIATION, GROUP, NAME, SCHOOL, SOURCE_ID};
use crate::roster::{ChangeSet, FileRefused};
use axum::http::StatusCode;
use edge_kernel::ExecuteError;
use edge_kernel::http::Problem;
use edge_kernel::ledger::{AppendError, LedgerError};
use edge_kernel::views::ViewError;

/// What a person's account refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonRefusal {
    /// The id is taken.
    #[error("this person is known already")]
    AlreadyThere,
    /// There is no such person.
    #[error("there is no such person")]
    Unknown,
    /// Everybody is something at the school.
    #[error("a person needs at least one role")]
    NoRole,
    /// Empty, too long, or with control characters.
    #[error("this is not a name")]
    NotAName,
    /// Not by the rules of login names.
    #[error("this is not a login name")]
    NotALogin,
    /// Too long for a program's number, or with control characters.
    #[error("this is not a number of an administration program")]
    NotANumber,
    /// Too long for an abbreviation, or with control characters.
    #[error("this is not an abbreviation")]
    NotAnAbbreviation,
    /// The account is closed.
    #[error("the account is closed")]
    Closed,
}

/// What a group refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupRefusal {
    /// The id is taken.
    #[error("this group is known already")]
    AlreadyThere,
    /// There is no such group.
    #[error("there is no such group")]
    Unknown,
    /// Empty, too long, or with control characters.
    #[error("this is not a name")]
    NotAName,
    /// The group is over.
    #[error("the group is over")]
    Closed,
    /// A membership cannot begin or end on a day that has not come.
    #[error("the day has not come yet")]
    NotYet,
    /// A membership cannot begin or end generations before the school used this machine.
    #[error("the day lies too long ago")]
    LongAgo,
    /// The last day lies before the first.
    #[error("the membership would end before it began")]
    EndsBeforeBeginning,
    /// An open group of the same kind and school year has this name.
    #[error("there is such a group already")]
    Namesake,
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than eight characters.
    #[error("too short")]
    TooShort,
    /// Longer than anybody types.
    #[error("too long")]
    TooLong,
    /// It contains the login name or a part of the person's name.
    #[error("contains a name")]
    ContainsName,
    /// Among the first that a guesser tries.
    #[error("too common")]
    Common,
}

/// Something about accounts was refused, or failed.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The asker may not do this.
    #[error("not allowed")]
    NotAllowed,
    /// There is no such thing, or none that the asker may know of.
    #[error("not found")]
    NotFound,
    /// Login name and secret do not fit together, or there is no such account: the two are not told apart.
    #[error("login name or password are wrong")]
    WrongLogin,
    /// The old password is not this one.
    #[error("the old password is wrong")]
    WrongPassword,
    /// Too many failures; try again after so many seconds.
    #[error("too many attempts; wait {seconds} s")]
    SlowDown {
        /// How long.
        seconds: u64,
    },
    /// The password is not taken.
    #[error("the password is refused: {0}")]
    Weak(#[from] WeakPassword),
    /// Nobody would be left who can give roles.
    #[error("the last administrator stays one")]
    LastAdministrator,
    /// A login name that is kept for services.
    #[error("this login name is reserved")]
    Reserved,
    /// The command has a door of its own.
    #[error("this command has a door of its own")]
    OtherDoor,
    /// Not a name for a school.
    #[error("this is not a name of a school")]
    SchoolName,
    /// The school has been founded before.
    #[error("the school has been founded already")]
    Founded,
    /// Nothing of the file can be used.
    #[error(transparent)]
    File(#[from] FileRefused),
    /// The school changed since the preview; this is what the import would change now.
    #[error("the school has changed since the preview")]
    Outdated(Box<ChangeSet>),
    /// Many people would lose their accounts, which needs a confirmation of its own.
    #[error("{missing} of {of} people are missing; confirm that they leave")]
    ConfirmLeavers {
        /// People missing from the source.
        missing: usize,
        /// People it should name.
        of: usize,
    },
    /// The import has been taken back before.
    #[error("the import has been taken back already")]
    UndoneAlready,
    /// A person's account refused.
    #[error(transparent)]
    Person(#[from] PersonRefusal),
    /// A group refused.
    #[error(transparent)]
    Group(#[from] GroupRefusal),
    /// The log refused the append.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A view could not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// What is kept beside the log could not be read.
    #[error("cannot read what is kept beside the log")]
    Kept(#[from] sqlx::Error),
    /// Work on another thread broke off.
    #[error("work on another thread broke off")]
    Task(#[from] tokio::task::JoinError),
    /// A password could not be hashed.
    #[error("cannot hash a password")]
    Hash(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<ExecuteError<PersonRefusal>> for AccountsError {
    fn from(error: ExecuteError<PersonRefusal>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::Append(error) => error.into(),
            ExecuteError::Read(error) => error.into(),
        }
    }
}

impl From<ExecuteError<GroupRefusal>> for AccountsError {
    fn from(error: ExecuteError<GroupRefusal>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::Append(error) => error.into(),
            ExecuteError::Read(error) => error.into(),
        }
    }
}

fn refused(code: &'static str, german: impl Into<String>, english: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, german, english)
}

fn conflict(code: &'static str, german: impl Into<String>, english: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, german, english)
}

impl From<PersonRefusal> for Problem {
    fn from(refusal: PersonRefusal) -> Self {
        match refusal {
            PersonRefusal::AlreadyThere => conflict(
                "person_known",
                "Diese Person gibt es schon.",
                "This person exists already.",
            ),
            PersonRefusal::Unknown => Self::not_found(),
            PersonRefusal::NoRole => refused(
                "no_role",
                "Bitte geben Sie mindestens eine Rolle an.",
                "Please give at least one role.",
            ),
            PersonRefusal::NotAName => refused(
                "not_a_name",
                format!(
                    "Der Name ist leer, zu lang oder enthält unsichtbare Zeichen; Vor- und Nachname können je {NAME} Zeichen haben."
                ),
                format!(
                    "The name is empty, too long, or contains invisible characters; given and family name can have {NAME} characters each."
                ),
            ),
            PersonRefusal::NotANumber => refused(
                "not_a_number",
                format!(
                    "Die Nummer ist zu lang oder enthält unsichtbare Zeichen; möglich sind {SOURCE_ID} Zeichen."
                ),
                format!(
                    "The number is too long or contains invisible characters; it can have {SOURCE_ID} characters."
                ),
            ),
            PersonRefusal::NotAnAbbreviation => refused(
                "not_an_abbreviation",
                format!(
                    "Das Kürzel ist zu lang oder enthält unsichtbare Zeichen; möglich sind {ABBREVIATION} Zeichen."
                ),
                format!(
                    "The abbreviation is too long or contains invisible characters; it can have {ABBREVIATION} characters."
                ),
            ),
            PersonRefusal::NotALogin => refused(
                "not_a_login",
                "Ein Anmeldename besteht aus Kleinbuchstaben a–z, Ziffern, Punkten und Bindestrichen, beginnt mit einem Buchstaben und hat höchstens 32 Zeichen.",
                "A login name consists of lower-case letters a–z, digits, dots and hyphens, begins with a letter and has at most 32 characters.",
            ),
            PersonRefusal::Closed => refused(
                "account_closed",
                "Das Konto ist geschlossen. Öffnen Sie es zuerst wieder.",
                "The account is closed. Reopen it first.",
            ),
        }
    }
}

impl From<GroupRefusal> for Problem {
    fn from(refusal: GroupRefusal) -> Self {
        match refusal {
            GroupRefusal::AlreadyThere => conflict(
                "group_known",
                "Diese Gruppe gibt es schon.",
                "This group exists already.",
            ),
            GroupRefusal::Unknown => Self::not_found(),
            GroupRefusal::NotAName => refused(
                "not_a_name",
                format!(
                    "Der Name der Gruppe ist leer, zu lang oder enthält unsichtbare Zeichen; möglich sind {GROUP} Zeichen."
                ),
                format!(
                    "The group's name is empty, too long, or contains invisible characters; it can have {GROUP} characters."
                ),
            ),
            GroupRefusal::Closed => refused(
                "group_closed",
                "Die Gruppe ist beendet und nimmt niemanden mehr auf.",
                "The group is over and takes nobody in.",
            ),
            GroupRefusal::NotYet => refused(
                "day_not_come",
                "Der Tag liegt in der Zukunft. Eine Mitgliedschaft beginnt und endet sofort; tragen Sie die Änderung an dem Tag ein, an dem sie gilt.",
                "The day lies in the future. A membership begins and ends at once; enter the change on the day on which it holds.",
            ),
            GroupRefusal::LongAgo => refused(
                "day_long_ago",
                "Der Tag liegt zu lange zurück. Bitte prüfen Sie die Jahreszahl.",
                "The day lies too long ago. Please check the year.",
            ),
            GroupRefusal::EndsBeforeBeginning => refused(
                "ends_before_beginning",
                "Der letzte Tag liegt vor dem ersten Tag der Mitgliedschaft. Wählen Sie einen späteren Tag, oder berichtigen Sie zuerst den ersten.",
                "The last day lies before the membership's first day. Choose a later day, or correct the first one before.",
            ),
            GroupRefusal::Namesake => conflict(
                "group_exists",
                "Eine Gruppe dieser Art und dieses Schuljahres mit diesem Namen gibt es schon. Wählen Sie einen anderen Namen.",
                "There is already a group of this kind, school year and name. Choose another name.",
            ),
        }
    }
}

impl From<WeakPassword> for Problem {
    fn from(weak: WeakPassword) -> Self {
        match weak {
            WeakPassword::TooShort => refused(
                "password_too_short",
                "Das Passwort braucht mindestens 8 Zeichen. Mehrere Wörter hintereinander sind leicht zu merken.",
                "The password needs at least 8 characters. Several words in a row are easy to remember.",
            ),
            WeakPassword::TooLong => refused(
                "password_too_long",
                "Das Passwort ist zu lang; höchstens 256 Zeichen sind möglich.",
                "The password is too long; at most 256 characters are possible.",
            ),
            WeakPassword::ContainsName => refused(
                "password_contains_name",
                "Das Passwort darf weder den Anmeldenamen noch den eigenen Namen enthalten.",
                "The password must contain neither your login name nor your name.",
            ),
            WeakPassword::Common => refused(
                "password_common",
                "Dieses Passwort gehört zu denen, die zuerst erraten werden. Bitte ein anderes wählen.",
                "This password is among those that are guessed first. Please choose another one.",
            ),
        }
    }
}

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Self {
        use AccountsError as E;
        match error {
            E::NotAllowed => Self::not_allowed(),
            E::NotFound => Self::not_found(),
            E::WrongLogin => Self::new(
                StatusCode::UNAUTHORIZED,
                "wrong_login",
                "Anmeldename oder Passwort stimmen nicht. Im Passwort zählt Groß- und Kleinschreibung.",
                "Login name or password are wrong. Mind upper and lower case in the password.",
            ),
            E::WrongPassword => refused(
                "wrong_password",
                "Das bisherige Passwort stimmt nicht.",
                "The old password is wrong.",
            ),
            E::SlowDown { seconds } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "slow_down",
                format!("Zu viele Versuche. Bitte {seconds} Sekunden warten."),
                format!("Too many attempts. Please wait {seconds} seconds."),
            )
            .retry_after(seconds),
            E::Weak(weak) => weak.into(),
            E::LastAdministrator => refused(
                "last_administrator",
                "Das ist das letzte Konto mit Verwaltungsrechten. Geben Sie die Rolle zuerst jemand anderem.",
                "This is the last account that may administer. Give the role to somebody else first.",
            ),
            E::Reserved => refused(
                "login_reserved",
                "Dieser Anmeldename ist für Dienste vorbehalten.",
                "This login name is reserved for services.",
            ),
            E::OtherDoor => refused(
                "other_door",
                "Dieser Befehl hat einen eigenen Weg; siehe /api/openapi.json.",
                "This command has a way of its own; see /api/openapi.json.",
            ),
            E::SchoolName => refused(
                "not_a_name",
                format!(
                    "Der Name der Schule ist leer, zu lang oder enthält unsichtbare Zeichen; möglich sind {SCHOOL} Zeichen."
                ),
                format!(
                    "The school's name is empty, too long, or contains invisible characters; it can have {SCHOOL} characters."
                ),
            ),
            E::Founded => conflict(
                "founded",
                "Die Schule ist schon eingerichtet.",
                "The school has been set up already.",
            ),
            E::File(refused) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "file_refused",
                refused.note.text.de,
                refused.note.text.en,
            ),
            E::Outdated(_) => conflict(
                "changed_meanwhile",
                "Seit der Vorschau hat sich etwas geändert. Bitte prüfen Sie die neue Vorschau.",
                "Something has changed since the preview. Please check the new preview.",
            ),
            E::ConfirmLeavers { missing, of } => conflict(
                "confirm_leavers",
                format!(
                    "{missing} von {of} Personen fehlen in der Liste. Bestätigen Sie eigens, dass sie die Schule verlassen."
                ),
                format!(
                    "{missing} of {of} people are missing from the list. Confirm separately that they leave the school."
                ),
            ),
            E::UndoneAlready => conflict(
                "undone_already",
                "Dieser Import wurde schon zurückgenommen.",
                "This import has been taken back already.",
            ),
            E::Person(refusal) => refusal.into(),
            E::Group(refusal) => refusal.into(),
            E::Append(error) => error.into(),
            E::Ledger(error) => error.into(),
            E::View(error) => error.into(),
            E::Kept(_) | E::Task(_) | E::Hash(_) => Self::failure(&error),
        }
    }
}
