-- What accounts keep beside the log because it must be forgettable, replaceable or secret, as in migrations/sqlite. Hashes only.

CREATE TABLE accounts_password_kept (
    person  bytea PRIMARY KEY,
    hash    text COLLATE "C" NOT NULL,
    changed bigint NOT NULL
);

CREATE TABLE accounts_code_kept (
    person  bytea PRIMARY KEY,
    hash    bytea NOT NULL,
    expires bigint NOT NULL
);

-- Whom a login name belongs to. Names given up stay with their person, not current, so that nobody inherits them.
CREATE TABLE accounts_login_kept (
    login   bytea PRIMARY KEY,
    person  bytea NOT NULL,
    current bigint NOT NULL
);

CREATE INDEX accounts_login_kept_by_person ON accounts_login_kept (person);

-- seen: the day of the last use, so that the table tells no habits and is seldom written.
CREATE TABLE accounts_session_kept (
    token   bytea PRIMARY KEY,
    session bytea NOT NULL UNIQUE,
    person  bytea NOT NULL,
    seen    bigint NOT NULL
);

CREATE INDEX accounts_session_kept_by_person ON accounts_session_kept (person);

-- Devices on which a person has signed in: what others guess at elsewhere does not lock them out here.
CREATE TABLE accounts_device_kept (
    person bytea NOT NULL,
    device bytea NOT NULL,
    seen   bigint NOT NULL,
    PRIMARY KEY (person, device)
);

-- Failed sign-ins of an account, so that a restart gives nobody a fresh start.
CREATE TABLE accounts_guess_kept (
    key      bytea PRIMARY KEY,
    failures bigint NOT NULL,
    last     bigint NOT NULL
);

-- How many events an import's unit had, the closing note included: which ones to take back.
CREATE TABLE accounts_import_kept (
    import bytea PRIMARY KEY,
    events bigint NOT NULL
);
