package heartbeat

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

const shared = "b9f1a1d3-70c5-4b0e-9a1c-1f0e5f7c2d11" // the token of two heartbeats, as a ping key is

// door is a daemon with three heartbeats, and its door.
func door(t *testing.T) (*house, *Door) {
	d := newDesk(t)
	other := Heartbeat{Name: "db", Every: model.Duration(time.Hour), Key: KeyOf(shared)}
	third := other
	third.Name = "files"
	h := d.start("a", nightly(), other, third)
	return h, NewDoor(h.keeper, zap.NewNop(), prometheus.NewRegistry())
}

func (h *house) state(name string) Beat {
	h.t.Helper()
	e, err := h.keeper.Book.Get(h.t.Context(), name, h.now)
	if err != nil {
		h.t.Fatal(err)
	}
	return e.Beat
}

// TestEveryWayToBeat: each address is answered as its senders expect, and does what it says.
func TestEveryWayToBeat(t *testing.T) {
	uuid := regexp.MustCompile(`"requestId":"[0-9a-f-]{36}"`)
	for _, c := range []struct {
		method, path, header, body string
		code                       int
		answer                     string
		of                         string // the heartbeat that it is about; empty: none hears anything
		state                      State
	}{
		{"GET", "/heartbeat/nightly", "Bearer " + secret, "", 200, "OK\n", "nightly", Up},
		{"HEAD", "/heartbeat/nightly/", "Bearer " + secret, "", 200, "OK\n", "nightly", Up},
		{"POST", "/heartbeat/nightly?token=" + secret, "", "", 200, "OK\n", "nightly", Up},
		{"POST", "/heartbeat/nightly", "Basic eDp0aGUtdG9rZW4tb2YtYS1iYWNrdXA=", "", 200, "OK\n", "nightly", Up},
		{"POST", "/heartbeat/nightly/fail", "Bearer " + secret, "no room\xff", 200, "OK\n", "nightly", Failed},
		{"GET", "/heartbeat/nightly/3", "Bearer " + secret, "", 200, "OK\n", "nightly", Failed},
		{"GET", "/heartbeat/nightly/0", "Bearer " + secret, "", 200, "OK\n", "nightly", Up},
		{"GET", "/heartbeat/nightly/log", "Bearer " + secret, "", 200, "OK\n", "", New},
		{"GET", "/heartbeat/nightly/start", "Bearer " + secret, "", 200, "OK\n", "nightly", New},
		{"PUT", "/heartbeat/nightly", "Bearer " + secret, "", 405, `"method_not_allowed"`, "", New},
		{"GET", "/heartbeat/nightly/soon", "Bearer " + secret, "", 401, `"unauthorized"`, "", New},
		{"GET", "/heartbeat/nightly", "", "", 401, `"unauthorized"`, "", New},
		{"GET", "/heartbeat/nightly", "Bearer " + shared, "", 401, `"unauthorized"`, "", New},
		{"GET", "/heartbeat/nothing", "Bearer " + secret, "", 401, `"unauthorized"`, "", New},
		{"GET", "/heartbeat/", "Bearer " + secret, "", 401, `"unauthorized"`, "", New},

		{"GET", "/ping/" + secret, "", "", 200, "OK", "nightly", Up},
		{"HEAD", "/ping/" + secret + "/", "", "", 200, "OK", "nightly", Up},
		{"POST", "/ping/" + secret + "/fail", "", "x", 200, "OK", "nightly", Failed},
		{"GET", "/ping/" + secret + "/255", "", "", 200, "OK", "nightly", Failed},
		{"GET", "/ping/" + secret + "/log", "", "", 200, "OK", "", New},
		{"GET", "/ping/" + shared + "/db", "", "", 200, "OK", "db", Up},
		{"GET", "/ping/" + shared + "/db/start?rid=" + shared, "", "", 200, "OK", "db", New},
		{"POST", "/ping/" + shared + "/db/1", "", "", 200, "OK", "db", Failed},
		{"GET", "/ping/" + shared, "", "", 409, "ambiguous slug", "", New},
		{"GET", "/ping/" + shared + "/nightly", "", "", 404, "not found", "", New},
		{"GET", "/ping/" + shared + "/db/256", "", "", 400, "invalid url format", "", New},
		{"GET", "/ping/" + shared + "/db?rid=1", "", "", 400, "invalid uuid format", "", New},
		{"GET", "/ping/" + shared + "/db/fail/more", "", "", 404, "not found", "", New},
		{"GET", "/ping/", "", "", 404, "not found", "", New},

		{"GET", "/v2/heartbeats/nightly/ping", "GenieKey " + secret, "", 202, `"result":"PONG - Heartbeat received"`, "nightly", Up},
		{"PATCH", "/v2/heartbeats/nightly/ping", "GenieKey " + secret, "", 202, `"result":"PONG - Heartbeat received"`, "nightly", Up},
		{"POST", "/jsm/ops/integration/v2/heartbeats/nightly/ping", "GenieKey " + secret, "", 202, `"took":0`, "nightly", Up},
		{"GET", "/jsm/ops/api/c1/v1/teams/t1/heartbeats/ping?name=nightly", "Basic " + base64.StdEncoding.EncodeToString([]byte("ops@example.net:"+secret)), "", 202, `"result":"PONG - Heartbeat received"`, "nightly", Up},
		{"GET", "/jsm/ops/api/c1/v1/teams/t1/heartbeats/ping", "GenieKey " + secret, "", 422, `"message"`, "", New},
		{"GET", "/jsm/ops/api/c1/v1/teams/t1/heartbeats?name=nightly", "GenieKey " + secret, "", 404, `"message"`, "", New},
		{"GET", "/jsm/ops/api/c1/v1/teams/t1/heartbeats/ping?name=nightly", "", "", 401, `"message":"Could not authenticate"`, "", New},
		{"GET", "/v2/heartbeats/nightly/ping", "GenieKey wrong", "", 401, `"message":"Could not authenticate"`, "", New},
		{"GET", "/v2/heartbeats/nightly", "GenieKey " + secret, "", 404, `"message"`, "", New},
		{"DELETE", "/v2/heartbeats/nightly/ping", "GenieKey " + secret, "", 405, `"message"`, "", New},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			h, door := door(t)
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			if c.header != "" {
				r.Header.Set("Authorization", c.header)
			}
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			answer := w.Body.String()
			if w.Code != c.code || !strings.Contains(answer, c.answer) {
				t.Errorf("%d %s", w.Code, answer)
			}
			if strings.HasPrefix(c.path, "/v2/") && !uuid.MatchString(answer) {
				t.Error(answer)
			}
			for _, name := range []string{"nightly", "db", "files"} {
				want := New
				if name == c.of {
					want = c.state
				}
				b := h.state(name)
				if b.State != want || b.Started.IsZero() != !(name == c.of && strings.Contains(c.path, "/start")) {
					t.Errorf("%s is %+v", name, b)
				}
			}
		})
	}
}

