-- The ledger: what was planned, tried, answered and opted out.
--
-- Moments are milliseconds since 1970-01-01 UTC. Names of states, reasons and
-- outcomes are those of `model::mailing`; the CHECKs repeat them so that a
-- hand at the SQL prompt cannot invent one.

-- "hlas" in ASCII: tells our files from other people's databases.
PRAGMA application_id = 1751933299;

-- A publication going to its segments, frozen.
CREATE TABLE mailing (
    slug        TEXT    PRIMARY KEY,
    frozen_at   INTEGER NOT NULL,
    -- 0 when `--only` froze just some: a later freeze may add the others.
    complete    INTEGER NOT NULL CHECK (complete IN (0, 1)),
    -- Counted from the plan, never from the rows below: this is what the
    -- books are balanced against.
    candidates  INTEGER NOT NULL CHECK (candidates >= 0)
) STRICT;

-- Attachments by their content, because every segment of a language carries
-- the same PDF.
CREATE TABLE attachment (
    sha256      TEXT    PRIMARY KEY,
    bytes       BLOB    NOT NULL
) STRICT;

-- What is said in one language to one segment, byte for byte as planned.
CREATE TABLE edition (
    mailing           TEXT NOT NULL REFERENCES mailing (slug),
    language          TEXT NOT NULL,
    segment           TEXT NOT NULL,
    subject           TEXT NOT NULL,
    from_name         TEXT NOT NULL,
    greeting          TEXT NOT NULL,
    html              TEXT NOT NULL,
    text              TEXT NOT NULL,
    attachment        TEXT REFERENCES attachment (sha256),
    attachment_name   TEXT,
    attachment_type   TEXT,
    PRIMARY KEY (mailing, language, segment)
) STRICT;

-- One mailing to one subscriber. `number` keeps the order of the plan.
CREATE TABLE delivery (
    number      INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    mailing     TEXT    NOT NULL REFERENCES mailing (slug),
    subscriber  TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    salutation  TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    segment     TEXT    NOT NULL,
    frozen_at   INTEGER NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN (
                    'pending', 'claimed', 'handing-over',
                    'accepted', 'deferred', 'refused', 'unsure')),
    -- Who holds it and until when, while claimed or being handed over.
    worker      TEXT,
    lease_until INTEGER,
    -- When a deferred one is due again.
    next_try    INTEGER,
    UNIQUE (mailing, subscriber),
    FOREIGN KEY (mailing, language, segment) REFERENCES edition (mailing, language, segment)
) STRICT;

-- Claims read the next few of very many, so each kind of claim has an index
-- that holds only the rows it may take, in the order it takes them.
CREATE INDEX delivery_pending      ON delivery (mailing, number)   WHERE state = 'pending';
CREATE INDEX delivery_due          ON delivery (mailing, next_try) WHERE state = 'deferred';
-- Recovery after a crash looks for these; there are never more than a batch.
CREATE INDEX delivery_claimed      ON delivery (lease_until)       WHERE state = 'claimed';
CREATE INDEX delivery_handing_over ON delivery (lease_until)       WHERE state = 'handing-over';

-- Who was in a segment and gets nothing, and why.
CREATE TABLE exclusion (
    mailing     TEXT    NOT NULL REFERENCES mailing (slug),
    subscriber  TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    PRIMARY KEY (mailing, subscriber)
) STRICT, WITHOUT ROWID;

-- Each try at a delivery. Append-only, and the triggers mean it.
CREATE TABLE attempt (
    number      INTEGER PRIMARY KEY,
    delivery    TEXT    NOT NULL REFERENCES delivery (id),
    at          INTEGER NOT NULL,
    outcome     TEXT    NOT NULL CHECK (outcome IN ('accepted', 'deferred', 'refused', 'unsure')),
    -- SMTP reply code (RFC 5321 section 4.2), where there was one.
    code        INTEGER,
    text        TEXT    NOT NULL
) STRICT;

CREATE INDEX attempt_delivery ON attempt (delivery, number);

CREATE TRIGGER attempt_never_changes BEFORE UPDATE ON attempt
BEGIN SELECT RAISE (ABORT, 'attempts are append-only'); END;

CREATE TRIGGER attempt_never_goes BEFORE DELETE ON attempt
BEGIN SELECT RAISE (ABORT, 'attempts are append-only'); END;

-- Who must not be written to any more.
CREATE TABLE suppression (
    subscriber  TEXT    PRIMARY KEY,
    reason      TEXT    NOT NULL,
    since       INTEGER NOT NULL
) STRICT;
