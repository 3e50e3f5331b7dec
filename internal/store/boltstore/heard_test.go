package boltstore

import (
	"errors"
	"fmt"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// If a repeat comes while its alert's silence is on its way to the disk, it
// does not count as a repeat, whether the silence is stored or not.
func TestHeardWhileItsSilenceIsWritten(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 1)
	if err := s.flushNow(t.Context()); err != nil { // the writer cannot ask itself
		t.Fatal(err)
	}
	records, err := s.Load(t.Context(), benchSource, []string{openingTest(1).Ticket.Number})
	if err != nil {
		t.Fatal(err)
	}
	silence := storetest.Next(records[0], nil)
	alert := openingTest(1).Alerts[0].Record
	silence.Alerts = []escalation.AlertChange{{Record: alert, Was: alert.Ticket, Heard: alert.LastAt}}
	silence.Alerts[0].Record.Status = ticket.Silent
	d, err := newDraft(benchSource, &silence)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for _, outcome := range []error{broken, nil} {
		err := s.write(t.Context(), 1, func(b *batch) error {
			if ok, err := b.change(&d); err != nil || !ok {
				return fmt.Errorf("refused: %w", err)
			}
			verdictTest(t, s, 1, escalation.Changed)
			return outcome
		})
		if !errors.Is(err, outcome) {
			t.Fatal(err)
		}
		if outcome != nil && countTest(t, s, 1) != 1 {
			t.Error("what is no repeat was counted as one")
		}
	}
	verdictTest(t, s, 1, escalation.Changed) // it is silent
	again := storetest.Next(records[0], nil)
	again.Revision, again.Alerts = 2, openingTest(1).Alerts
	again.Alerts[0].Was = alert.Ticket
	commitTest(t, s, again)
	verdictTest(t, s, 1, escalation.Repeat)
}
