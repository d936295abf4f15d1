-- The log and what guards it. Rows of kernel_event are only ever added; an erasure may empty a body or an entry.

CREATE TABLE kernel_meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- before: the position of the previous event of the same stream, 0 for its first. Walking back from a stream's head reads
-- its history without an index page of its own for every event.
-- sum: the first four bytes of the entry's leaf hash. The tree proves that an entry was changed, this tells which one.
CREATE TABLE kernel_event (
    position INTEGER PRIMARY KEY,
    before   INTEGER NOT NULL,
    sum      INTEGER NOT NULL,
    entry    BLOB,
    body     BLOB
);

CREATE TRIGGER kernel_event_is_append_only BEFORE DELETE ON kernel_event
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

CREATE TRIGGER kernel_event_changes_only_by_erasure BEFORE UPDATE ON kernel_event
WHEN NEW.position IS NOT OLD.position OR NEW.before IS NOT OLD.before OR NEW.sum IS NOT OLD.sum
    OR (NEW.entry IS NOT NULL AND NEW.entry IS NOT OLD.entry)
    OR (NEW.body IS NOT NULL AND NEW.body IS NOT OLD.body)
BEGIN
    SELECT RAISE(ABORT, 'an event never changes');
END;

-- Where each stream ends, as of kernel_head.streams_at; later heads follow from the events after that.
CREATE TABLE kernel_stream (
    stream  BLOB PRIMARY KEY,
    head    INTEGER NOT NULL,
    version INTEGER NOT NULL
) WITHOUT ROWID;

-- Complete tiles of 256 hashes (C2SP tlog-tiles); the unfinished right edge follows from the events.
CREATE TABLE kernel_tile (
    level  INTEGER NOT NULL,
    idx    INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) WITHOUT ROWID;

CREATE TABLE kernel_head (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    size       INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    root       BLOB NOT NULL,
    frontier   BLOB NOT NULL,
    streams_at INTEGER NOT NULL
);

CREATE TABLE kernel_checkpoint (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
);

-- Values that must be unique, as keyed hashes.
CREATE TABLE kernel_claim (
    scope    TEXT NOT NULL,
    value    BLOB NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (scope, value)
) WITHOUT ROWID;

-- Idempotency keys and what they led to.
CREATE TABLE kernel_once (
    key   BLOB PRIMARY KEY,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    at    INTEGER NOT NULL
) WITHOUT ROWID;

-- How far each reaction has come.
CREATE TABLE kernel_cursor (
    name     TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;
