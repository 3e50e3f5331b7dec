package daemon

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// TestWrongTokensAreLoggedOnceAMinute: thousands come from everywhere. Each
// door has one line a minute that counts all of them, and no line is longer
// than it may be.
func TestWrongTokensAreLoggedOnceAMinute(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zap.WarnLevel)
		world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
		defer world.Close()
		d, err := New(context.Background(), Options{
			Config: exampleConfig(t, world), Log: zap.New(core), Store: storetest.New(), Transport: world.RoundTripper(),
		})
		if err != nil {
			t.Fatal(err)
		}
		const minutes, each = 5, 100
		long := strings.Repeat("x", 100<<10)
		for range minutes {
			for i := range each {
				for _, path := range []string{"/api/v1/people/" + long + "/devices", "/ingest/prometheus?token=" + long, "/twilio/sms"} {
					r := httptest.NewRequest(http.MethodPost, path, nil)
					r.RemoteAddr = fmt.Sprintf("192.0.2.%d:%d", i%256, 1000+i)
					r.Header.Set("X-Forwarded-For", long)
					r.Header.Set("Authorization", "Bearer wrong")
					d.Handler().ServeHTTP(httptest.NewRecorder(), r)
				}
			}
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		if err := d.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		lines, times := 0, int64(0)
		for _, line := range logs.FilterMessage("turned away").All() {
			lines++
			for key, value := range line.ContextMap() {
				if n, ok := value.(int64); ok && key == "times" {
					times += n
				}
				if s, ok := value.(string); ok && len(s) > ticket.MaxLogged {
					t.Errorf("%s has %d bytes", key, len(s))
				}
			}
		}
		if most := 3 * (minutes + 2); lines > most || lines < 3*minutes-3 {
			t.Errorf("%d lines, want a minute and door, %d at most", lines, most)
		}
		if want := int64(3 * minutes * each); times != want {
			t.Errorf("they count %d, want %d", times, want)
		}
	})
}

// TestNoLineOfTheLogIsLong sends long texts through every door. Foreign text
// must end at 200 bytes in each line of the log.
func TestNoLineOfTheLogIsLong(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
	defer world.Close()
	c := exampleConfig(t, world)
	c.Server = config.Server{Listen: "127.0.0.1:0"}
	d, err := New(t.Context(), Options{Config: c, Log: zap.New(core), Store: storetest.New(), Transport: world.RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 20<<10)
	for _, r := range []struct{ method, path, token, body string }{
		{"POST", "/ingest/prometheus", postToken, `{"alerts": [{"status": "firing", "labels": {"alertname": "` + long + `", "customer": "` + long + `"}}]}`},
		{"POST", "/ingest/prometheus", postToken, `{"alerts": [{"status": "` + long + `", "labels": {"alertname": "x"}}]}`},
		{"POST", "/ingest/" + long, postToken, `{}`},
		{"POST", "/api/v1/tickets", apiToken, `{"title": "` + long + `", "site": "` + long + `"}`},
		{"GET", "/api/v1/tickets/" + long, "wrong", ``},
		{"POST", "/twilio/" + long, "", ``},
		{"GET", "/a/" + long, "", ``},
		{"POST", "/api/v1/silences", apiToken, `{"for": "1h", "why": "` + long[:3000] + `", "matchers": [` + strings.Repeat(`"`+long[:150]+`=\"x\"",`, 19) + `"a=b"]}`},
		{"POST", "/ingest/prometheus/api/v2/silences", postToken, `{"comment": "` + long[:3000] + `", "startsAt": "2026-11-21T03:12:00Z", "endsAt": "2099-11-21T03:12:00Z", "createdBy": "` + long[:150] + `", "matchers": [` + strings.Repeat(`{"name": "`+long[:150]+`", "value": "b", "isRegex": false},`, 19) + `{"name": "a", "value": "b", "isRegex": false}]}`},
		{"POST", "/api/v1/heartbeats", apiToken, `{"name": "nightly", "every": "1d", "labels": {"` + long[:200] + `": "` + long[:2000] + `"}}`},
		{"POST", "/heartbeat/" + long, "wrong", long},
		{"POST", "/v2/enqueue", "", `{"routing_key": "` + long + `"}`},
		{"POST", "/api/v1/people/" + long + "/feeds", apiToken, `{"group": "` + long + `"}`},
		{"POST", "/api/v1/people/" + long + "/invitations", apiToken, `{}`},
		{"POST", "/sign-in", "", `name=` + long},
	} {
		req := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
		req.Header.Set("Authorization", "Bearer "+r.token)
		d.Handler().ServeHTTP(httptest.NewRecorder(), req)
	}
	if err := d.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if logs.Len() == 0 {
		t.Error("nothing was logged")
	}
	for _, line := range logs.All() {
		for key, value := range line.ContextMap() {
			if s := fmt.Sprint(value); len(s) > ticket.MaxLogged {
				t.Errorf("%s: %s has %d bytes: %.80s", line.Message, key, len(s), s)
			}
		}
	}
}

// TestNoTokenInALog: a path that has a token is not shown, whichever door it is of.
func TestNoTokenInALog(t *testing.T) {
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
	defer world.Close()
	d, err := New(t.Context(), Options{Config: exampleConfig(t, world), Log: zap.NewNop(), Store: storetest.New(), Transport: world.RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Stop(context.Background()) }()
	checked := 0
	for _, route := range d.web.Table() {
		if before, rest, has := strings.Cut(route.Path, "{token}"); has {
			checked++
			if shown := pathOf(httptest.NewRequest(route.Method, before+"secret"+rest, nil)); strings.Contains(shown, "secret") {
				t.Errorf("%s is logged as %s", route.Path, shown)
			}
		}
	}
	if checked < 8 {
		t.Errorf("only %d paths have a token", checked)
	}
}

// TestAFormOfThousandsOfFields is read by no door of people and providers: it would take
// megabytes for as long as whoever sent it waits. A tool's is the intake's to bound.
func TestAFormOfThousandsOfFields(t *testing.T) {
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
	defer world.Close()
	d, err := New(t.Context(), Options{Config: exampleConfig(t, world), Log: zap.NewNop(), Store: storetest.New(), Transport: world.RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Stop(context.Background()) }()
	status := func(path string, fields int) int {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("name=x&password=y"+strings.Repeat("&a=b", fields-2)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		return w.Code
	}
	for path, wants := range map[string][2]int{
		"/sign-in": {http.StatusUnauthorized, http.StatusBadRequest}, "/sign-in/forgotten": {http.StatusForbidden, http.StatusBadRequest},
		"/twilio/sms": {http.StatusForbidden, http.StatusBadRequest},
	} {
		for i, fields := range []int{900, 5000} {
			if code := status(path, fields); code != wants[i] {
				t.Errorf("%s with %d fields: %d, want %d", path, fields, code, wants[i])
			}
		}
	}
}
