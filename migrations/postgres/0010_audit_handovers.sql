-- Keys of other schools' logs that have handed over to a successor, with proof: the key of before is believed no more.
CREATE TABLE audit_handover_kept (
    origin    text COLLATE "C" NOT NULL,
    key       text COLLATE "C" NOT NULL,
    successor text NOT NULL,
    PRIMARY KEY (origin, key)
);
