-- What whoever plans has seen to hold a mailing up, and until when it may go
-- out at all: for workers, who see the ledger and not the publications.
ALTER TABLE mailing ADD COLUMN held      TEXT;
ALTER TABLE mailing ADD COLUMN not_after INTEGER;
