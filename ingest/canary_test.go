package ingest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeCanary is a made-up tool. It costs what every new tool costs: this file,
// and a row in a table.
const TypeCanary = "canary"

// Canary is the row.
func Canary() Tool {
	return Tool{Type: TypeCanary, paths: []path{
		{under: "/song", methods: []string{http.MethodPost}, parse: parseCanary, answers: canaryAnswers},
	}}
}

// canaryAnswers are 201 with a word, or the error as plain text.
var canaryAnswers = answers{
	taken: func(w http.ResponseWriter, _ Taken) int {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "tweet")
		return http.StatusCreated
	},
	wrong: func(w http.ResponseWriter, status int, _, message string) {
		http.Error(w, "no tweet: "+message, status)
	},
}

// parseCanary reads {"bird": "Tweety", "shaft": "north", "sings": false}.
func parseCanary(_ context.Context, data []byte, _ *Source, now time.Time, _ func(context.Context, []ticket.Alert) error) (p parsed, err error) {
	var song struct {
		Bird, Shaft string
		Sings       *bool
	}
	if json.Unmarshal(data, &song) != nil {
		return p, explain(data)
	}
	if song.Bird == "" || song.Sings == nil {
		p.problems = []Problem{{Reason: "a bird, and whether it sings, are wanted"}}
		return p, nil
	}
	a := ticket.Alert{
		Status: ticket.Firing, StartsAt: now,
		Labels: withoutEmpty(map[string]string{"alertname": "CanarySilent", "instance": song.Shaft, "bird": song.Bird}),
	}
	if *song.Sings {
		a.Status, a.StartsAt, a.EndsAt = ticket.Resolved, time.Time{}, now
	}
	a.Fingerprint = fingerprint("", a.Labels)
	if a.Bound(0) {
		p.cut++
	}
	p.Alerts = []ticket.Alert{a}
	return p, nil
}
