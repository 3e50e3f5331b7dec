package mailin

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Status is how the server does. It counts from its start.
type Status struct {
	Listening bool
	LastAt    time.Time // its last mail that was taken; zero: none was
	Refused   int       // connections, receivers and mails that were refused
	Returned  int       // mails of our own that came back, which open nothing
}

// standing is a Status that is kept.
type standing struct {
	mu  sync.Mutex
	now Status
}

func (s *standing) change(f func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.now)
}

// Status says how the server does.
func (s *Server) Status() Status {
	s.standing.mu.Lock()
	defer s.standing.mu.Unlock()
	return s.standing.now
}

// tookMail notes a mail that was taken.
func (s *Server) tookMail() {
	at := time.Now()
	s.standing.change(func(now *Status) { now.LastAt = at })
}

// cameBack counts and logs a mail of our own that a source brought back. Somebody
// forwards our mails to us: they open nothing, and who waits for that is to know why.
func (s *Server) cameBack(source string) {
	s.returned.Inc()
	s.standing.change(func(now *Status) { now.Returned++ })
	s.o.Minutely("mail in returned", func(times int) {
		s.o.Log.Warn("a mail of our own came back, or an answer to one: it opens nothing", zap.String("source", ticket.Logged(source)), zap.Int("times", times))
	})
}
