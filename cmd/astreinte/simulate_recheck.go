package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/probe"
	"github.com/astreinte/astreinte/internal/ticket"
)

// askedAgain is what would be asked about an alert that is to be checked again.
type askedAgain struct {
	Title   string `json:"title"`
	By      string `json:"by"`                // a tool, or the kind of a probe; empty: nothing can be asked
	Target  string `json:"target,omitempty"`  // what a probe would look at
	Problem string `json:"problem,omitempty"` // why it could not
}

// askedOf is what would be asked about each alert; nil if nothing is configured to be.
func askedOf(cfg *config.Config, source config.Source, alerts []ticket.Alert) []askedAgain {
	if source.Recheck == nil && len(cfg.Probes) == 0 {
		return nil
	}
	all := make([]askedAgain, len(alerts))
	for i := range alerts {
		a := &alerts[i]
		all[i].Title = a.Title()
		if source.Recheck != nil {
			all[i].By = source.Recheck.Kind
			continue
		}
		at := slices.IndexFunc(cfg.Probes, func(s probe.Spec) bool { return s.Matches(a.Labels) })
		if at < 0 {
			continue
		}
		target, err := cfg.Probes[at].Render(a.Labels)
		all[i].By, all[i].Target = cfg.Probes[at].Kind, target
		switch {
		case errors.Is(err, probe.ErrLabel):
			all[i].Target, all[i].Problem = cfg.Probes[at].Target.String(), err.Error()
		case err != nil:
			all[i].Problem = err.Error()
		case !mayLook(cfg, cfg.Probes[at].Kind, target):
			all[i].Problem = probe.ErrForbidden.Error()
		}
	}
	return all
}

// mayLook says whether a target may be looked at, as far as that is known without asking
// for the addresses of a name.
func mayLook(cfg *config.Config, kind, target string) bool {
	host := target
	switch kind {
	case probe.HTTP:
		u, err := url.Parse(target)
		if err != nil {
			return true
		}
		host = u.Hostname()
	case probe.TCP:
		host, _, _ = net.SplitHostPort(target)
	}
	a, err := netip.ParseAddr(host)
	other := func() ([]netip.Addr, error) { return nil, nil } // the daemon may run on another machine than this command
	guard := probe.Guard{Networks: cfg.RecheckNetworks, Own: other}
	return err != nil || guard.Allowed(a)
}

// printAsked writes a line for each alert.
func printAsked(w io.Writer, all []askedAgain) {
	for _, a := range all {
		text := "nothing can be asked"
		if a.By != "" {
			text = "by " + a.By
		}
		if a.Target != "" {
			text += " " + a.Target
		}
		if a.Problem != "" {
			text += ": " + a.Problem
		}
		fmt.Fprintln(w, plain("checked again: "+a.Title+": "+text))
	}
}
