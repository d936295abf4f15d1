-- Keys of other schools' logs that have handed over to a successor, with proof: the key of before is believed no more.
CREATE TABLE audit_handover_kept (
    origin    TEXT NOT NULL,
    key       TEXT NOT NULL,
    successor TEXT NOT NULL,
    PRIMARY KEY (origin, key)
) WITHOUT ROWID;
