package escalation

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// errandWrites are the records of what a commit on a ticket's revision leaves to be done.
func errandWrites(errands []ticket.Errand, revision int64, now time.Time) ([]records.Write, error) {
	var writes []records.Write
	for i := range errands {
		value, err := json.Marshal(&errands[i])
		if err != nil {
			return nil, fmt.Errorf("escalation: write an errand: %w", err)
		}
		key := errands[i].Ticket + " " + ticket.EffectOrder(revision, i)
		writes = append(writes, records.Write{Kind: ticket.ErrandRecords, Key: key, Value: value, Due: now})
	}
	return writes, nil
}

// errand leaves something to be done to what has another home.
func (s *stepper) errand(e Acted, what ticket.Errand) {
	what.Ticket, what.By, what.At = s.t.Number, e.Actor, s.Now
	s.errands = append(s.errands, what)
}
