package redisstore

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// FuzzTag: any text gives one hash tag, and no two texts give the same.
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

// What script claim looks up agrees with the rule.
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
	good := map[string]string{"appendonly": "yes", "appendfsync": "always"}
	if found := judge(good); len(found) > 0 {
		t.Errorf("good settings: %q", found)
	}
	for _, c := range []struct{ name, value, want string }{
		{"appendonly", "no", "appendonly is off"},
		{"appendfsync", "everysec", "the last second"},
		{"appendfsync", "no", `appendfsync is "no"`},
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
}

// What a server says of itself decides whether it will do, and what to warn
// of.
func TestInfo(t *testing.T) {
	for _, c := range []struct{ version, maxmemory, policy, evicted, unfit, warns string }{
		{"7.0.15", "0", "noeviction", "0", "", ""},
		{"7.0.15", "0", "allkeys-lru", "0", "", ""},
		{"7.0.15", "1048576", "noeviction", "0", "", ""},
		{"6.2.7", "0", "noeviction", "0", "version 6.2.7", ""},
		{"10.1.0", "0", "noeviction", "0", "", ""},
		{"7.0.15", "1048576", "allkeys-lfu", "0", "maxmemory-policy is allkeys-lfu", "tickets and pages"},
		{"7.0.15", "1048576", "volatile-ttl", "0", "", "links and receipts"},
		{"7.0.15", "0", "noeviction", "12", "", "thrown 12 keys away"},
		{"", "", "", "", "", ""},
	} {
		info := map[string]string{"redis_version": c.version, "maxmemory": c.maxmemory, "maxmemory_policy": c.policy, "evicted_keys": c.evicted}
		if got := unfit(info); (got == "") != (c.unfit == "") || !strings.Contains(got, c.unfit) {
			t.Errorf("%v is unfit: %q, want %q", info, got, c.unfit)
		}
		if got := strings.Join(memory(info), " "); (got == "") != (c.warns == "") || !strings.Contains(got, c.warns) {
			t.Errorf("%v warns: %q, want %q", info, got, c.warns)
		}
	}
}

func TestFollowing(t *testing.T) {
	for _, c := range []struct {
		wanted          int
		replicas, least string
		want            string
	}{
		{0, "0", "0", ""},
		{0, "1", "1", ""},
		{0, "", "0", ""},
		{1, "2", "0", ""},
		{0, "1", "0", "min-replicas-to-write"},
		{1, "0", "0", "no replica"},
		{1, "1", "1", "have two"},
	} {
		s := &Store{replicas: c.wanted}
		if got := strings.Join(s.following(c.replicas, c.least), " "); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]version{"1": {1, 0}, "1.0": {1, 0}, "1.7": {1, 7}, "12.3": {12, 3}, "0": {0, 0}} {
		if got, err := parseVersion(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "new", "1.", ".1", "1.x", "-1", "1.-2", "1.2.3"} {
		if got, err := parseVersion(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
