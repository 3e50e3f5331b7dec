package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// beatenBy takes out of a source's alerts those that beat heartbeats, and names these.
func beatenBy(cfg *config.Config, source string, alerts []ticket.Alert) (rest []ticket.Alert, names []string) {
	for i := range alerts {
		its := false
		for k := range cfg.Heartbeats {
			h := cfg.Heartbeats[k].Watched()
			if h.From == nil || h.From.Source != source || !h.From.Has(&alerts[i]) {
				continue
			}
			if its = true; !slices.Contains(names, h.Name) {
				names = append(names, h.Name)
			}
		}
		if !its {
			rest = append(rest, alerts[i])
		}
	}
	return rest, names
}

// simulateSilence says who would be paged if a heartbeat fell silent.
func simulateSilence(cmd *cobra.Command, o simulateOptions) error {
	now := time.Now()
	cfg, _, err := load(cmd, o.config, now)
	if err != nil {
		return err
	}
	at, err := parseAt(o.at, cfg.Rules.Location, now)
	if err != nil {
		return usagef(cmd, "%w", err)
	}
	names := make([]string, len(cfg.Heartbeats))
	for i := range cfg.Heartbeats {
		names[i] = cfg.Heartbeats[i].Name
	}
	k := slices.Index(names, o.heartbeat)
	if k < 0 {
		return fmt.Errorf("no heartbeat named %q is in the configuration, which is all that is read here, and not what was made by hand: it has %s", o.heartbeat, orDash(strings.Join(names, ", ")))
	}
	h := cfg.Heartbeats[k].Watched()
	alert := h.Alert(&heartbeat.Beat{State: heartbeat.Late, Since: at, Began: at, Heard: at}, &lang.In(cfg.Rules.Language).Heartbeats)
	var until time.Time
	if o.until > 0 {
		until = at.Add(o.until)
	}
	tickets := escalation.Simulate(cfg.Rules, paging.Reachable(cfg.Rules.Channels), heartbeat.Source, []ticket.Alert{alert}, at, until)
	if o.json {
		return printJSON(cmd.OutOrStdout(), simulationOf(cfg, tickets))
	}
	return printSimulation(cmd.OutOrStdout(), cfg, tickets, at)
}
