-- The keys of a school whose log is on a server, in a database of their own: never that of the log, and in none of its backups. What
-- lies here is sealed under a master key that is in no database, but in a file on each machine.

-- One row. epoch: how often the keys have been written anew; length: how many bytes they have; is_unwritten: whether what an erasure
-- has replaced may still lie in the write-ahead log. Every change compares the first two and sets them.
CREATE TABLE kernel_keyring (
    id           bigint PRIMARY KEY CHECK (id = 1),
    epoch        bigint NOT NULL,
    length       bigint NOT NULL,
    is_unwritten boolean NOT NULL
);

INSERT INTO kernel_keyring (id, epoch, length, is_unwritten) VALUES (1, 0, 0, false);

-- The sealed bytes in the order of their start, as they were added.
CREATE TABLE kernel_keyring_piece (
    start bigint PRIMARY KEY,
    bytes bytea NOT NULL
);

-- What is sealed does not compress: no time is spent on trying.
ALTER TABLE kernel_keyring_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Each epoch's master key, sealed under that of the epoch before: so machines that were not there when it was drawn come to it.
CREATE TABLE kernel_keyring_master (
    epoch  bigint PRIMARY KEY,
    sealed bytea NOT NULL,
    drawn  timestamptz NOT NULL DEFAULT now()
);
