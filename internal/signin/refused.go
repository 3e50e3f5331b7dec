package signin

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// lines counts what strangers have written into the log within a minute.
type lines struct {
	mu      sync.Mutex
	since   time.Time
	written int
	left    int // out
}

// one says whether another line may be written, and how many were left out before it.
func (l *lines) one(now time.Time) (left int, may bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if age := now.Sub(l.since); age >= time.Minute || age < 0 {
		l.since, l.written = now, 0
	}
	if l.written == ticket.MaxSignInLines {
		l.left++
		return 0, false
	}
	l.written++
	left, l.left = l.left, 0
	return left, true
}

// refused writes into the log that somebody could not sign in. Whoever tries a thousand
// times a second does not fill the disk: what was left out is counted in the next line.
func (p *Pages) refused(fields ...zap.Field) {
	left, may := p.lines.one(p.Book.now())
	if !may {
		return
	}
	if left > 0 {
		fields = append(fields, zap.Int("left_out", left))
	}
	p.Log.Info("somebody could not sign in", fields...)
}
