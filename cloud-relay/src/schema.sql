-- The relay's directory. Times are seconds since 1970, UTC. Holds no key of a school, only public ones.
CREATE TABLE IF NOT EXISTS schools (
    school  TEXT PRIMARY KEY,
    -- The edge's public link key; NULL until enrolled and after revocation.
    key     BLOB UNIQUE CHECK (key IS NULL OR length(key) = 32),
    -- Grows whenever the key is replaced or revoked.
    epoch   INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS names (
    name    TEXT PRIMARY KEY,
    school  TEXT NOT NULL REFERENCES schools (school)
) STRICT;

CREATE TABLE IF NOT EXISTS tokens (
    lookup   BLOB PRIMARY KEY CHECK (length(lookup) = 16),
    -- Both follow from the token; the token follows from neither.
    proof    BLOB NOT NULL CHECK (length(proof) = 32),
    school   TEXT NOT NULL REFERENCES schools (school),
    replaces INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    -- The key that used the token; the same key may ask again, because an answer can get lost.
    used_by  BLOB
) STRICT;

-- One row; grows with every change, so that a running relay notices what the command line did.
CREATE TABLE IF NOT EXISTS revision (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO revision (only, value) VALUES (1, 0);

-- Schools' logs that this relay witnesses: how far each had come when it was cosigned last, and its root. Nothing else of a log is
-- ever here.
CREATE TABLE IF NOT EXISTS logs (
    origin TEXT PRIMARY KEY,
    -- Who said so, and with which key, where it was learnt from the school itself; one log a school. NULL where the key stands in the
    -- configuration.
    school TEXT UNIQUE REFERENCES schools (school),
    key    TEXT,
    size   INTEGER NOT NULL DEFAULT 0,
    -- NULL until something was cosigned.
    root   BLOB CHECK (root IS NULL OR length(root) = 32)
) STRICT;

-- Keys of logs that have handed over to a successor, with proof: the key of before is believed no more.
CREATE TABLE IF NOT EXISTS handovers (
    origin    TEXT NOT NULL,
    key       TEXT NOT NULL,
    successor TEXT NOT NULL,
    PRIMARY KEY (origin, key)
) STRICT;
