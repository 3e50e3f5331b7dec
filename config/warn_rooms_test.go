package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestWarnOfARoomAlone: a room of chat reaches nobody, so a step that has nothing else is
// named.
func TestWarnOfARoomAlone(t *testing.T) {
	for steps, want := range map[string]string{
		`[{page: on-call, by: [ops]}, {page: managers, after: 15m}]`:             "policies.page[0].by",
		`[{page: on-call}, {page: managers, after: 15m, by: [ops]}]`:             "policies.page[1].by",
		`[{page: on-call, by: [ops, sms]}, {page: managers, after: 15m}]`:        "",
		`[{page: on-call, by: [sms]}, {page: managers, after: 15m, by: [push]}]`: "",
	} {
		text := strings.Replace(desk, `[{page: on-call}, {page: managers, after: 15m}]`, steps, 1) + "\nchat: {ops: {teams: {url: \"https://t.example.net/x\"}}}\n"
		_, report := Parse("astreinte.yml", []byte(text), t.TempDir(), Options{Now: saturday})
		if len(report.Errors) > 0 {
			t.Fatal(steps, report.Errors)
		}
		var said []string
		for _, w := range report.Warnings {
			if line := fmt.Sprint(w); strings.Contains(line, "a room of chat is nobody") {
				said = append(said, line)
			}
		}
		if (want == "") != (len(said) == 0) || want != "" && (len(said) != 1 || !strings.Contains(said[0], want)) {
			t.Errorf("%s: %q, want %q", steps, said, want)
		}
	}
}