// TestNamesMadeByHandAreNoLabels: whoever makes and ends heartbeats makes no series.
func TestNamesMadeByHandAreNoLabels(t *testing.T) {
	registry := prometheus.NewRegistry()
	d := newDesk(t)
	h := d.start("a", nightly())
	door := NewDoor(h.keeper, zap.NewNop(), registry)
	beat := func(token string) {
		door.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/ping/"+token, nil))
	}
	beat(secret)
	for i := range 30 {
		name := fmt.Sprintf("job-%d", i)
		_, token, err := h.keeper.Book.Make(t.Context(), Heartbeat{Name: name, Every: model.Duration(time.Hour)}, h.keeper.Engine.Rules(), h.now)
		if err != nil {
			t.Fatal(err)
		}
		beat(token)
		if _, err := h.keeper.Book.End(t.Context(), name, h.now); err != nil {
			t.Fatal(err)
		}
	}
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || len(families[0].GetMetric()) != 2 {
		t.Errorf("%v %v", families, err)
	}
}

// TestNothingLeaks: whoever has no token learns nothing, and no answer has more than
// another.
func TestNothingLeaks(t *testing.T) {
	h, door := door(t)
	ask := func(path string) string {
		w := httptest.NewRecorder()
		door.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return fmt.Sprint(w.Code, w.Header(), w.Body)
	}
	for _, paths := range [][]string{
		{"/heartbeat/nightly?token=x", "/heartbeat/nothing?token=x", "/heartbeat/nightly/fail?token=x", "/heartbeat/nightly/what?token=x", "/heartbeat/nothing/what?token=x"},
		{"/ping/x", "/ping/x/nightly", "/ping/x/nothing", "/ping/" + secret + "/db"},
	} {
		for _, path := range paths[1:] {
			if one, other := ask(paths[0]), ask(path); one != other {
				t.Errorf("%s is answered\n%s, and %s\n%s", paths[0], one, path, other)
			}
		}
	}
	if b := h.state("nightly"); b.State != New {
		t.Errorf("%+v", b)
	}
}

