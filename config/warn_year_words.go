package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// say reports a doubt, at the step or the policy that it is about.
func (r *reader) say(rules *escalation.Rules, d *doubt) {
	path := join("policies", d.course.policy.Name)
	steps := d.course.policy.Steps
	promised := ""
	if p, ok := rules.Contracts[d.contract].GTI[d.urgency]; ok {
		promised = fmt.Sprintf("the GTI of contract %q (%s: %s)", d.contract, d.urgency, short(p.Within))
	}
	var what string
	switch d.trouble {
	case none:
	case noSteps:
		what = "it has no steps, and alerts come here that nobody is paged for"
	case nobody:
		what = fmt.Sprintf("nobody is paged within %d days", int(escalation.LookAhead.Hours()/24))
	case beginsLate:
		first := slices.IndexFunc(steps, func(s ticket.Step) bool { return s.After == earliest(steps).After })
		path = join(index(path, first), "after")
		what = fmt.Sprintf("the first step begins %s into the episode, when %s is over", short(steps[first].After), promised)
	case pagesLate:
		what = fmt.Sprintf("the first page goes out after %s, when %s is over", short(d.outlook.First), promised)
	case alone:
		what = fmt.Sprintf("%s alone is paged, whom nobody stands in for before %s is over", d.outlook.Person, promised)
	case samePerson:
		what = fmt.Sprintf("all of its steps page %s and nobody else before %s is over", d.outlook.Person, promised)
	case laterSecond:
		if late := slices.IndexFunc(steps, func(s ticket.Step) bool { return s.After > d.due }); late > 0 {
			path = join(index(path, late), "after")
		}
		what = fmt.Sprintf("nobody but %s is paged before %s is over", d.outlook.Person, promised)
	}
	at, ok := r.at[path]
	if !ok || !at.given() {
		at = r.at[join("policies", d.course.policy.Name)]
	}
	at.warnf("%s: %s; %s", what, d.whose(), r.example(d))
}

// whose names the customer of the example, and counts the others.
func (d *doubt) whose() string {
	b := fmt.Sprintf("customer %q, %s", d.customer, d.urgency)
	if d.contract != "" {
		b += fmt.Sprintf(", contract %q", d.contract)
	}
	if len(d.alsoUrgency) > 0 {
		b += " (also " + listed(d.alsoUrgency) + ")"
	}
	switch n := len(d.others); {
	case n == 1:
		b += ", and 1 more customer"
	case n > 1:
		b += fmt.Sprintf(", and %d more customers", n)
	}
	return b
}

func listed(all []ticket.Urgency) string {
	words := make([]string, len(all))
	for i, u := range all {
		words[i] = u.String()
	}
	return strings.Join(words, ", ")
}

// example says when the doubt can be seen, and which command shows it.
func (r *reader) example(d *doubt) string {
	local := d.at.In(r.location)
	b := fmt.Sprintf("for instance at %s", local.Format("2006-01-02 15:04"))
	if d.hours > 1 {
		b += fmt.Sprintf(", one of %d hours of the coming year", d.hours)
	}
	if d.alert.Source == "" {
		return b // no configured source can send the alert
	}
	return b + ": " + r.command(d.alert.Labels, d.alert.Source, local)
}

// command is a line for a shell that simulates an alert.
func (r *reader) command(labels map[string]string, source string, at time.Time) string {
	var payload bytes.Buffer
	alertmanager := r.opts.Tools.Types()[0]
	enc := json.NewEncoder(&payload)
	enc.SetEscapeHTML(false)
	if err := enc.Encode([]map[string]any{{"labels": labels}}); err != nil {
		return "" // never: texts always become JSON
	}
	when := at.Format("2006-01-02T15:04")
	if again, err := time.ParseInLocation("2006-01-02T15:04", when, r.location); err != nil || !again.Equal(at) {
		when = at.Format(time.RFC3339) // the local hour comes twice
	}
	file := r.path
	if file == "" {
		file = r.name
	}
	if kind := r.kinds[source]; kind != "" && kind != alertmanager { // labels alone are no payload of it
		line := fmt.Sprintf("astreinte simulate --config %s --source %s --at %s", quoted(file), quoted(source), when)
		for _, name := range slices.Sorted(maps.Keys(labels)) {
			line += " --label " + quoted(name+"="+labels[name])
		}
		return line
	}
	return fmt.Sprintf("echo %s | astreinte simulate --config %s --source %s --at %s -",
		quoted(strings.TrimSpace(payload.String())), quoted(file), quoted(source), when)
}

// quoted is a text as one word for a shell.
func quoted(text string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./", c)
	}
	if text != "" && !strings.ContainsFunc(text, func(c rune) bool { return !plain(c) }) && text[0] != '-' {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
