-- +goose Up

-- When the first of the other promises is due whose clock runs, and whether one was missed
-- whose clock has stopped. due_at and stopped_at are the GTI's.
ALTER TABLE tickets ADD COLUMN next_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN missed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tickets_next ON tickets (next_at, id) WHERE next_at > 0;
