-- How fast mail leaves, remembered across runs; and whose readers they are, so
-- that a claim can pass over a domain whose turn has not come.

-- What stands behind the last @: in a quoted name there may be others.
ALTER TABLE delivery ADD COLUMN domain TEXT NOT NULL DEFAULT '';
UPDATE delivery
   SET domain = lower(substr(address, length(rtrim(address, replace(address, '@', ''))) + 1));

-- With the domain in it, a claim that wants one domain, or all but some, finds
-- its rows without looking at the others. An index by domain would find them
-- sooner, but every claim would write to it at random, also where nobody has to
-- wait: whoever goes through many rows goes on behind the last instead.
DROP INDEX delivery_pending;
CREATE INDEX delivery_pending ON delivery (mailing, number, domain) WHERE state = 'pending';
CREATE INDEX delivery_due_of_domain ON delivery (mailing, domain, next_try)
    WHERE state = 'deferred';

-- One row for each whose messages are counted together: a domain, or `*` for
-- the whole house.
CREATE TABLE meter (
    bucket      TEXT    PRIMARY KEY,
    -- Microseconds since 1970-01-01 UTC, for rates of more than a thousand a
    -- second: the next message may not leave before that.
    next        INTEGER,
    -- The last day on which something left, of the house's own days; which such
    -- day it is, counted from 0; and how many left on it.
    day         TEXT,
    step        INTEGER,
    sent        INTEGER,
    -- Microseconds from one message to the next, as its servers taught us, and
    -- when (milliseconds).
    slowed_to   INTEGER,
    slowed_at   INTEGER,
    CHECK ((day IS NULL) = (step IS NULL) AND (day IS NULL) = (sent IS NULL)),
    CHECK ((slowed_to IS NULL) = (slowed_at IS NULL))
) STRICT, WITHOUT ROWID;
