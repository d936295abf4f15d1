-- Events lie packed in blocks. What kernel_event of an older log holds is moved when the log is opened, and the table goes.

-- The events of a commit, packed (edge/kernel/src/ledger/block.rs says how), under the position of the first. The event
-- at a position lies in the block with the greatest `first` up to it.
CREATE TABLE kernel_block (
    first INTEGER PRIMARY KEY,
    data  BLOB NOT NULL
);

-- A row lies here only while an erasure empties events; nothing else may change a block.
CREATE TABLE kernel_erasing (
    id INTEGER PRIMARY KEY CHECK (id = 1)
);

CREATE TRIGGER kernel_block_is_append_only BEFORE DELETE ON kernel_block
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

CREATE TRIGGER kernel_block_changes_only_by_erasure BEFORE UPDATE ON kernel_block
WHEN NEW.first IS NOT OLD.first OR NOT EXISTS (SELECT 1 FROM kernel_erasing)
BEGIN
    SELECT RAISE(ABORT, 'an event never changes');
END;

-- Numbers for ids that blocks name again and again: streams, pseudonyms, keys.
CREATE TABLE kernel_name (
    number INTEGER PRIMARY KEY,
    id     BLOB NOT NULL
);

CREATE TRIGGER kernel_name_is_append_only BEFORE DELETE ON kernel_name
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

CREATE TRIGGER kernel_name_never_changes BEFORE UPDATE ON kernel_name
BEGIN
    SELECT RAISE(ABORT, 'a name never changes');
END;

-- kernel_tile holds complete tiles from level 1 on. Those of level 0 are the leaves, which follow from the events.
