package main_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

// browser looks at a site's pages, and is signed in as soon as somebody signs in.
type browser struct {
	site   *site
	client *http.Client
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send sends a form; without a form it gets a page.
func (b *browser) send(path string, form url.Values) (code int, page string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+b.site.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", "en")
	resp, err := b.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// shows is an error until the page has that status and says something.
func (b *browser) shows(path string, want int, said string) error {
	code, page, err := b.send(path, nil)
	switch {
	case err != nil:
		return err
	case code != want || !strings.Contains(page, said):
		return fmt.Errorf("%s: %d, want %d that says %q: %s", path, code, want, said, page)
	}
	return nil
}

var (
	numberIn = regexp.MustCompile(`/tickets/(I\d+_E\w+_\d+)`)
	sealedIn = regexp.MustCompile(`name="seen" value="([^"]*)"`)
)

// TestTakenWhileRedisIsAway: somebody who is signed in sees what comes while a real
// Redis is stopped, takes it in the console, and has it when Redis is back.
func TestTakenWhileRedisIsAway(t *testing.T) {
	redis := redistest.Single(t)
	s := newSiteWith(t, build(t), redis.URL(), strings.NewReplacer(
		"time_zone:", "spool: spool\ntime_zone:", "replies: same", "replies: same\n  bundle_over: 0", `from: "${SENDER}"`, `from: "${SENDER}", rate: 0`,
	).Replace(siteConfig))
	var made struct{ Link string }
	s.ask(t, http.MethodPost, "/api/v1/people/alice/invitations", map[string]bool{}, http.StatusCreated, &made)
	alice := s.browser(t)
	_, path, _ := strings.Cut(made.Link, s.address)
	if code, page, err := alice.send(path, url.Values{"password": {"several words to remember"}}); err != nil || code != http.StatusSeeOther {
		t.Fatalf("the invitation: %d %s, %v", code, page, err)
	}
	if err := alice.shows("/now", http.StatusOK, "Alice Martin"); err != nil {
		t.Fatal(err)
	}

	redis.Kill()
	s.fires(t, "firing", "srv-db-01")
	await(t, "the console to say that the store is away", func() error {
		return alice.shows("/now", http.StatusServiceUnavailable, "The store is away")
	})
	s.page(t, "srv-db-01")
	if err := alice.shows("/now", http.StatusOK, "srv-db-01"); err != nil {
		t.Fatal(err)
	}
	if err := alice.shows("/people/alice", http.StatusServiceUnavailable, "The store is away"); err != nil {
		t.Error(err)
	}
	_, now, _ := alice.send("/now", nil)
	number := numberIn.FindStringSubmatch(now)
	if number == nil {
		t.Fatalf("no ticket on Now: %s", now)
	}
	_, page, _ := alice.send("/tickets/"+number[1], nil)
	seal := sealedIn.FindStringSubmatch(page)
	if seal == nil {
		t.Fatalf("no button on the ticket: %s", page)
	}
	if code, said, err := alice.send("/tickets/"+number[1], url.Values{"action": {"acknowledge"}, "seen": {seal[1]}}); err != nil || code != http.StatusSeeOther {
		t.Fatalf("acknowledge: %d %s, %v", code, said, err)
	}

	redis.Restart()
	await(t, "the ticket in Redis", func() error {
		var now shown
		if err := s.try(http.MethodGet, "/api/v1/tickets/"+number[1], nil, http.StatusOK, &now); err != nil {
			return err
		}
		if now.State != "acknowledged" || now.AcknowledgedBy != "alice" {
			return fmt.Errorf("%+v", now)
		}
		if redisHas, err := redis.Client().DBSize(t.Context()).Result(); err != nil || redisHas == 0 {
			return errors.Join(err, errors.New("Redis has nothing"))
		}
		return nil
	})
	await(t, "the console on the store", func() error { return alice.shows("/people/alice", http.StatusOK, "Alice Martin") })
	if err := alice.shows("/tickets/"+number[1], http.StatusOK, "srv-db-01"); err != nil {
		t.Error(err)
	}
	s.pagesNobodyOf(t, "srv-db-01")
}
