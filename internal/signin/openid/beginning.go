package openid

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// KeptFor is how long a browser may take to come back.
const KeptFor = 10 * time.Minute

// maxKept is how long what a browser kept may be.
const maxKept = ticket.MaxSignInKept

// beginning is what one browser keeps of one sign-in.
type beginning struct {
	secret string
	at     string // in seconds since 1970
	next   string
}

func begin(now time.Time, next string) beginning {
	return beginning{secret: rand.Text(), at: strconv.FormatInt(now.Unix(), 10), next: next}
}

// derive is one of the secrets of a sign-in: who knows one does not know another.
func (b beginning) derive(what string) string {
	mac := hmac.New(sha256.New, []byte(b.secret))
	_, _ = mac.Write([]byte(what + "\x00" + b.at + "\x00" + b.next)) // hash.Hash returns no error
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// String is what the browser keeps.
func (b beginning) String() string {
	return b.secret + "." + b.at + "." + base64.RawURLEncoding.EncodeToString([]byte(b.next))
}

// parse reads what a browser kept, ErrStale if it counts no more.
func parse(kept string, now time.Time) (beginning, error) {
	parts := strings.Split(kept, ".")
	if len(parts) != 3 || len(kept) > maxKept || len(parts[0]) < 26 {
		return beginning{}, ErrStale
	}
	next, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return beginning{}, ErrStale
	}
	at, err := strconv.ParseInt(parts[1], 10, 64)
	if age := now.Sub(time.Unix(at, 0)); err != nil || age < -time.Minute || age > KeptFor { // two daemons' clocks differ a little
		return beginning{}, ErrStale
	}
	return beginning{secret: parts[0], at: parts[1], next: string(next)}, nil
}
