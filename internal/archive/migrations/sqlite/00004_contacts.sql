-- +goose Up

-- What lists of a month count and lead to: whether a time was guaranteed, and when
-- somebody picked the ticket up.
ALTER TABLE tickets ADD COLUMN promised BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN picked_up_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tickets_customer_resolved ON tickets (customer, resolved_at) WHERE resolved_at > 0;

-- Who a ticket is about: a contact's id, an address in lower case, the end of a number.
CREATE TABLE parties (
    ticket INTEGER NOT NULL REFERENCES tickets (id),
    role   TEXT NOT NULL,
    contact TEXT NOT NULL,
    email  TEXT NOT NULL,
    phone  TEXT NOT NULL,
    PRIMARY KEY (ticket, role)
) WITHOUT ROWID;
CREATE INDEX parties_contact ON parties (contact, ticket) WHERE contact <> '';
CREATE INDEX parties_email ON parties (email, ticket) WHERE email <> '';
CREATE INDEX parties_phone ON parties (phone, ticket) WHERE phone <> '';

-- A contact of a customer. Place is its name as lists are sorted by; times are
-- microseconds since 1970, 0 for none; what is read of one is JSON.
CREATE TABLE contacts (
    id       TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    ref      TEXT NOT NULL,
    place    TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    body     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX contacts_place ON contacts (place, id);
CREATE INDEX contacts_customer ON contacts (customer, place, id);
CREATE UNIQUE INDEX contacts_ref ON contacts (customer, ref) WHERE ref <> '';

-- What a contact is found by: words, addresses (mail), numbers (phone: each beginning of
-- one; line: its end).
CREATE TABLE contact_keys (
    contact  TEXT NOT NULL REFERENCES contacts (id),
    customer TEXT NOT NULL,
    kind     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (contact, kind, value)
) WITHOUT ROWID;
CREATE INDEX contact_keys_value ON contact_keys (kind, value);
CREATE UNIQUE INDEX contact_keys_address ON contact_keys (customer, value) WHERE kind = 'address';

-- Tickets that still name a contact who was anonymised: they are in the store yet. No
-- role: the timeline alone does.
CREATE TABLE anonymising (
    ticket  INTEGER NOT NULL REFERENCES tickets (id),
    role    TEXT NOT NULL,
    contact TEXT NOT NULL,
    PRIMARY KEY (ticket, role)
) WITHOUT ROWID;
