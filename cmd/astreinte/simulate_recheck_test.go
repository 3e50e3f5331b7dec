package main

import (
	"strings"
	"testing"

	"github.com/prometheus/alertmanager/matcher/parse"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/probe"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatWouldBeAsked: simulate says by what an alert would be checked again.
func TestWhatWouldBeAsked(t *testing.T) {
	matchers, err := parse.Matchers(`alertname="HostDown"`)
	if err != nil {
		t.Fatal(err)
	}
	target, err := probe.Parse("https://{{.instance}}/")
	if err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{Probes: []probe.Spec{{Matchers: matchers, Kind: probe.HTTP, Target: target}}}
	alert := func(name, instance string) ticket.Alert {
		return ticket.Alert{Labels: map[string]string{"alertname": name, "instance": instance}}
	}
	alerts := []ticket.Alert{alert("HostDown", "db"), alert("HostDown", "db:9100"), alert("DiskFull", "db"), alert("HostDown", "127.0.0.1")}
	var out strings.Builder
	printAsked(&out, askedOf(cfg, config.Source{}, alerts))
	printAsked(&out, askedOf(cfg, config.Source{Recheck: &config.Tool{Kind: config.ToolIcinga}}, alerts[:1]))
	printAsked(&out, askedOf(&config.Config{}, config.Source{}, alerts))
	if want := `checked again: db HostDown: by http https://db/
checked again: db:9100 HostDown: by http https://{{.instance}}/: a label is no host name and no number: instance
checked again: db DiskFull: nothing can be asked
checked again: 127.0.0.1 HostDown: by http https://127.0.0.1/: its address is not in recheck_networks, or nobody may look there
checked again: db HostDown: by icinga
`; out.String() != want {
		t.Errorf("%s", out.String())
	}
}
