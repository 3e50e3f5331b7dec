package source

import (
	"context"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/ingest"
)

// The states of a source.
const (
	stateWell    = "well"
	stateRefused = "refused" // all of its requests are
	stateSilent  = "silent"  // it was never heard of, or not for as long as it may be silent
)

// known is what is known of a source, as the API tells it.
type known struct {
	Name         string          `json:"name"`
	Type         string          `json:"type"`
	State        string          `json:"state"`
	HeardAt      time.Time       `json:"heard_at,omitzero"`      // its last request that was taken
	TestedAt     time.Time       `json:"tested_at,omitzero"`     // its last test message
	RefusedSince time.Time       `json:"refused_since,omitzero"` // all of its requests are refused since then
	Reason       string          `json:"reason,omitempty"`
	Counts       ingest.Counts   `json:"counts"` // since this daemon's start
	Taken        *ingest.Request `json:"taken,omitempty"`
	Refused      *ingest.Request `json:"refused,omitempty"`
	Strange      *ingest.Request `json:"strange,omitempty"`
}

// knownOf puts together what this daemon remembers of a source, and what is written down.
func (p *Pages) knownOf(said *ingest.Said, stored word, now time.Time) known {
	w := wordOf(said).with(stored)
	k := known{
		Name: said.Source, Type: said.Type, State: stateWell, HeardAt: said.HeardAt, TestedAt: said.TestedAt,
		RefusedSince: said.RefusedAt, Reason: said.Reason, Counts: said.Counts, Taken: w.Taken, Refused: w.Refused, Strange: w.Strange,
	}
	if w.Taken != nil && w.Taken.At.After(k.HeardAt) {
		k.HeardAt = w.Taken.At
		if k.HeardAt.After(k.RefusedSince) {
			k.RefusedSince, k.Reason = time.Time{}, "" // another daemon took one
		}
	}
	if w.Taken != nil && w.Taken.Test && w.Taken.At.After(k.TestedAt) {
		k.TestedAt = w.Taken.At
	}
	if r := w.Refused; k.RefusedSince.IsZero() && r != nil && r.At.After(k.HeardAt) && r.Status != http.StatusServiceUnavailable {
		k.RefusedSince, k.Reason = r.At, r.Reason // another daemon refused it, or this one before its start
	}
	after := p.SilentAfter(said.Source)
	switch {
	case !k.RefusedSince.IsZero():
		k.State = stateRefused
	case k.HeardAt.IsZero(), after > 0 && now.Sub(k.HeardAt) >= after:
		k.State = stateSilent
	}
	return k
}

// Short is a source in a list.
type Short struct {
	Name, Type   string
	HeardAt      time.Time // its last request that was taken; zero: none is known
	TestedAt     time.Time // its last test message; zero: none is known
	RefusedSince time.Time // all of its requests are refused since then; zero: they are not
	Reason       string    // why; it is masked
	Silent       bool      // nothing was heard of it, or not for as long as it may be silent
}

// Shorts is what the daemons of the store know of every source, in the order of their
// names.
func (p *Pages) Shorts(ctx context.Context) []Short {
	var list []Short
	for _, k := range p.all(ctx) {
		list = append(list, Short{k.Name, k.Type, k.HeardAt, k.TestedAt, k.RefusedSince, p.Door.Masked(k.Name, []byte(k.Reason)), k.State == stateSilent})
	}
	return list
}

// all is what is known of every source, in the order of their names. What is written
// down is left out while the store is away.
func (p *Pages) all(ctx context.Context) []known {
	stored, _ := p.Book.all(ctx)
	now := p.Engine.Now()
	list := []known{}
	for _, w := range p.Door.Words() {
		if said, ok := p.Door.Said(w.Source); ok {
			list = append(list, p.knownOf(&said, stored[w.Source], now))
		}
	}
	return list
}

// posted is what a request posted.
type posted struct {
	body  []byte // as it came, or masked if this daemon has not heard it
	text  string // masked
	whole bool   // none of it was left out
	here  bool   // this daemon has it as it came
}

// posted finds what the last request of an outcome posted; false if that is not known.
func (p *Pages) posted(ctx context.Context, source, outcome string, r *ingest.Request) (posted, bool) {
	if r == nil || r.Length == 0 || outcome == outcomeStrange {
		return posted{}, false
	}
	if r.Body != nil {
		return posted{body: r.Body, text: p.Door.Masked(source, r.Body), whole: r.Whole(), here: true}, true
	}
	stored, ok := p.Book.payload(ctx, source, outcome, r.At)
	return posted{body: []byte(stored.Text), text: stored.Text, whole: stored.Whole}, ok
}
