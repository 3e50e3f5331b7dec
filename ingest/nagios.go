package ingest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/nagios"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeNagios is Nagios, Naemon, Icinga, Centreon or Checkmk: what `astreinte
// notify` posts for their notification commands, or any script that posts the
// macros of such a notification as a JSON object.
const TypeNagios = "nagios"

// nagiosMembers is how many members of a notification are looked at. Nagios
// has some 180 macros.
const nagiosMembers = 500

// parseNagios reads a notification, or a list of them, the oldest first.
func parseNagios(ctx context.Context, data []byte, s *Source, now time.Time, _ func(context.Context, []ticket.Alert) error) (p parsed, err error) {
	if data, err = jsonOf(data); err != nil {
		return p, err
	}
	body := parsedValue(data)
	read := func(v value) {
		i := len(p.Alerts) + len(p.problems)
		if p.full = p.full || len(p.Alerts) >= s.MaxAlerts; p.full || len(p.problems) >= wrongEnough {
			p.unread++
			return
		}
		a, err := nagiosAlert(v, now)
		if err != nil {
			p.problems = append(p.problems, Problem{Index: i, Reason: ticket.Cut(err.Error(), longestReason)})
			return
		}
		s.add(&a)
		if a.Bound(0) {
			p.cut++
		}
		p.Alerts = append(p.Alerts, a)
	}
	switch body.kind() {
	case '{':
		read(body)
	case '[':
		r := *body.r
		r.at = body.from
		r.elements(func() bool {
			v := r.here()
			read(value{r: body.r, from: v.from, to: v.to})
			return v.to > 0 && ctx.Err() == nil
		})
	default:
		if body.to == 0 {
			return p, explain(data)
		}
		return p, errors.New(mismatch(&reader{data: data, at: body.from}, data[body.from], "the body", "object"))
	}
	settle(p.Alerts)
	return p, nil
}

// settle takes what began and ended within one request for what it is by now:
// over. It came from a spool, and nobody is to be woken for it, or to be told
// that it is over. If a ticket of it is open, the beginning is a line there.
func settle(alerts []ticket.Alert) {
	over := map[string]bool{}
	for i := len(alerts) - 1; i >= 0; i-- {
		a := &alerts[i]
		switch {
		case a.Status == ticket.Resolved:
			over[a.Fingerprint] = true
		case a.Status == ticket.Firing && over[a.Fingerprint]:
			a.Status = ticket.Unsaid
			if a.Remark == nil {
				a.Remark = &ticket.Remark{Kind: ticket.RemarkNoted, What: a.Annotations["state"], Text: a.Annotations["summary"]}
			}
		}
	}
}

// nagiosAlert is one notification.
func nagiosAlert(v value, now time.Time) (a ticket.Alert, err error) {
	if v.kind() != '{' {
		return a, errors.New("a notification is an object")
	}
	given, read := map[string]string{}, 0
	v.members(func(name text, is value) {
		if read++; read <= nagiosMembers {
			given[ticket.Cut(v.r.decoded(name), ticket.MaxLabelName)] = is.text()
		}
	})
	f := nagios.Fields(given)
	if strings.EqualFold(f[nagios.What], nagios.Host) {
		delete(f, nagios.Service)
	}
	host, service := f[nagios.Host], f[nagios.Service]
	state, kind := nagiosState(f), f[nagios.Type]
	switch {
	case host == "":
		return a, errors.New("no host: the macro $HOSTNAME$ wanted, as NAGIOS_HOSTNAME or host")
	case state == "" && kind == "":
		return a, errors.New("neither a type nor a state: the macros $NOTIFICATIONTYPE$ and $SERVICESTATE$ or $HOSTSTATE$ wanted")
	}
	well := state == "OK" || state == "UP" || state == "PENDING" || state == "" && !strings.EqualFold(kind, "PROBLEM")
	a.Status, a.Remark = notified(kind, well, f[nagios.Author], f[nagios.Comment])
	a.Fingerprint = key(host)
	if service != "" {
		a.Fingerprint = key(host, service)
	}
	a.Labels, a.Annotations = nagiosLabels(f, state), nagiosAnnotations(f, state)
	if u := f[nagios.URL]; strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://") {
		a.GeneratorURL = u
	}
	since := f[nagios.Since]
	if service == "" {
		since = firstText(f[nagios.HostSince], since)
	}
	// A repeat has the same beginning, or none. The end is when the state changed.
	switch at := epoch(since); a.Status {
	case ticket.Firing:
		a.StartsAt = ticket.SentTime(at)
	case ticket.Resolved:
		if at.IsZero() {
			at = epoch(f[nagios.At])
		}
		if at.IsZero() || at.After(now) {
			at = now
		}
		a.EndsAt = ticket.SentTime(at)
	default:
	}
	return a, nil
}

// nagiosState is the state of what a notification is about, as Nagios has it.
func nagiosState(f map[string]string) string {
	state, numbers := firstText(f[nagios.ServiceState], f[nagios.State]), []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}
	if f[nagios.Service] == "" {
		state, numbers = firstText(f[nagios.HostState], f[nagios.State]), []string{"UP", "DOWN", "UNREACHABLE"}
	}
	state = strings.ToUpper(strings.TrimSpace(state))
	if len(state) == 1 && digit(state[0]) && int(state[0]-'0') < len(numbers) {
		return numbers[state[0]-'0']
	}
	switch state {
	case "WARN":
		return "WARNING"
	case "CRIT":
		return "CRITICAL"
	case "UNKN":
		return "UNKNOWN"
	case "UNREACH":
		return "UNREACHABLE"
	}
	return state
}

// nagiosHost is the alert's name where the host itself is in trouble.
const nagiosHost = "HostDown"

// nagiosLabels are the same for a problem and its repeats, but for the severity.
func nagiosLabels(f map[string]string, state string) map[string]string {
	labels := nagios.Labels(f)
	if given := labels["severity"]; given != "" {
		labels["severity"] = severity(given)
	} else {
		labels["severity"] = severity(state)
	}
	labels["instance"], labels["alertname"] = f[nagios.Host], nagiosHost
	if service := f[nagios.Service]; service != "" {
		labels["service"], labels["alertname"] = service, service
	}
	return withoutEmpty(labels)
}

func nagiosAnnotations(f map[string]string, state string) map[string]string {
	output, long, problem, notes := f[nagios.Output], f[nagios.LongOutput], f[nagios.ProblemID], f[nagios.NotesURL]
	if f[nagios.Service] == "" {
		output, long = firstText(f[nagios.HostOutput], output), firstText(f[nagios.LongHost], long)
		problem, notes = firstText(f[nagios.HostProblem], problem), firstText(f[nagios.HostNotesURL], notes)
	}
	return withoutEmpty(map[string]string{
		"summary": output, "description": strings.ReplaceAll(long, `\n`, "\n"), "state": state, "runbook_url": firstText(notes, f[nagios.HostNotesURL]),
		"notes": f[nagios.Notes], "host_alias": f[nagios.Alias], "address": f[nagios.Address], "problem_id": problem,
		"host_groups": f[nagios.HostGroups], "service_groups": f[nagios.Groups],
	})
}

// nagiosTool is its row.
func nagiosTool() Tool {
	return Tool{Type: TypeNagios, paths: []path{{methods: []string{http.MethodPost}, parse: parseNagios, answers: plainAnswers}}}
}
