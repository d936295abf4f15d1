-- Erasure: what may be missing, and where the log says so.

-- The positions of ErasureExecuted. A hint for verification, which believes the events, not this table.
CREATE TABLE kernel_erasure (
    position INTEGER PRIMARY KEY
);

-- An erasure may cut the personal ciphertext off a body, or drop the whole entry and leave its leaf hash where the body was.
DROP TRIGGER kernel_event_changes_only_by_erasure;

CREATE TRIGGER kernel_event_changes_only_by_erasure BEFORE UPDATE ON kernel_event
WHEN NEW.position IS NOT OLD.position OR NEW.before IS NOT OLD.before OR NEW.sum IS NOT OLD.sum
    OR (NEW.entry IS NOT NULL AND NEW.entry IS NOT OLD.entry)
    OR (NEW.body IS NOT NULL AND NEW.body IS NOT OLD.body
        AND NEW.body IS NOT substr(OLD.body, 1, length(NEW.body))
        AND NOT (NEW.entry IS NULL AND length(NEW.body) = 32))
BEGIN
    SELECT RAISE(ABORT, 'an event never changes');
END;
