package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/ticket"
)

// mappedAlert is what a source's map made of one alert.
type mappedAlert struct {
	Key     string             `json:"key"` // or a hash of it, if it is long or has spaces
	Status  ticket.AlertStatus `json:"status"`
	Title   string             `json:"title"`
	Labels  map[string]string  `json:"labels"`
	Urgency ticket.Urgency     `json:"urgency"`
}

// mappingOf is what a source's map made; nil for a source without one.
func mappingOf(cfg *config.Config, source config.Source, alerts []ticket.Alert) []mappedAlert {
	if source.Mapping == nil {
		return nil
	}
	all := make([]mappedAlert, len(alerts))
	for i := range alerts {
		a := alerts[i]
		a.Source = source.Name
		all[i] = mappedAlert{Key: a.Fingerprint, Status: a.Status, Title: a.Title(), Labels: a.Labels, Urgency: cfg.Rules.Resolve(&a).Urgency}
		if all[i].Labels == nil {
			all[i].Labels = map[string]string{}
		}
	}
	return all
}

// printMapping writes each alert in two lines.
func printMapping(w io.Writer, all []mappedAlert) {
	for _, a := range all {
		fmt.Fprintln(w, plain(strings.Join([]string{"alert", a.Key, string(a.Status), a.Urgency.String(), a.Title}, " ")))
		labels := make([]string, 0, len(a.Labels))
		for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
			labels = append(labels, name+"="+strconv.Quote(a.Labels[name]))
		}
		fmt.Fprintln(w, plain("  "+orDash(strings.Join(labels, " "))))
	}
	if len(all) > 0 {
		fmt.Fprintln(w)
	}
}
