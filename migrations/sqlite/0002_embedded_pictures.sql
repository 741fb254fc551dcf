-- Pictures that are parts of a mail's HTML, by edition.
--
-- Their bytes lie with the attachments, by content: a picture that every
-- language and segment shows is there once, and no delivery has a copy. What
-- was frozen before this has none, and is sent as it was.
CREATE TABLE embedded_picture (
    mailing     TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    segment     TEXT    NOT NULL,
    -- In the order in which they stand in the message.
    position    INTEGER NOT NULL CHECK (position >= 0),
    -- RFC 2045 section 7, without angle brackets.
    content_id  TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    media_type  TEXT    NOT NULL,
    bytes       TEXT    NOT NULL REFERENCES attachment (sha256),
    PRIMARY KEY (mailing, language, segment, position),
    FOREIGN KEY (mailing, language, segment) REFERENCES edition (mailing, language, segment)
) STRICT, WITHOUT ROWID;
