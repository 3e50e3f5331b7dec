package spool

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Record is what one request of a monitoring tool said, or a note of how far
// the merging has come.
type Record struct {
	Seq uint64    `json:"-"` // rises with each record
	At  time.Time `json:"-"` // accepted; later than that of the record before

	Since         time.Time      `json:"since,omitzero"` // the store was away since then
	Source        string         `json:"source,omitempty"`
	Alerts        []ticket.Alert `json:"alerts,omitempty"`
	ResolveGroups []string       `json:"resolve_groups,omitempty"`

	// Moved is set in notes alone.
	Moved *Moved `json:"moved,omitempty"`
}

// Moved notes that a ticket which was opened while the store was away is in
// the store now.
type Moved struct {
	From string `json:"from"` // its number until then
	To   string `json:"to"`   // and since
}

// header is the body of the first frame.
type header struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
}

const version = 1

func (f *frame) record() (r Record, err error) {
	if err := json.Unmarshal(f.body, &r); err != nil {
		return r, fmt.Errorf("record %d: %w", f.seq, err)
	}
	r.Seq, r.At = f.seq, f.at
	return r, nil
}
