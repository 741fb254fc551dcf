-- Where this ledger is at home, so that a copy of it does not send.
CREATE TABLE home (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    -- A digest of the machine's identity, and those of its network cards.
    machine     TEXT    NOT NULL,
    cards       TEXT    NOT NULL,
    -- The file, as the machine has it.
    place       TEXT    NOT NULL,
    -- One more with every run that may send. The same number stands in the
    -- lock beside the ledger: a copy from before has a smaller one.
    turn        INTEGER NOT NULL CHECK (turn >= 0),
    last_used   INTEGER NOT NULL,
    -- When somebody took it over; NULL where it has been from the beginning.
    adopted_at  INTEGER
) STRICT;
