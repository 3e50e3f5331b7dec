package config

import (
	"strings"
	"testing"
)

// TestWhatPeopleWantIsChecked: a channel that is none, twice or too late, a calendar that
// is none or never closes, an urgency that is never held back; and how groups ask.
func TestWhatPeopleWantIsChecked(t *testing.T) {
	base := string(Example())
	person, group := `phones: ["+33612345601"]`, "    rotations:"
	if !strings.Contains(base, person) || !strings.Contains(base, group) {
		t.Fatal("the example has no alice")
	}
	for _, c := range []struct{ at, more, want string }{
		{person, `wake: {critical: [push, {sms: 1m}], low: [sms]}`, ""},
		{person, `wake: {critical: [pigeon]}`, "pigeon"},
		{person, `wake: {critical: [sms, {sms: 1m}]}`, "sms is named twice"},
		{person, `wake: {critical: [{sms: 2d}]}`, "a day after the first page, at most"},
		{person, `wake: {critical: [{sms: soon}]}`, `"soon" is no duration`},
		{person, `wake: {critical: [{sms: 1m, push: 2m}]}`, "one channel and its delay"},
		{person, `quiet: {during: business}`, ""},
		{person, `quiet: {urgencies: [minor]}`, "during is needed"},
		{person, `quiet: {during: nowhere}`, "nowhere"},
		{person, `quiet: {during: business, urgencies: [critical]}`, "never held back"},
		{group, `readiness: off`, ""},
		{group, `readiness: sometimes`, "off, or {ask: 24h"},
		{group, `readiness: {ask: 1m}`, "10 minutes to a week"},
		{group, `readiness: {ask: 1h, remind: 2h}`, "it comes after the first message"},
		{group, `readiness: {channels: [pigeon]}`, `no channel is named "pigeon"`},
		{group, `readiness: {channels: []}`, "asks nobody"},
		{group, `managers: [nobody]`, "nobody"},
	} {
		text := strings.Replace(base, c.at, c.at+"\n    "+c.more, 1)
		if c.at == group {
			text = strings.Replace(base, c.at, "    "+c.more+"\n"+c.at, 1)
		}
		_, report := Parse("astreinte.yml", []byte(text), t.TempDir(), Options{Now: saturday})
		found := false
		for _, e := range report.Errors {
			about := strings.Contains(e.Path, "wake") || strings.Contains(e.Path, "quiet") || strings.Contains(e.Path, "readiness") || strings.Contains(e.Path, "managers")
			if about && c.want == "" {
				t.Errorf("%s: %v", c.more, e)
			}
			found = found || about && strings.Contains(e.Message, c.want)
		}
		if !found && c.want != "" {
			t.Errorf("%s: %q is not said: %v", c.more, c.want, report.Errors)
		}
	}
}
