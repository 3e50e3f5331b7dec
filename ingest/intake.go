package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// wrongEnough is how many alerts of a request may be wrong. After that the
	// rest is left unread.
	wrongEnough = 100
	// problemsNamed is how many of those the answer names.
	problemsNamed = 10
	// longestReason is how long the reason for one wrong alert may be, in bytes.
	longestReason = 2 * ticket.MaxLogged
	// usualPairs is how many labels most alerts have at most.
	usualPairs = 16
	// atOnce is how many alerts of a request are handed on together. What is made
	// of them takes more memory than they do.
	atOnce = 1000
	// lookUp is how many alerts are read before the reader looks whether the
	// sender is still there.
	lookUp = 64
)

// Problem is one alert of a request that could not be taken.
type Problem struct {
	Index  int // in the request, from 0
	Reason string
}

// parsed is a request's body after reading.
type parsed struct {
	ticket.Batch
	problems []Problem
	unread   int  // alerts after those, which were not looked at
	full     bool // because the request has more than are taken at once
	cut      int  // alerts of which only a part is kept
	test     bool // it only tries the way here
	ours     bool // it is a mail of our own that came back
}

// intake reads the alerts of one body, one by one. Besides the body it holds
// only what it keeps of the alerts that it takes.
type intake struct {
	parsed
	r      reader
	fields fields
	known  []string // the fields that an alert has
	most   int      // alerts that are taken
	read   int      // alerts that were looked at
	right  int      // right ones, those that were handed on included
	// hand takes some of the alerts before the others are read; nil: nobody does.
	// It is not called if a later part of the body is not JSON.
	hand  func(context.Context, []ticket.Alert) error
	whole bool // the whole body is known to be JSON
	err   error
	s     *Source
	// alert makes an alert of fields that are right, or says what is wrong.
	alert func(f *fields) (ticket.Alert, string)
}

func newIntake(data []byte, s *Source, known []string) *intake {
	in := &intake{r: newReader(data), known: known, most: s.MaxAlerts, s: s}
	in.fields.labels.list = make([]pair, 0, usualPairs)
	in.fields.annotations.list = make([]pair, 0, usualPairs)
	return in
}

// list reads a list of alerts. It is false if the list is not JSON, or if
// nobody waits for it any more.
func (in *intake) list(ctx context.Context) bool {
	return in.r.elements(func() bool {
		i := in.read + in.unread
		if i%lookUp == 0 && ctx.Err() != nil {
			return false
		}
		if in.full = in.full || in.right >= in.most; in.full || len(in.problems) >= wrongEnough {
			in.unread++
			return in.r.skip()
		}
		in.read++
		if !in.fields.read(&in.r, in.known) {
			return false
		}
		in.keep(i)
		return in.handOn(ctx)
	})
}

// handOn hands the alerts on if there are enough. It is false if that failed.
func (in *intake) handOn(ctx context.Context) bool {
	if in.hand == nil || len(in.Alerts) < atOnce {
		return true
	}
	if in.whole = in.whole || in.r.listEnds(); !in.whole {
		return false
	}
	in.err = in.hand(ctx, in.Alerts)
	in.Alerts = nil // whoever took them may keep the list
	return in.err == nil
}

// listEnds reports whether the rest of a list is JSON, and nothing follows it.
// r does not move.
func (r reader) listEnds() bool {
	for r.is(',') {
		if !r.skip() {
			return false
		}
	}
	return r.is(']') && r.ended()
}

func (in *intake) keep(i int) {
	f := &in.fields
	if f.wrong != "" {
		in.refuse(i, f.wrong)
		return
	}
	alert, reason := in.alert(f)
	if reason != "" {
		in.refuse(i, reason)
		return
	}
	in.s.add(&alert)
	if alert.Bound(f.leftOut()) {
		in.cut++
	}
	in.right++
	in.Alerts = append(in.Alerts, alert)
}

func (in *intake) refuse(i int, reason string) {
	in.problems = append(in.problems, Problem{Index: i, Reason: ticket.Cut(reason, longestReason)})
}

// failed says why the body could not be read to its end.
func (in *intake) failed(ctx context.Context) error {
	if in.err != nil {
		return in.err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the sender has gone: %w", err)
	}
	return explain(in.r.data)
}

// complaint says what is wrong with a request whose other alerts were taken;
// nil if nothing is.
func (p *parsed) complaint(s *Source, accepted int) error {
	if len(p.problems) == 0 && p.unread == 0 {
		return nil
	}
	said := make([]string, 0, problemsNamed+2)
	for _, p := range p.problems[:min(len(p.problems), problemsNamed)] {
		said = append(said, fmt.Sprintf("alerts[%d]: %s", p.Index, p.Reason))
	}
	if more := len(p.problems) - problemsNamed; more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	switch {
	case p.full:
		said = append(said, fmt.Sprintf("%d alerts are taken of a request at most, and %d were left out: raise sources.%s.max_alerts, or send less at once",
			s.MaxAlerts, p.unread, s.Name))
	case p.unread > 0:
		said = append(said, fmt.Sprintf("the %d after the first %d that are wrong were not read", p.unread, wrongEnough))
	}
	text := strings.Join(said, "; ")
	if accepted > 0 {
		text += fmt.Sprintf(" (the other %d were taken)", accepted)
	}
	return errors.New(text)
}
