-- +goose Up

-- A ticket. Its id begins with the time of its opening, so that ids sort by it.
-- Times are microseconds since 1970, 0 for none; billable is -1 for nobody said.
CREATE TABLE tickets (
    id           BIGINT PRIMARY KEY,
    number       TEXT NOT NULL UNIQUE,
    source       TEXT NOT NULL,
    version      BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    state        TEXT NOT NULL,
    urgency      BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    origin       TEXT NOT NULL,
    customer     TEXT NOT NULL,
    site         TEXT NOT NULL,
    team         TEXT NOT NULL,
    tier         TEXT NOT NULL,
    assignee     TEXT NOT NULL,
    owner        TEXT NOT NULL,
    category     TEXT NOT NULL,
    equipment    TEXT NOT NULL,
    application  TEXT NOT NULL,
    domain       TEXT NOT NULL,
    service      TEXT NOT NULL,
    billable     BIGINT NOT NULL,
    opened_at    BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    stopped_at   BIGINT NOT NULL,
    resolved_at  BIGINT NOT NULL,
    closed_at    BIGINT NOT NULL,
    wording      BIGINT NOT NULL
);

CREATE INDEX tickets_open ON tickets (id) WHERE closed_at = 0;
CREATE INDEX tickets_closed ON tickets (closed_at) WHERE closed_at > 0;
CREATE INDEX tickets_customer ON tickets (customer, id);
CREATE INDEX tickets_assignee ON tickets (assignee, id);
CREATE INDEX tickets_team ON tickets (team, id);
CREATE INDEX tickets_category ON tickets (category, id);
CREATE INDEX tickets_equipment ON tickets (equipment, id);
CREATE INDEX tickets_updated ON tickets (updated_at, id);
CREATE INDEX tickets_due ON tickets (due_at, id);
CREATE INDEX tickets_urgency ON tickets (urgency, id);

-- What is read of a ticket alone: JSON, as the store has it.
CREATE TABLE bodies (
    ticket BIGINT PRIMARY KEY REFERENCES tickets (id),
    body   TEXT NOT NULL,
    alerts TEXT NOT NULL,
    sheet  TEXT NOT NULL
);

-- Its timeline, by the place of each line.
CREATE TABLE entries (
    ticket BIGINT NOT NULL REFERENCES tickets (id),
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (ticket, seq)
);

-- Its pages, by their keys.
CREATE TABLE pages (
    ticket BIGINT NOT NULL REFERENCES tickets (id),
    key    TEXT NOT NULL,
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    person TEXT NOT NULL,
    state  TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (ticket, key)
);

-- How far the stores' logs of changes are copied.
CREATE TABLE lanes (
    name     TEXT PRIMARY KEY,
    position BIGINT NOT NULL
);

-- The words of tickets, folded by us (words.go): those of the title have weight A.
CREATE TABLE words (
    ticket BIGINT PRIMARY KEY REFERENCES tickets (id),
    text   TSVECTOR NOT NULL
);

CREATE INDEX words_text ON words USING gin (text);
