package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	// streamBeat is how often a stream says something though nothing happened, so
	// that no proxy takes it for dead.
	streamBeat = 15 * time.Second
	// streamAsks is how often a stream's caller is asked again who he is.
	streamAsks = 5 * time.Second
	// streamPart is how much of what happened is written at once, in bytes.
	streamPart = 4 << 10
	// streamRetry is when who found no place for a stream may come again.
	streamRetry = 10 * time.Second
)

// stream tells what happens until its caller goes, may no longer hear it, or the
// daemon stops. The parameter after is the id of the last event that a page has in it,
// for its first stream: browsers send Last-Event-ID when they come back alone.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, by Token) error {
	if r.Method == http.MethodHead {
		beginStream(w)
		return nil
	}
	reader, err := s.events.Subscribe(by.called(), cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")))
	if err != nil {
		return &refusal{status: http.StatusServiceUnavailable, code: "unavailable", message: err.Error(), after: streamRetry}
	}
	defer reader.Close()
	if !by.scope.All() {
		reader.Veil()
	}
	beginStream(w)
	out := http.NewResponseController(w)
	tick := time.NewTicker(streamAsks)
	defer tick.Stop()
	part, spoken := append(make([]byte, 0, streamPart), reader.Begin()...), time.Now()
	for {
		for ; len(part) > 0; part = reader.Take(part[:0]) {
			if _, err := w.Write(part); err != nil { //nolint:gosec // events, said to be so
				return nil // the caller has gone, and will come back
			}
			spoken = time.Now()
		}
		if out.Flush() != nil {
			return nil
		}
		select {
		case <-reader.Wake():
			part = reader.Take(part[:0])
		case <-tick.C:
			if !s.stays(r, &by) {
				return nil
			}
			if time.Since(spoken) > streamBeat-streamAsks/2 {
				part = append(part[:0], ":\n\n"...)
			}
		case <-s.events.Done():
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}

func beginStream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx hands each event on at once
	w.WriteHeader(http.StatusOK)
}

// stays reports whether the caller of a stream may still hear it, as much as when it
// began. If nobody can be asked he may.
func (s *Server) stays(r *http.Request, began *Token) bool {
	by, err := s.authenticate(r)
	var refused *refusal
	switch {
	case err == nil:
		return by.role() >= reader && by.scope.All() == began.scope.All()
	case errors.As(err, &refused):
		return false
	}
	return !errors.Is(err, context.Canceled)
}
