-- +goose Up

-- The chain of each timeline: a salt and a link for each line, and a seal over all
-- that is kept of a ticket. Empty: it was copied before there was a chain.
ALTER TABLE entries ADD COLUMN salt TEXT NOT NULL DEFAULT '';
ALTER TABLE entries ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE bodies ADD COLUMN seal TEXT NOT NULL DEFAULT '';

-- What the last seal that a ticket had on a day (UTC) is made of: the place in its
-- chain, the link there, and the hash of the rest.
CREATE TABLE seals (
    day    TEXT NOT NULL,
    number TEXT NOT NULL,
    seq    BIGINT NOT NULL,
    link   TEXT NOT NULL,
    rest   TEXT NOT NULL,
    PRIMARY KEY (day, number)
) WITHOUT ROWID;
CREATE INDEX seals_number ON seals (number, day);

-- The heads of days that are over.
CREATE TABLE heads (
    day     TEXT PRIMARY KEY,
    tickets BIGINT NOT NULL,
    head    TEXT NOT NULL
) WITHOUT ROWID;

-- Timelines that were written anew, because the store lost a part: how they were.
CREATE TABLE rewritten (
    number TEXT NOT NULL,
    at     BIGINT NOT NULL,
    lines  TEXT NOT NULL,
    PRIMARY KEY (number, at)
) WITHOUT ROWID;
