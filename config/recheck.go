package config

import (
	"net/netip"

	"github.com/astreinte/astreinte/internal/probe"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The tools that can be asked about their alerts again.
const (
	ToolPrometheus = "prometheus"
	ToolIcinga     = "icinga"
	ToolZabbix     = "zabbix"
)

// Tool is a source's tool that can be asked again.
type Tool struct {
	Kind string
	Upstream
}

// toolKinds are the tools that a source's recheck can name.
func toolKinds() []string { return []string{ToolIcinga, ToolPrometheus, ToolZabbix} }

// tool reads which tool is asked again about a source's alerts; nil: none is.
func (r *reader) tool(v value) *Tool {
	if !v.given() {
		return nil
	}
	t := v.table()
	var found *Tool
	for _, kind := range toolKinds() {
		item := t.get(kind)
		one := r.toolOf(kind, item)
		switch {
		case !item.given():
		case found != nil:
			item.errorf("%s is given too: only one of them can be", found.Kind)
		default:
			found = one
		}
	}
	t.refuse("a probe of ours stands in the list recheck, beside sources", probe.HTTP, probe.ICMP, probe.TCP)
	t.done()
	if found == nil && t.n != nil {
		v.errorf("%s wanted", either(toolKinds()))
	}
	return found
}

func (r *reader) toolOf(kind string, v value) *Tool {
	t := v.table()
	if t.n == nil && r.watch == nil {
		return &Tool{Kind: kind}
	}
	by := byEither
	switch kind {
	case ToolIcinga:
		by = byPassword
	case ToolZabbix:
		by = byToken
	}
	tool := &Tool{Kind: kind, Upstream: *r.upstreamIn(t, by)}
	t.done()
	return tool
}

// noted is the value, of which a watcher hears what it is.
func (v value) noted(what string) value {
	v.note(noteType, what)
	return v
}

// probes reads what we look at ourselves, and where that may be.
func (r *reader) probes(v, where value) ([]probe.Spec, []netip.Prefix) {
	var networks []netip.Prefix
	for _, item := range where.list() {
		p, ok := item.network()
		if ok {
			networks = append(networks, p)
		}
		if ok && probe.Never(p) {
			item.errorf("%s is never looked at: loopback, link-local or multicast addresses, metadata services, or addresses of IPv4 in those of IPv6; name the networks of what is watched", p)
		}
	}
	if v.n != nil && v.n.kind == mapping {
		v.errorf("a list of probes wanted: which tool is asked stands in the source (sources.NAME.recheck)")
		return nil, networks
	}
	items := v.list()
	if len(items) > ticket.MaxProbes {
		v.errorf("%d at most", ticket.MaxProbes)
	}
	if len(items) > 0 && !where.given() {
		v.errorf("probes of ours need recheck_networks: the networks that they may look at, such as [10.0.0.0/8]")
	}
	var specs []probe.Spec
	for _, item := range items {
		if s, ok := item.probe(); ok {
			specs = append(specs, s)
		}
	}
	return specs, networks
}

func (v value) probe() (s probe.Spec, ok bool) {
	before := len(v.r.errors)
	t := v.table()
	s.Matchers = t.need("matchers", "matchers on an alert's labels").matchers()
	if len(s.Matchers) == 0 && t.child("matchers").given() && len(v.r.errors) == before {
		t.child("matchers").errorf("none: it would be for every alert")
	}
	for _, kind := range []struct{ name, key, what string }{
		{probe.HTTP, "url", "an address such as https://{{.instance}}/"}, {probe.ICMP, "host", "a host such as {{.instance}}"}, {probe.TCP, "address", "host:port such as {{.instance}}:25"},
	} {
		item := t.get(kind.name)
		if !item.given() && v.r.watch == nil {
			continue
		}
		if s.Kind != "" && item.given() {
			item.errorf("%s is given too: only one of them can be", s.Kind)
		}
		one := item.aim(kind.name, kind.key, kind.what)
		if item.given() && s.Kind == "" {
			s.Kind, s.Target, s.Expect, s.Timeout = kind.name, one.Target, one.Expect, one.Timeout
		}
	}
	t.refuse("a tool that is asked stands in its source: sources.NAME.recheck", toolKinds()...)
	t.done()
	if s.Kind == "" && t.n != nil {
		v.errorf("http, icmp or tcp wanted")
	}
	return s, len(v.r.errors) == before
}

// aim reads what a probe of a kind looks at.
func (v value) aim(kind, key, what string) (s probe.Spec) {
	t := v.table()
	s.Kind = kind
	target := t.need(key, what).noted("a text with places for labels")
	if text, ok := target.text(); ok {
		var err error
		if s.Target, err = probe.Parse(text); err == nil {
			err = s.Check()
		}
		if err != nil {
			target.errorf("%v", err)
		}
	}
	if kind == probe.HTTP {
		expect := t.get("expect")
		if s.Expect = expect.integer(0, 100); s.Expect > 599 {
			expect.errorf("a status of HTTP wanted, from 100 to 599")
		}
	}
	timeout := t.get("timeout")
	if s.Timeout = timeout.duration(probe.DefaultTimeout, positive); s.Timeout > probe.LongestTimeout {
		timeout.errorf("%s at most: somebody waits for the answer", probe.LongestTimeout)
	}
	t.done()
	return s
}
