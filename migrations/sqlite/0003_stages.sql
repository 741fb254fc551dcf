-- How far each try had come, with whom, and how long it took; and the mailing
-- that pauses itself.
--
-- Attempts name their delivery by its number from now on. Its id ends in a
-- digest, so an index of ids is written to at random: of a million attempts
-- every other would have dirtied a page of its own. Numbers are in the order
-- in which rows are claimed. What was written down before is carried over as
-- it stands; dropping the old table fires none of its triggers.
CREATE TABLE attempt_with_stage (
    number      INTEGER PRIMARY KEY,
    delivery    INTEGER NOT NULL REFERENCES delivery (number),
    at          INTEGER NOT NULL,
    outcome     TEXT    NOT NULL CHECK (outcome IN ('accepted', 'deferred', 'refused', 'unsure')),
    -- Where it ended; NULL for what no server was asked about.
    stage       TEXT    CHECK (stage IN (
                    'connect', 'tls', 'auth', 'mail', 'rcpt', 'data', 'body', 'reply')),
    -- SMTP reply code (RFC 5321 section 4.2) and enhanced code (RFC 3463).
    code        INTEGER,
    enhanced    TEXT,
    text        TEXT    NOT NULL,
    server      TEXT,
    -- Milliseconds from the first byte to the answer.
    took        INTEGER CHECK (took >= 0),
    -- The person by whose word, where it was no server's.
    by          TEXT
) STRICT;

INSERT INTO attempt_with_stage (number, delivery, at, outcome, code, text)
SELECT attempt.number, delivery.number, attempt.at, attempt.outcome, attempt.code, attempt.text
  FROM attempt JOIN delivery ON delivery.id = attempt.delivery
 ORDER BY attempt.number;

DROP TABLE attempt;
ALTER TABLE attempt_with_stage RENAME TO attempt;

CREATE INDEX attempt_delivery ON attempt (delivery, number);

CREATE TRIGGER attempt_never_changes BEFORE UPDATE ON attempt
BEGIN SELECT RAISE (ABORT, 'attempts are append-only'); END;

CREATE TRIGGER attempt_never_goes BEFORE DELETE ON attempt
BEGIN SELECT RAISE (ABORT, 'attempts are append-only'); END;

-- A paused mailing gives out no rows. `watched_from` is the attempt after
-- which refusals count towards the next pause: moved up when somebody resumes.
ALTER TABLE mailing ADD COLUMN paused_at    INTEGER;
ALTER TABLE mailing ADD COLUMN pause_reason TEXT;
ALTER TABLE mailing ADD COLUMN watched_from INTEGER NOT NULL DEFAULT 0;
