package redisstore

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// FuzzTag holds that any text gives one hash tag, and no two the same.
func FuzzTag(f *testing.F) {
	for _, text := range []string{"", "prometheus", "a}b", "{", "}{", "%7D", "é\x00\n", "%", ":", "{}"} {
		f.Add(text, text+"}")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		got := tag(a)
		inner := strings.TrimSuffix(strings.TrimPrefix(got, "{"), "}")
		if len(inner) != len(got)-2 || inner == "" || strings.ContainsAny(inner, "{}") {
			t.Errorf("tag(%q) = %q", a, got)
		}
		if (a == b) != (got == tag(b)) {
			t.Errorf("tag(%q) = %q, tag(%q) = %q", a, got, b, tag(b))
		}
	})
}

func TestNumbersOfOnePrefixShareAKey(t *testing.T) {
	for _, prefix := range []string{"I261121_", "T", "", "2026", "I261121", "{x}"} {
		for _, n := range []string{"0001", "9999", "10000"} {
			if got, want := numbersKey(prefix+n), numbersKey(prefix); got != want {
				t.Errorf("number %s%s is kept in %s, its prefix's in %s", prefix, n, got, want)
			}
		}
	}
}

func TestStamp(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, ""},
		{time.Unix(0, 0), "0"},
		{time.Date(2026, 11, 21, 3, 12, 0, 123456000, time.UTC), "1795230720123456"},
		{time.Date(2026, 11, 21, 3, 12, 0, 123456007, time.UTC), "1795230720123456.007"},
		{time.Date(2026, 11, 21, 3, 12, 0, 700, time.FixedZone("", 3600)), "1795227120000000.700"},
		{time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), "253402300799999999.999"},
		{time.Date(1969, 12, 31, 23, 59, 59, 999999500, time.UTC), "-1.500"},
	} {
		if got := stamp(c.at); got != c.want {
			t.Errorf("stamp(%v) = %q, want %q", c.at, got, c.want)
		}
		if got, err := unstamp(c.want); err != nil || !got.Equal(c.at) {
			t.Errorf("unstamp(%q) = %v, %v, want %v", c.want, got, err, c.at)
		}
	}
	if _, err := unstamp("soon"); err == nil {
		t.Error("unstamp takes anything")
	}
}

// What script claim looks up says the same as the rule.
func TestWantsIsWantedFor(t *testing.T) {
	kinds := []ticket.PageKind{ticket.KindPage, ticket.KindJoined, ticket.KindTaken, ticket.KindRecovered}
	for _, state := range []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved, ticket.Closed} {
		for episode := 1; episode <= 12; episode++ {
			of := ticket.Ticket{State: state, Progress: ticket.Progress{Episode: 2}}
			for _, kind := range kinds {
				p := ticket.Page{PageKey: ticket.PageKey{Episode: episode}, Kind: kind}
				got := strings.Contains(wants(&of), " "+want(kind, episode)+" ")
				if got != p.WantedFor(state, 2) {
					t.Errorf("%s of episode %d, ticket %s in episode 2: wanted is %v", kind, episode, state, got)
				}
			}
		}
	}
}

func TestJudge(t *testing.T) {
	good := map[string]string{"appendonly": "yes", "appendfsync": "always", "maxmemory": "0", "maxmemory-policy": "allkeys-lru"}
	if found := judge(good); len(found) > 0 {
		t.Errorf("good settings: %q", found)
	}
	for _, c := range []struct{ name, value, want string }{
		{"appendonly", "no", "appendonly is off"},
		{"appendfsync", "everysec", "the last second"},
		{"appendfsync", "no", `appendfsync is "no"`},
		{"maxmemory", "1048576", `maxmemory-policy is "allkeys-lru"`},
	} {
		settings := map[string]string{}
		for k, v := range good {
			settings[k] = v
		}
		settings[c.name] = c.value
		if found := judge(settings); len(found) != 1 || !strings.Contains(found[0], c.want) {
			t.Errorf("%s %s: %q, want %q", c.name, c.value, found, c.want)
		}
	}
	if w := ageOf("# Server\r\nredis_version:6.2.7\r\nredis_git_sha1:0\r\n"); !strings.Contains(w, "6.2.7") {
		t.Errorf("version 6.2.7: %q", w)
	}
	if w := ageOf("# Server\r\nredis_version:7.0.15\r\n"); w != "" {
		t.Errorf("version 7.0.15: %q", w)
	}
}
