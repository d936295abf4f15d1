-- What accounts keep beside the log because it must be forgettable, replaceable or secret. Hashes only: of passwords
-- (argon2id over a keyed hash), of codes and login names (keyed), of session tokens (SHA-256 of 256 random bits).

CREATE TABLE accounts_password_kept (
    person  BLOB PRIMARY KEY,
    hash    TEXT NOT NULL,
    changed INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts_code_kept (
    person  BLOB PRIMARY KEY,
    hash    BLOB NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;

-- Whom a login name belongs to. Names given up stay with their person, not current, so that nobody inherits them.
CREATE TABLE accounts_login_kept (
    login   BLOB PRIMARY KEY,
    person  BLOB NOT NULL,
    current INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX accounts_login_kept_by_person ON accounts_login_kept (person);

-- seen: the day of the last use, so that the table tells no habits and is seldom written.
CREATE TABLE accounts_session_kept (
    token   BLOB PRIMARY KEY,
    session BLOB NOT NULL UNIQUE,
    person  BLOB NOT NULL,
    seen    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX accounts_session_kept_by_person ON accounts_session_kept (person);

-- Devices on which a person has signed in: what others guess at elsewhere does not lock them out here.
CREATE TABLE accounts_device_kept (
    person BLOB NOT NULL,
    device BLOB NOT NULL,
    seen   INTEGER NOT NULL,
    PRIMARY KEY (person, device)
) WITHOUT ROWID;

-- Failed sign-ins of an account, so that a restart gives nobody a fresh start.
CREATE TABLE accounts_guess_kept (
    key      BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    last     INTEGER NOT NULL
) WITHOUT ROWID;

-- How many events an import's unit had, the closing note included: which ones to take back.
CREATE TABLE accounts_import_kept (
    import BLOB PRIMARY KEY,
    events INTEGER NOT NULL
) WITHOUT ROWID;
