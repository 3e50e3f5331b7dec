-- +goose Up

-- Lists of what is open, in other orders than that of the opening, do not pass
-- over what is closed.
CREATE INDEX tickets_open_due ON tickets (due_at, id) WHERE closed_at = 0;
CREATE INDEX tickets_open_urgency ON tickets (urgency, id) WHERE closed_at = 0;
CREATE INDEX tickets_open_updated ON tickets (updated_at, id) WHERE closed_at = 0;
