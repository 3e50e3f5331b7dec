package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
)

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "state=open,closed&urgency=low&limit=1000", "since=2026-11-21T03:12:00+01:00&until=2026-11-21T03:12:00Z",
		"cursor=" + sealCursor("1795226400000000000/I261121_0001"), "cursor=AAAA", "q=%00&customer=%ff", "limit=-1", "x=y", "state=,,",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q, err := parseQuery(values)
		if err != nil {
			var refused *refusal
			if !errors.As(err, &refused) || refused.status != http.StatusBadRequest || !strings.Contains(refused.message, ": ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if q.Limit < 1 || q.Limit > maxLimit {
			t.Fatalf("%q: limit %d", text, q.Limit)
		}
		if values.Get("cursor") != "" && sealCursor(q.Cursor) != values.Get("cursor") {
			t.Fatalf("%q: cursor %q", text, q.Cursor)
		}
	})
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h", 90 * time.Minute: "1h30m", 45 * time.Minute: "45m", 90 * time.Second: "1m30s",
		16 * time.Hour: "16h", time.Hour + time.Second: "1h0m1s", 10 * time.Second: "10s", 0: "0s",
	} {
		if got := short(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestLasted(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "< 1 min", 59 * time.Second: "< 1 min", time.Minute: "1 min", 65 * time.Minute: "1 h 05", 49 * time.Hour: "2 j 1 h",
	} {
		if got := lang.In("fr").Page.Lasted(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestShortened(t *testing.T) {
	for token, want := range map[string]string{"": "…", "short": "…", "abcdefghijklmnopqrstuvwxyz": "abcd…wxyz"} {
		if got := shortened(token); got != want {
			t.Errorf("%q: %q, want %q", token, got, want)
		}
	}
}
