-- Erasure: where the log says so.

-- The positions of ErasureExecuted. A hint for verification, which believes the events, not this table.
CREATE TABLE kernel_erasure (
    position bigint PRIMARY KEY
);
