package web

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/astreinte/astreinte/internal/ticket"
)

// byHand is how many tickets each API token has opened lately: people and
// scripts have no source with a bound of its own. It has a row a token that the
// configuration names.
type byHand struct {
	mu     sync.Mutex
	tokens map[string]*rate.Limiter
}

// spend takes one ticket from what a token may open a minute. The error is a 429
// that says how long to wait.
func (b *byHand) spend(token string, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.tokens[token]
	if l == nil {
		if b.tokens == nil {
			b.tokens = map[string]*rate.Limiter{}
		}
		l = rate.NewLimiter(rate.Every(time.Minute/ticket.MaxByHand), ticket.MaxByHand)
		b.tokens[token] = l
	}
	if l.AllowN(now, 1) {
		return nil
	}
	after := time.Duration((1 - l.TokensAt(now)) / float64(l.Limit()) * float64(time.Second))
	return &refusal{
		status: http.StatusTooManyRequests, code: "too_many", after: after,
		message: fmt.Sprintf("the token %q has opened %d tickets within a minute, as many as one may: alerts of a tool are for a source (sources)", token, ticket.MaxByHand),
	}
}

// retryAfter is a time to wait as a header says it: whole seconds, one at least.
func retryAfter(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}
