package ingest

import (
	"testing"
	"time"
)

// TestWords: what each source last said.
func TestWords(t *testing.T) {
	now := time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)
	h := New(Options{Sources: []Source{{Name: "b", Type: "alertmanager"}, {Name: "a", Type: "alertmanager"}}})
	h.refusals.accepted("a", now)
	h.refusals.refused("a", "no JSON", now.Add(time.Minute))
	h.refusals.refused("a", "still none", now.Add(2*time.Minute))
	h.refusals.accepted("gone", now)
	words := h.Words()
	if len(words) != 2 || words[1] != (Word{Source: "b", Type: "alertmanager"}) ||
		words[0] != (Word{Source: "a", Type: "alertmanager", HeardAt: now, RefusedAt: now.Add(time.Minute), Reason: "still none"}) {
		t.Errorf("%+v", words)
	}
	h.refusals.tested("a", now.Add(2*time.Minute))
	h.refusals.accepted("a", now.Add(3*time.Minute))
	if words := h.Words(); !words[0].RefusedAt.IsZero() || !words[0].TestedAt.Equal(now.Add(2*time.Minute)) || !words[0].HeardAt.Equal(now.Add(3*time.Minute)) {
		t.Errorf("%+v", words)
	}
}
