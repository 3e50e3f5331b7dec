package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// hasSheets says whether people say what tickets are about: in a third of the
// worlds. What a failover takes back nobody wrote.
func (s *sim) hasSheets() bool {
	return !s.plan.kinds["failover"] && rand.New(rand.NewPCG(s.seed, 78)).IntN(3) == 0
}

// simEdit is a change of what is said of a ticket, and what its author was told.
type simEdit struct {
	number, word string
	status       int // 0: nothing
}

// scriptSheets has two people at a time change the same ticket while things go
// wrong: both saw the same state of it.
func (s *sim) scriptSheets(add func(time.Duration, string, func())) {
	if !s.hasSheets() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 79))
	for i := range 2 + rng.IntN(6) {
		at := 20*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-20*time.Second)))
		add(at, "two people say what a ticket is about", func() {
			number := s.someTicket()
			if number == "" {
				return
			}
			s.beside(func() {
				tag := s.tagOf(number)
				for k, who := range []string{"alice", "bruno"} {
					s.beside(func() { s.qualifies(number, tag, who, fmt.Sprintf("word %d %d", i, k)) })
				}
			})
		})
	}
}

// tagOf is the ETag of a ticket as a daemon tells it; if none does, any.
func (s *sim) tagOf(number string) string {
	_, _, tag := s.send(http.MethodGet, number, "", nil)
	if tag == "" {
		return ticket.AnyTag
	}
	return tag
}

func (s *sim) qualifies(number, tag, who, word string) {
	status, said, _ := s.send(http.MethodPatch, number, tag, map[string]string{"equipment": word, "person": who})
	s.tell("%s says %q of %s, seen as %s: %d %.120s", who, word, number, tag, status, said)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edits = append(s.edits, simEdit{number, word, status})
}

// send asks one of the daemons about a ticket or a part of it, or changes it.
func (s *sim) send(method, number, tag string, payload any) (status int, answer, etag string) {
	body, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, publicURL+"/api/v1/tickets/"+number, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	if tag != "" {
		req.Header.Set("If-Match", tag)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err.Error(), ""
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(bytes.TrimSpace(text)), resp.Header.Get("ETag")
}

// judgeSheets: what was answered 200 is in the timeline once, what was refused is
// not, and the sheet is what the last line says.
func (h *history) judgeSheets() {
	s := h.s
	s.mu.Lock()
	edits := s.edits
	s.mu.Unlock()
	times, views := map[string]int{}, map[string]*ticket.View{}
	for _, e := range edits {
		if views[e.number] != nil {
			continue
		}
		view, err := s.memory.View(context.Background(), e.number)
		if err != nil || h.tickets[e.number] == nil || h.tickets[e.number].lost {
			continue
		}
		views[e.number] = &view
		lines, last := 0, ""
		for i := range view.Timeline {
			if entry := &view.Timeline[i]; entry.Kind == ticket.EntryQualified {
				lines++
				if edited := entry.Args.Edited[0]; edited.Field == "equipment" {
					last = edited.Is
					times[e.number+last]++
				}
			}
		}
		switch {
		case view.Sheet == nil && lines > 0, view.Sheet != nil && (view.Sheet.Qualified.Version != lines || view.Sheet.Equipment != last):
			s.problem("sheet", "%s has %d changes in its timeline, the last %q, and the sheet %+v", e.number, lines, last, view.Sheet)
		}
	}
	for _, e := range edits {
		if views[e.number] == nil {
			continue
		}
		switch n := times[e.number+e.word]; {
		case n > 1, e.status == http.StatusOK && n != 1:
			s.problem("sheet", "%q was said of %s and answered %d, and is there %d times", e.word, e.number, e.status, n)
		case e.status == http.StatusPreconditionFailed && n > 0:
			s.problem("sheet", "%q was refused for %s, and is there", e.word, e.number)
		}
	}
}
