package passkey

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// KeptFor is how long a browser may take to answer.
const KeptFor = 5 * time.Minute

// What a challenge is for.
const (
	toUse = "use"
	toAdd = "add"
)

// secretKey is the one key of kindSecret.
const secretKey = "challenges"

// secretValue is what the daemons of a store share.
type secretValue struct {
	Secret string `json:"secret"`
}

// secret reads what the daemons of a store share, and makes it the first time.
func (k *Keys) secret(ctx context.Context) (string, error) {
	if known := k.shared.Load(); known != nil {
		return *known, nil
	}
	item, err := k.secrets.Get(ctx, secretKey)
	if errors.Is(err, records.ErrNotFound) {
		var w records.Write
		if w, err = k.secrets.Put(secretKey, 0, secretValue{rand.Text()}); err != nil {
			return "", err //nolint:wrapcheck // it names itself
		}
		if _, err = k.store.Write(ctx, records.House, w); err == nil || errors.Is(err, records.ErrConflict) {
			item, err = k.secrets.Get(ctx, secretKey)
		}
	}
	if err != nil {
		return "", fmt.Errorf("passkey: the daemons' secret: %w", err)
	}
	k.shared.Store(&item.Of.Secret)
	return item.Of.Secret, nil
}

// challenge makes one for a purpose of a person (empty: whoever it will be), and
// what the browser keeps.
func (k *Keys) challenge(ctx context.Context, purpose, person string) (challenge []byte, kept string, err error) {
	secret, err := k.secret(ctx)
	if err != nil {
		return nil, "", err
	}
	kept = rand.Text() + "." + strconv.FormatInt(k.now().Unix(), 10)
	return derive(secret, purpose, person, kept), kept, nil
}

// expected is the challenge that must have been answered, ErrStale if what the
// browser kept counts no more.
func (k *Keys) expected(ctx context.Context, purpose, person, kept string) ([]byte, error) {
	random, text, _ := strings.Cut(kept, ".")
	at, err := strconv.ParseInt(text, 10, 64)
	if age := k.now().Sub(time.Unix(at, 0)); err != nil || len(random) != len(rand.Text()) || age < -time.Minute || age > KeptFor {
		return nil, ErrStale
	}
	secret, err := k.secret(ctx)
	if err != nil {
		return nil, err
	}
	return derive(secret, purpose, person, kept), nil
}

func derive(secret, purpose, person, kept string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(purpose + "\x00" + person + "\x00" + kept)) // hash.Hash returns no error
	return mac.Sum(nil)
}

// used is the write that a challenge was answered: it is refused the second time.
func (k *Keys) used(challenge []byte) records.Write {
	sum := sha256.Sum256(challenge)
	return records.Write{
		Kind: kindAnswered, Key: hex.EncodeToString(sum[:]), Value: []byte("{}"), Vital: true,
		Due: records.Instant(k.now().Add(KeptFor + 2*time.Minute)),
	}
}
