package courier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	atOnce       = 100              // messages of a request
	bytesAtOnce  = 1 << 20          // … and how long it may be
	postTimeout  = 10 * time.Second // of one request
	dialTimeout  = 3 * time.Second
	longestReply = 64 << 10
)

// Sender posts what waits in a spool. It is for one goroutine.
type Sender struct {
	spool *Spool
	http  *http.Client
	// refused are the reasons for which messages of this Sender were refused.
	refused map[string]string
}

// NewSender makes a Sender. It asks nobody.
func NewSender(s *Spool) *Sender {
	return &Sender{spool: s, refused: map[string]string{}, http: &http.Client{
		Timeout: postTimeout,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout: dialTimeout, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Drain sends all that waits, the oldest first, as far as it goes. left is how
// many messages wait still, why is why.
func (s *Sender) Drain(ctx context.Context) (left int, why error) {
	stuck := map[string]bool{} // addresses that do not answer
	for {
		names, err := s.spool.Waiting()
		if err != nil {
			return 1, err
		}
		batch, messages := s.next(names, stuck)
		if len(batch) == 0 {
			if len(names) > 0 && why == nil {
				why = errors.New("what waits cannot be read")
			}
			return len(names), why
		}
		if err := s.send(ctx, batch, messages); err != nil {
			stuck[messages[0].address()] = true
			why = errors.Join(why, err)
		}
		if ctx.Err() != nil {
			names, _ = s.spool.Waiting()
			return len(names), errors.Join(why, context.Cause(ctx))
		}
	}
}

func (m *Message) address() string { return m.URL + "\n" + m.TokenFile }

// next are the oldest messages that go to one address, as many as one request
// takes.
func (s *Sender) next(names []string, stuck map[string]bool) (batch []string, messages []Message) {
	size := 0
	for _, name := range names {
		m, err := s.spool.read(name)
		if err != nil || stuck[m.address()] || len(messages) > 0 && m.address() != messages[0].address() {
			continue
		}
		for field, value := range m.Fields {
			size += len(field) + len(value) + 6
		}
		if len(messages) == atOnce || len(messages) > 0 && size > bytesAtOnce {
			break
		}
		batch, messages = append(batch, name), append(messages, m)
	}
	return batch, messages
}

// send sends messages to one address. It returns an error if the daemon did not
// take them now and may later. If it refuses several together, each is sent by
// itself.
func (s *Sender) send(ctx context.Context, batch []string, messages []Message) error {
	err := s.Post(ctx, messages)
	final := (*refusedError)(nil)
	switch {
	case err == nil:
		for _, name := range batch {
			err = errors.Join(err, s.spool.done(name))
		}
		return err
	case !errors.As(err, &final):
		return err
	case len(batch) == 1:
		s.refused[batch[0]] = final.reason
		return s.spool.refuse(batch[0], &messages[0], final.reason)
	}
	for i := range batch {
		if err := s.send(ctx, batch[i:i+1], messages[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// refusedError is an answer that will not change.
type refusedError struct{ reason string }

func (r *refusedError) Error() string { return "the daemon refuses it: " + r.reason }

// Post posts messages that go to one address, in one request.
func (s *Sender) Post(ctx context.Context, messages []Message) error {
	token, err := readToken(messages[0].TokenFile)
	if err != nil {
		return err
	}
	bodies := make([]map[string]string, len(messages))
	for i := range messages {
		bodies[i] = messages[i].Fields
	}
	data, err := json.Marshal(bodies)
	if err != nil {
		return fmt.Errorf("courier: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, messages[0].URL, bytes.NewReader(data))
	if err != nil {
		return &refusedError{"its address is none"}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "astreinte-notify")
	resp, err := s.http.Do(req)
	if err != nil {
		if about := (*url.Error)(nil); errors.As(err, &about) {
			err = about.Err
		}
		return fmt.Errorf("no daemon answers at %s: %w", messages[0].URL, err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, longestReply)) // the status counts even if the rest is lost
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return nil
	}
	reason := fmt.Sprintf("%d %s", resp.StatusCode, reasonOf(said))
	if slices.Contains(final, resp.StatusCode) {
		return &refusedError{reason}
	}
	return fmt.Errorf("the daemon at %s answers %s", messages[0].URL, reason)
}

// final are the answers that are about the message itself. All others may
// change: a token or an address is put right, a daemon comes back.
var final = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusGone}

// reasonOf is what an answer says, on one line.
func reasonOf(said []byte) string {
	var shape struct {
		Error struct{ Message string }
	}
	text := string(said)
	if json.Unmarshal(said, &shape) == nil && shape.Error.Message != "" {
		text = shape.Error.Message
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if r := []rune(text); len(r) > longestReason {
		text = string(r[:longestReason]) + "…"
	}
	return text
}

const longestReason = 300

// readToken reads a source's token.
func readToken(path string) (string, error) {
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			err = at.Err
		}
		return "", &TokenError{fmt.Errorf("the token file %s cannot be read: %w", path, err)}
	}
	token := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	if token == "" || strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		return "", &TokenError{fmt.Errorf("the token file %s holds no token: one line without spaces wanted", path)}
	}
	return token, nil
}

// TokenError says that a token file cannot be used.
type TokenError struct{ err error }

// Error says why.
func (e *TokenError) Error() string { return e.err.Error() }

// Unwrap is the reason.
func (e *TokenError) Unwrap() error { return e.err }
