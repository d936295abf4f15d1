-- Witnesses of this school's log, by their verifier key: since when they are asked (so that an alarm has a beginning), the size
-- that they cosigned last, and when (milliseconds since 1970, UTC; NULL before the first time).
CREATE TABLE audit_witness_kept (
    key   text COLLATE "C" PRIMARY KEY,
    since bigint NOT NULL,
    size  bigint NOT NULL,
    at    bigint
);

-- Logs of other schools that this machine witnesses: the largest tree it has cosigned, and nothing else about them.
CREATE TABLE audit_witnessed_kept (
    origin text COLLATE "C" PRIMARY KEY,
    size   bigint NOT NULL,
    root   bytea NOT NULL
);
