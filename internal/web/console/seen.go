package console

import (
	"strconv"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// seenBefore is what a ticket's page says of those before it.
type seenBefore struct {
	Title, Solved       string // Title: how often; empty: never
	Synthesis, Restored string
	Number              string // of the one that was solved last
	Which               []seenLine
}

type seenLine struct{ Number, At string }

func seenOf(who *reader, v *look.Viewer, seen *ticket.SeenBefore) (s seenBefore) {
	if seen == nil {
		return s
	}
	w := &who.words.Work
	s.Title = lang.Fill(w.SeenBefore, "n", strconv.Itoa(seen.Count))
	if last := seen.Last; last != nil {
		s.Number, s.Synthesis, s.Restored = last.Number, last.Synthesis, last.Restored
		if s.Solved = lang.Fill(w.LastSolved, "at", v.At(last.ResolvedAt), "who", v.Name(last.ResolvedBy)); last.ResolvedBy == "" {
			s.Solved = lang.Fill(w.LastOver, "at", v.At(last.ResolvedAt))
		}
	}
	for i := range seen.Which {
		s.Which = append(s.Which, seenLine{seen.Which[i].Number, v.At(seen.Which[i].OpenedAt)})
	}
	return s
}
