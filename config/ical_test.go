package config

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestGroupsThatAreKeptElsewhere reads where a calendar is, telephones and tiers; what
// is wrong is said at its place.
func TestGroupsThatAreKeptElsewhere(t *testing.T) {
	group := func(lines string) []byte {
		text := string(Example())
		if !strings.Contains(text, "    rotations:") {
			t.Fatal("the example has changed")
		}
		return []byte(strings.Replace(text, "    rotations:", "    "+strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n    ")+"\n    rotations:", 1))
	}
	dir := exampleDir(t)
	c, report := Parse("astreinte.yml", group(`
ical: {url: "https://calendar.example.org/x.ics", every: 5m, token_file: secrets/api.token}
phones: ["+33612345650"]
tier: L2`), dir, Options{Now: saturday})
	if c == nil {
		t.Fatalf("%+v", report.Errors)
	}
	g, _ := c.Rules.Directory.Group("on-call")
	if len(c.ICals) != 1 || c.ICals[0].Every != 5*time.Minute || c.ICals[0].Zone == nil || c.ICals[0].Token.Reveal() == "" || !g.Imported || g.Tier != "L2" || !slices.Equal(g.Phones, []string{"+33612345650"}) {
		t.Errorf("%+v %+v", c.ICals, g)
	}
	for _, line := range report.Warnings {
		if strings.Contains(line.Message, "nobody is on call") {
			t.Errorf("%+v", line)
		}
	}
	for _, c := range []struct{ name, lines, want string }{
		{"a person's telephone", `phones: ["+33612345601"]`, "is a number of people.alice: a telephone belongs to one person, or to one group"},
		{"twice", `phones: ["+33612345650", "+33612345650"]`, "is a number of groups.on-call: a telephone belongs to one person, or to one group"},
		{"a tier that is none", `tier: L4`, `no tier "L4": L1, L2 or L3`},
		{"no address", `ical: {every: 5m}`, "groups.on-call.ical.url: the calendar's address wanted"},
		{"no address of a server", `ical: {url: "webcal://x"}`, "not an absolute address"},
		{"a password in the address", `ical: {url: "https://me:word@example.org/"}`, "without a password before an @"},
		{"too often", `ical: {url: "https://x.example.org/", every: 5s}`, "from a minute to a day wanted"},
		{"a user without a password", `ical: {url: "https://x.example.org/", user: me}`, "user and password_file go together"},
		{"a password that is written down", `ical: {url: "https://x.example.org/", user: me, password: word}`, "write password_file"},
	} {
		_, report := Parse("astreinte.yml", group(c.lines), dir, Options{Now: saturday})
		var all []string
		for _, p := range report.Errors {
			all = append(all, p.String())
		}
		if !strings.Contains(strings.Join(all, "\n"), c.want) {
			t.Errorf("%s: %q", c.name, all)
		}
	}
}
