package fcm

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// issuer is a token endpoint and an FCM that takes its latest token only.
type issuer struct {
	mu      sync.Mutex
	delay   time.Duration // of the token endpoint
	issued  int
	revoked bool // takes no token at all
	pushes  int
}

func (i *issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	if isToken(req) {
		select {
		case <-time.After(i.delay):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		i.issued++
		return response(req, 200, nil, tokenBody(fmt.Sprint("t", i.issued))), nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.revoked || req.Header.Get("Authorization") != fmt.Sprint("Bearer t", i.issued) {
		return response(req, 401, nil, failure("UNAUTHENTICATED", "", "", "Request had invalid authentication credentials.")), nil
	}
	i.pushes++
	return response(req, 200, nil, `{"name":"n"}`), nil
}

// TestTokenRunsOut fetches one token an hour, for all calls.
func TestTokenRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{delay: time.Second}
		s := newSender(t, i)
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				if r := s.Send(t.Context(), message()); r.Class != paging.Accepted {
					t.Errorf("got %+v", r)
				}
			})
		}
		calls.Wait()
		if i.issued != 1 || i.pushes != 20 {
			t.Errorf("%d tokens for %d pushes", i.issued, i.pushes)
		}
		time.Sleep(time.Hour)
		if r := s.Send(t.Context(), message()); r.Class != paging.Accepted || i.issued != 2 {
			t.Errorf("an hour later: got %+v with token %d", r, i.issued)
		}
	})
}

// TestTokenRefused fetches a new token once, within the call.
func TestTokenRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		s := newSender(t, i)
		if r := s.Send(t.Context(), message()); r.Class != paging.Accepted {
			t.Fatalf("got %+v", r)
		}
		i.issued = 7 // the key was changed: token 1 is worth nothing
		if r := s.Send(t.Context(), message()); r.Class != paging.Accepted || i.issued != 8 || i.pushes != 2 {
			t.Errorf("got %+v with token %d", r, i.issued)
		}
		i.revoked = true
		if r := s.Send(t.Context(), message()); r.Class != paging.DeadAccount || r.Code != "UNAUTHENTICATED" || i.issued != 9 {
			t.Errorf("got %+v with token %d", r, i.issued)
		}
		if r := newSender(t, i).Send(t.Context(), message()); r.Class != paging.DeadAccount || i.issued != 10 {
			t.Errorf("a new token refused: got %+v with token %d", r, i.issued)
		}
	})
}

// TestTokenTurn: nobody waits longer for another's fetch than they may.
func TestTokenTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, &issuer{delay: time.Minute})
		var calls sync.WaitGroup
		for _, wait := range []time.Duration{20 * time.Second, 3 * time.Second, 0} {
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			start := time.Now()
			calls.Go(func() {
				defer cancel()
				if r := s.Send(ctx, message()); r.Class != paging.Transient || time.Since(start) != wait {
					t.Errorf("got %s %s after %s, want transient after %s", r.Class, r.Code, time.Since(start), wait)
				}
			})
			synctest.Wait()
		}
		calls.Wait()
	})
}

// TestTokenEndpoint sorts what the token endpoint says.
func TestTokenEndpoint(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		class  paging.Class
		code   string
		wait   time.Duration
	}{
		{"a wrong key, or clock", 400, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`, paging.DeadAccount, "oauth_invalid_grant", 0},
		{"an unknown client", 401, `{"error":"invalid_client"}`, paging.DeadAccount, "oauth_invalid_client", 0},
		{"not there", 404, `<html>`, paging.DeadAccount, "oauth_http_404", 0},
		{"in trouble", 503, `<html>`, paging.Transient, "oauth_http_503", 5 * time.Second},
		{"too many", 429, ``, paging.Transient, "oauth_http_429", 5 * time.Second},
		{"a portal's page", 200, `<html>`, paging.Transient, "oauth_failed", 0},
		{"no token", 200, `{}`, paging.Transient, "oauth_failed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			s := newSender(t, roundTrip(func(req *http.Request) (*http.Response, error) {
				calls++
				return response(req, c.status, http.Header{"Retry-After": {"5"}}, c.body), nil
			}))
			r := s.Send(t.Context(), message())
			if r.TooFast != (c.name == "too many") {
				t.Errorf("%s: too fast %v", c.name, r.TooFast)
			}
			if r.Class != c.class || r.Code != c.code || r.RetryAfter != c.wait || calls != 1 {
				t.Errorf("got %+v after %s in %d calls, want %s %s", r, r.RetryAfter, calls, c.class, c.code)
			}
		})
	}
}