// TestWhileTheStoreIsAway: a beat is not taken, and is remembered. A failure is told where
// its alert can be kept. When the store is back they count.
func TestWhileTheStoreIsAway(t *testing.T) {
	d := newDesk(t)
	memory := storetest.New()
	d.store = memory.Records()
	a := d.start("a", nightly())
	door := NewDoor(a.keeper, zap.NewNop(), nil)
	beat := func(path string) int {
		r := httptest.NewRequest(http.MethodPost, path+"?token="+secret, nil)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
			t.Error("it does not say when to try again")
		}
		return w.Code
	}
	d.until(evening.Add(20*time.Hour), a)
	memory.Fail(func(string) storetest.Fault { return storetest.FailBefore })
	if code := beat("/heartbeat/nightly"); code != http.StatusServiceUnavailable {
		t.Errorf("a beat is answered %d", code)
	}
	memory.Fail(nil)
	a.turn()
	if b := a.state("nightly"); !b.Heard.Equal(d.now) {
		t.Errorf("it is forgotten: %+v", b)
	}
	memory.Fail(func(string) storetest.Fault { return storetest.FailBefore })
	d.now = d.now.Add(time.Minute)
	if code := beat("/heartbeat/nightly/fail"); code != http.StatusOK || !d.fires("nightly") {
		t.Errorf("a failure is answered %d", code)
	}
	d.refuses = errors.New("there is no spool")
	if code := beat("/heartbeat/nightly/fail"); code != http.StatusServiceUnavailable {
		t.Errorf("a failure is answered %d", code)
	}
	d.refuses = nil
	memory.Fail(nil)
	d.now = d.now.Add(time.Minute)
	a.heard = d.now
	if code := beat("/heartbeat/nightly"); code != http.StatusOK {
		t.Errorf("a beat is answered %d", code)
	}
	a.turn()
	d.expect(false, "it beats after it failed")
}

// TestAFlood: beats of one second are one write.
func TestAFlood(t *testing.T) {
	h, door := door(t)
	before := h.state("db")
	for i := range 50 {
		r := httptest.NewRequest(http.MethodPost, "/ping/"+shared+"/db", io.LimitReader(strings.NewReader(strings.Repeat("x", 1<<20)), 1<<20))
		w := httptest.NewRecorder()
		if door.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatal(i, w.Code)
		}
	}
	item, err := h.keeper.Book.beats.Get(t.Context(), "db")
	if err != nil || item.Of.Heard.Equal(before.Heard) {
		t.Fatal(err)
	}
	h.turn()
	again, _ := h.keeper.Book.beats.Get(t.Context(), "db")
	for range 50 {
		door.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/ping/"+shared+"/db", nil))
	}
	if last, _ := h.keeper.Book.beats.Get(t.Context(), "db"); last.Revision != again.Revision {
		t.Errorf("revision %d, then %d", again.Revision, last.Revision)
	}
	if r := h.state("db"); len(r.Text) > ticket.MaxHeartbeatText {
		t.Error(len(r.Text))
	}
}
