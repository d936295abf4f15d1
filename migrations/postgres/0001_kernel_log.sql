-- The log and what guards it, as in migrations/sqlite. Whoever runs these steps owns the tables; the server may be another role
-- with fewer rights (kernel_grant in 0005). Texts are compared byte by byte, as SQLite does.

CREATE TABLE kernel_meta (
    name  text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

-- Where each stream ends, as of kernel_head.streams_at; later heads follow from the events after that.
CREATE TABLE kernel_stream (
    stream  bytea PRIMARY KEY,
    head    bigint NOT NULL,
    version bigint NOT NULL
);

-- Complete tiles of 256 hashes (C2SP tlog-tiles), from level 1 on; the others follow from the events.
CREATE TABLE kernel_tile (
    level  bigint NOT NULL,
    idx    bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, idx)
);

-- One row, there from the beginning: every append locks it, so that several machines append one after the other. Room in its
-- page keeps its many versions there.
CREATE TABLE kernel_head (
    id         bigint PRIMARY KEY CHECK (id = 1),
    size       bigint NOT NULL,
    at         bigint NOT NULL,
    root       bytea NOT NULL,
    frontier   bytea NOT NULL,
    streams_at bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO kernel_head (id, size, at, root, frontier, streams_at) VALUES (1, 0, 0, '', '', 0);

CREATE TABLE kernel_checkpoint (
    size bigint PRIMARY KEY,
    note text COLLATE "C" NOT NULL
);

-- Values that must be unique, as keyed hashes.
CREATE TABLE kernel_claim (
    scope    text COLLATE "C" NOT NULL,
    value    bytea NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (scope, value)
);

-- Idempotency keys and what they led to.
CREATE TABLE kernel_once (
    key   bytea PRIMARY KEY,
    first bigint NOT NULL,
    last  bigint NOT NULL,
    at    bigint NOT NULL
);

-- How far each reaction has come.
CREATE TABLE kernel_cursor (
    name     text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);
