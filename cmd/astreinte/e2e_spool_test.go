package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// pagedFromSpool is how long Redis is away before the spool is paged from
// (docs/OPERATIONS.md, "The spool").
const pagedFromSpool = 30 * time.Second

// TestRedisAway kills a real Redis under a real daemon with a spool. Alerts
// are taken, paged after half a minute, and acknowledged, even if the daemon
// is killed and started again meanwhile. All of it is in Redis when that is
// back.
func TestRedisAway(t *testing.T) {
	redis := redistest.Single(t)
	s := newSiteWith(t, build(t), redis.URL(), strings.NewReplacer(
		"time_zone:", "spool: spool\ntime_zone:", "replies: same", "replies: same\n  bundle_over: 0", `from: "${SENDER}"`, `from: "${SENDER}", rate: 0`,
	).Replace(siteConfig))
	s.fires(t, "firing", "srv-old-01")
	s.alice.ExpectSMS(t, "srv-old-01")
	old := s.onlyTicket(t).Number

	redis.Kill()
	killed := time.Now()
	for i := range 20 {
		s.fires(t, "firing", fmt.Sprintf("srv-db-%02d", i))
	}
	s.fires(t, "resolved", "srv-db-19")
	if err := s.ready(); err != nil {
		t.Errorf("while Redis is away: %v", err)
	}
	s.daemon.kill()
	s.fires(t, "firing", "srv-late-01", s.restart) // posted as soon as it listens again

	first := s.page(t, "srv-db-00")
	if after := first.Accepted.Sub(killed); after < pagedFromSpool-time.Second || after > pagedFromSpool+15*time.Second {
		t.Errorf("paged %s after Redis was gone", after)
	}
	late := s.page(t, "srv-late-01")
	if first.Code() != "" || s.presses(first.Link(), "acknowledge") != nil || s.presses(late.Link(), "acknowledge") != nil {
		t.Errorf("%v cannot be acknowledged by its link", first)
	}
	s.daemon.kill()
	s.restart(t)
	await(t, "a page after the second crash", func() error {
		if now := s.alice.Messages(); now[len(now)-1].Accepted.After(late.Accepted.Add(3 * repeatsEvery)) {
			return nil
		}
		return errors.New("none")
	})

	redis.Restart()
	await(t, "all tickets in Redis", func() error { return s.merged(old) })
	if err := s.presses(first.Link(), "pickup"); err != nil {
		t.Errorf("a link of a page from the spool, when Redis is back: %v", err)
	}
	for _, number := range s.numbers(t) {
		now := s.ticket(t, number)
		if number == old || now.State == "resolved" {
			continue
		}
		if !strings.Contains(now.Number, "_E") || len(now.Pages) == 0 {
			t.Errorf("%+v", now)
		}
	}
	s.pagesNobodyOf(t, "srv-db-00", "srv-late-01")
	s.fires(t, "resolved", "srv-late-01")
	s.alice.ExpectSMS(t, "TERMINE")
}

// restart starts the daemon again; Redis may be away. The daemon is then
// alive, and ready to take alerts.
func (s *site) restart(t *testing.T) {
	t.Helper()
	s.start(t)
}

// fires posts as Alertmanager does; the answer must be 202. before is called
// first.
func (s *site) fires(t *testing.T, status, name string, before ...func(*testing.T)) {
	t.Helper()
	for _, f := range before {
		f(t)
	}
	labels := map[string]string{"alertname": "Away-" + name, "instance": name, "customer": "acme", "site": "Givrand", "severity": "critical"}
	text, err := json.Marshal(map[string]any{
		"version": "4", "status": status, "groupKey": "{}:{}",
		"alerts": []any{map[string]any{"status": status, "labels": labels, "fingerprint": name}},
	})
	if err == nil {
		var code int
		if code, err = s.post("http://"+s.address+"/ingest/prometheus", "application/json", string(text), ingestToken); err == nil && code != http.StatusAccepted {
			err = fmt.Errorf("it was answered %d", code)
		}
	}
	if err != nil {
		t.Fatalf("%s %s: %v", name, status, err)
	}
}

func (s *site) post(url, kind, body, token string) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// presses presses a button of a link's page.
func (s *site) presses(link, action string) error {
	code, err := s.post(link, "application/x-www-form-urlencoded", "action="+action, "")
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("%s: %d", action, code)
	}
	return err
}

// page waits for alice's page about a server.
func (s *site) page(t *testing.T, name string) (page phonetest.Message) {
	t.Helper()
	_ = poll(pagedFromSpool+patience, func() (bool, error) {
		for _, m := range s.alice.Messages() {
			if m.Kind == phonetest.SMS && m.Link() != "" && strings.Contains(m.Body, name) {
				page = m
				return true, nil
			}
		}
		return false, errors.New("none yet")
	})
	if page.Body == "" {
		t.Fatalf("alice was not paged about %s: %v", name, s.alice.Messages())
	}
	return page
}

func (s *site) numbers(t *testing.T) (numbers []string) {
	t.Helper()
	var list struct{ Tickets []shown }
	s.ask(t, http.MethodGet, "/api/v1/tickets?limit=1000", nil, http.StatusOK, &list)
	for _, one := range list.Tickets {
		numbers = append(numbers, one.Number)
	}
	return numbers
}

// merged is an error until each alert has a ticket, in the state in which
// people left it.
func (s *site) merged(old string) error {
	var list struct{ Tickets []shown }
	if err := s.try(http.MethodGet, "/api/v1/tickets?limit=1000", nil, http.StatusOK, &list); err != nil {
		return err
	}
	states := map[string]int{}
	for _, one := range list.Tickets {
		states[one.State]++
	}
	if len(list.Tickets) != 22 || states["acknowledged"] != 2 || states["resolved"] != 1 || states["open"] != 19 {
		return fmt.Errorf("%d tickets: %v, the first of them %s", len(list.Tickets), states, old)
	}
	return nil
}

// pagesNobodyOf checks that no page about these comes for the time of three
// rounds.
func (s *site) pagesNobodyOf(t *testing.T, names ...string) {
	t.Helper()
	before := len(s.world.Messages())
	holds(t, 3*repeatsEvery+time.Second, func() error {
		for _, m := range s.world.Messages()[before:] {
			for _, name := range names {
				if strings.Contains(m.Body, name) && strings.Contains(m.Body, "CRITIQUE") {
					return fmt.Errorf("after the acknowledgement came %v", m)
				}
			}
		}
		return nil
	})
}
