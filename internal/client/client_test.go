package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const secret = "hush-0123456789"

// seen is the request that a fake daemon got last.
type seen struct {
	method, path, query, body string
	header                    http.Header
}

// answering is a client of a daemon that always answers the same.
func answering(t *testing.T, status int, contentType, body string) (*Client, *seen) {
	t.Helper()
	got := &seen{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = seen{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(text), r.Header}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	c, err := New(Options{URL: server.URL + "/pager/", Token: secret, HTTP: server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return c, got
}

func TestTickets(t *testing.T) {
	body := `{"tickets":[{"number":"I261121_0001","state":"open","gti":{"due_at":"2026-11-21T03:12:00Z","state":"running"}}],"next":"abc"}`
	c, got := answering(t, http.StatusOK, "application/json", body)
	list, err := c.Tickets(t.Context(), Query{States: []string{"open", "acknowledged"}, Customer: "a&b", Limit: 7})
	if err != nil {
		t.Fatal(err)
	}
	if got.method != "GET" || got.path != "/pager/api/v1/tickets" || got.query != "customer=a%26b&limit=7&state=open&state=acknowledged" {
		t.Errorf("asked %s %s?%s", got.method, got.path, got.query)
	}
	if got.header.Get("Authorization") != "Bearer "+secret || got.header.Get("X-Astreinte-Via") != "cli" {
		t.Errorf("headers %v", got.header)
	}
	if list.Next != "abc" || len(list.Tickets) != 1 || string(list.Raw) != body {
		t.Fatalf("list %+v", list)
	}
	one := list.Tickets[0]
	if one.Number != "I261121_0001" || !one.GTI.DueAt.Equal(time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)) || !one.AcknowledgedAt.IsZero() {
		t.Errorf("ticket %+v", one)
	}
}

func TestTicket(t *testing.T) {
	c, got := answering(t, http.StatusOK, "application/json",
		`{"number":"I/1","pages":[{"person":"alice","channel":"sms","state":"sent"}],"timeline":[{"kind":"opened","actor":{"kind":"sender","name":"prometheus"},"text":"opened"}]}`)
	one, err := c.Ticket(t.Context(), "I/1")
	if err != nil {
		t.Fatal(err)
	}
	if got.path != "/pager/api/v1/tickets/I%2F1" || got.body != "" {
		t.Errorf("asked %s with %q", got.path, got.body)
	}
	if len(one.Pages) != 1 || one.Pages[0].Person != "alice" || len(one.Timeline) != 1 || one.Timeline[0].Actor.Name != "prometheus" {
		t.Errorf("ticket %+v", one)
	}
}

func TestAct(t *testing.T) {
	for _, tt := range []struct {
		deed Deed
		path string
		body string
	}{
		{Deed{Action: Acknowledge, Person: "alice"}, "/acknowledge", `{"person":"alice"}`},
		{Deed{Action: PickUp}, "/pickup", `{}`},
		{Deed{Action: Note, Text: `disk "full"`}, "/note", `{"text":"disk \"full\""}`},
	} {
		c, got := answering(t, http.StatusOK, "application/json", `{"number":"I1","state":"acknowledged"}`)
		one, err := c.Act(t.Context(), "I1", tt.deed)
		if err != nil {
			t.Fatal(err)
		}
		if got.method != "POST" || got.path != "/pager/api/v1/tickets/I1"+tt.path || got.body != tt.body {
			t.Errorf("%v: asked %s %s with %s", tt.deed, got.method, got.path, got.body)
		}
		if one.State != "acknowledged" || !json.Valid(one.Raw) {
			t.Errorf("%v: %+v", tt.deed, one)
		}
	}
}

func TestOnCall(t *testing.T) {
	c, got := answering(t, http.StatusOK, "application/json", `[{"group":"g","people":["alice"],"next":[]}]`)
	at := time.Date(2026, 12, 25, 3, 0, 0, 0, time.FixedZone("", 3600))
	duties, err := c.OnCall(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if got.query != "at=2026-12-25T02%3A00%3A00Z" {
		t.Errorf("query %s", got.query)
	}
	if len(duties) != 1 || duties[0].People[0] != "alice" || !duties[0].Until.IsZero() {
		t.Errorf("duties %+v", duties)
	}
	if _, err := c.OnCall(t.Context(), time.Time{}); err != nil || got.query != "" {
		t.Errorf("now: query %q, %v", got.query, err)
	}
}

func TestSchedules(t *testing.T) {
	const one = `{"group":"on call","from":"2026-12-25T00:00:00Z","to":"2026-12-26T00:00:00Z","spans":[` +
		`{"from":"2026-12-25T00:00:00Z","to":"2026-12-26T00:00:00Z","people":[{"person":"alice","why":"week"}]}]}`
	c, got := answering(t, http.StatusOK, "application/json", one)
	from := time.Date(2026, 12, 25, 1, 0, 0, 0, time.FixedZone("", 3600))
	list, err := c.Schedules(t.Context(), "on-call", from, from.AddDate(0, 0, 1))
	if err != nil || len(list) != 1 || list[0].Spans[0].People[0] != (Assignment{Person: "alice", Why: "week"}) {
		t.Errorf("%+v, %v", list, err)
	}
	if got.path != "/pager/api/v1/groups/on-call" || got.query != "from=2026-12-25T00%3A00%3A00Z&to=2026-12-26T00%3A00%3A00Z" {
		t.Errorf("asked %s?%s", got.path, got.query)
	}
	c, got = answering(t, http.StatusOK, "application/json", `{"groups":[`+one+`]}`)
	list, err = c.Schedules(t.Context(), "", time.Time{}, time.Time{})
	if err != nil || len(list) != 1 || list[0].Group != "on call" || got.path != "/pager/api/v1/groups" || got.query != "" {
		t.Errorf("%+v, %v of %s?%s", list, err, got.path, got.query)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name        string
		status      int
		contentType string
		body        string
		want        string
		code        string
	}{
		{
			"the API's own", http.StatusConflict, "application/json",
			`{"error":{"code":"state","message":"acknowledge: ticket I1 is closed"}}`, "acknowledge: ticket I1 is closed", "state",
		},
		{
			"the public address'", http.StatusNotFound, "application/json",
			`{"error":{"code":"no_such_path","message":"there is nothing at this path"}}`,
			"Astreinte answers here, but not with its API: where the daemon has a server.private_listen, give that address as --url or ASTREINTE_URL", "no_such_path",
		},
		{"a proxy's", http.StatusBadGateway, "text/html; charset=utf-8", "<h1>no</h1>", "502 Bad Gateway (text/html): that is not Astreinte's API; check the URL", ""},
		{"empty", http.StatusNotFound, "", "", "404 Not Found (no content type): that is not Astreinte's API; check the URL", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := answering(t, tt.status, tt.contentType, tt.body)
			_, err := c.Ticket(t.Context(), "I1")
			var refused *Error
			if !errors.As(err, &refused) || refused.Error() != tt.want || refused.Code != tt.code || refused.Status != tt.status {
				t.Errorf("got %#v, want %q", err, tt.want)
			}
		})
	}
}

// TestNotTheAPI is a page that answers 200 to everything.
func TestNotTheAPI(t *testing.T) {
	c, _ := answering(t, http.StatusOK, "text/html", "<html>")
	if _, err := c.Tickets(t.Context(), Query{}); err == nil || !strings.Contains(err.Error(), "check the URL") {
		t.Errorf("got %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	c, err := New(Options{URL: address, Token: secret})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Tickets(t.Context(), Query{})
	if err == nil || !strings.HasPrefix(err.Error(), "no daemon answers at "+address+" ") || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = c.Tickets(ctx, Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestNew(t *testing.T) {
	for _, tt := range []struct{ url, token, want string }{
		{"http://127.0.0.1:8080", secret, ""},
		{"https://example.net/pager/", secret, ""},
		{"127.0.0.1:8080", secret, "no absolute address"},
		{"ftp://example.net", secret, "no absolute address"},
		{"http://me:" + secret + "@example.net", secret, "nothing before an @"},
		{"http://example.net/?a=b", secret, "no ?"},
		{"http://example.net", "", "no API token"},
		{"http://example.net", secret + "\n", "no token has"},
	} {
		_, err := New(Options{URL: tt.url, Token: tt.token})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.url, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %q", tt.url, err, tt.want)
		case err != nil && strings.Contains(err.Error(), secret):
			t.Errorf("%s: the error has the token: %v", tt.url, err)
		}
	}
}
