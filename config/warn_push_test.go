package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestWarnOfPushAlone names each step of a policy that critical alerts come to.
func TestWarnOfPushAlone(t *testing.T) {
	for _, c := range []struct {
		name, steps, route string
		want               int
	}{
		{"beside SMS", `[{page: on-call, by: [push, sms]}]`, `{receiver: page}`, 0},
		{"SMS alone", `[{page: on-call, by: [sms]}]`, `{receiver: page}`, 0},
		{"push alone", `[{page: on-call, by: [push]}, {page: managers, after: 15m, by: [sms]}]`, `{receiver: page}`, 1},
		{"twice", `[{page: on-call, by: [push]}, {page: managers, after: 15m, by: [push]}]`, `{receiver: page}`, 2},
		{"not for critical alerts", `[{page: on-call, by: [push]}]`, `{receiver: other, routes: [{receiver: page, matchers: ['severity="low"']}]}`, 0},
	} {
		text := strings.Replace(desk, `[{page: on-call}, {page: managers, after: 15m}]}`, c.steps+"}\n  other: {steps: [{page: on-call, by: [sms]}]}", 1)
		text = strings.Replace(text, "route: {receiver: page}", "route: "+c.route, 1)
		_, report := Parse("astreinte.yml", []byte(text), t.TempDir(), Options{Now: saturday})
		if len(report.Errors) > 0 {
			t.Fatal(c.name, report.Errors)
		}
		n := 0
		for _, w := range report.Warnings {
			if strings.Contains(fmt.Sprint(w), "pages by push alone") {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%s: %d warnings, want %d: %v", c.name, n, c.want, report.Warnings)
		}
	}
}
