package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// argon2id as RFC 9106 describes it, with what OWASP recommends if memory is
// dear: 19 MiB, two passes, one lane.
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashBytes  = 32
	saltBytes  = 16

	hashAtOnce   = 2
	hashWaiting  = 50              // more are refused at once
	hashPatience = 2 * time.Second // of one that waits
)

// ErrBusy says that too many passwords are being tried.
var ErrBusy = errors.New("too many passwords are being tried at once; try again in a moment")

// hasher hashes passwords, few at once: what they cost together has a bound, in
// memory and in processors.
type hasher struct {
	slots   chan struct{}
	waiting chan struct{}
	dummy   string
	key     func(password, salt []byte, passes, memory uint32, lanes uint8, length uint32) []byte
	done    atomic.Int64 // hashes that were computed
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, hashAtOnce), waiting: make(chan struct{}, hashWaiting), key: argon2.IDKey}
	h.dummy = encode(make([]byte, saltBytes), make([]byte, hashBytes))
	return h
}

// turn waits until a hash may be computed. done gives the place back.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	free := func() { <-h.slots }
	select {
	case h.slots <- struct{}{}:
		return free, nil
	default:
	}
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, ErrBusy
	}
	late := time.NewTimer(hashPatience)
	defer late.Stop()
	select {
	case h.slots <- struct{}{}:
		return free, nil
	case <-late.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err() //nolint:wrapcheck // the caller's own
	}
}

func (h *hasher) compute(ctx context.Context, password string, salt []byte) ([]byte, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	h.done.Add(1)
	return h.key([]byte(password), salt, hashPasses, hashMemory, hashLanes, hashBytes), nil
}

// hash makes what is kept of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails
	sum, err := h.compute(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return encode(salt, sum), nil
}

// verify reports whether a password is the one of a hash. Of an empty hash, and of
// one that cannot be read, it computes as much and says no.
func (h *hasher) verify(ctx context.Context, kept, password string) (bool, error) {
	salt, want, ok := decode(kept)
	if !ok {
		salt, want, _ = decode(h.dummy)
	}
	sum, err := h.compute(ctx, password, salt)
	if err != nil {
		return false, err
	}
	same := subtle.ConstantTimeCompare(sum, want) == 1
	return same && ok, nil
}

var prefix = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, hashMemory, hashPasses, hashLanes)

func encode(salt, sum []byte) string {
	return prefix + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(sum)
}

func decode(kept string) (salt, sum []byte, ok bool) {
	rest, ok := strings.CutPrefix(kept, prefix)
	first, second, two := strings.Cut(rest, "$")
	if !ok || !two {
		return nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(first)
	sum, err2 := base64.RawStdEncoding.DecodeString(second)
	return salt, sum, err1 == nil && err2 == nil && len(salt) == saltBytes && len(sum) == hashBytes
}
