package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// alertLine is one alert, with all that its sender said.
type alertLine struct {
	Title, Status, Class, Heard string
	Summary, Description        string
	Links                       []outLink // runbook, graph, dashboard
	Told                        []toldLine
}

// outLink leads out of the page, to where an alert's sender said.
type outLink struct{ Word, Host, URL string }

// toldLine is one annotation or label. URL is its value, where that is an
// address that may be opened.
type toldLine struct{ Name, Value, URL string }

// outward says where an address leads that came with an alert. Only http and
// https are opened: what a sender says is foreign.
func outward(address string) (host string, ok bool) {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	return u.Host, true
}

// known are the annotations that a line shows at a place of its own.
var known = map[string]string{
	"summary": "summary", "description": "description", "message": "description",
	"runbook": "runbook", "runbook_url": "runbook", "runbookurl": "runbook",
	"dashboard": "dashboard", "dashboard_url": "dashboard", "dashboardurl": "dashboard", "panelurl": "dashboard", "panel_url": "dashboard",
}

func (v *viewer) alertLine(a *ticket.AlertRecord) alertLine {
	line := alertLine{Title: a.Title(), Status: v.Statuses[a.Status], Class: string(a.Status)}
	words := map[string]string{"runbook": v.RunbookWord, "dashboard": v.DashboardWord}
	for _, name := range slices.Sorted(maps.Keys(a.Annotations)) {
		value := strings.TrimSpace(a.Annotations[name])
		what := known[strings.ToLower(name)]
		switch what {
		case "summary":
			line.Summary = value
		case "description":
			line.Description = strings.TrimSpace(line.Description + "\n" + value)
		default:
			if word := words[what]; word != "" && line.leads(word, value) {
				continue
			}
			line.tell(name, value)
		}
	}
	if a.GeneratorURL != "" && !line.leads(v.GraphWord, a.GeneratorURL) {
		line.tell("generatorURL", a.GeneratorURL)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		line.tell(name, a.Labels[name])
	}
	if line.Summary == line.Title {
		line.Summary = ""
	}
	if line.Description == line.Title || line.Description == line.Summary {
		line.Description = ""
	}
	line.Heard = lang.Fill(v.Heard, "n", strconv.FormatInt(a.Count, 10), "at", v.at(a.LastAt))
	return line
}

// leads adds a link, where the address may be opened.
func (l *alertLine) leads(word, address string) bool {
	host, ok := outward(address)
	if ok {
		l.Links = append(l.Links, outLink{Word: word, Host: host, URL: strings.TrimSpace(address)})
	}
	return ok
}

func (l *alertLine) tell(name, value string) {
	line := toldLine{Name: name, Value: value}
	if _, ok := outward(value); ok {
		line.URL = strings.TrimSpace(value)
	}
	l.Told = append(l.Told, line)
}

// lastWord says when which source last said something of the ticket, and what
// it comes to.
func (v *viewer) lastWord(view *ticket.View) string {
	last := desk.LastHeard(view)
	if last.IsZero() {
		return v.NoWord
	}
	text := lang.Fill(v.LastSaid, "source", v.t.Source, "ago", v.Lasted(v.now.Sub(last)))
	if v.t.Firing == 0 {
		return text + " " + v.AllOver
	}
	return text + " " + v.words.Told(&ticket.Entry{Said: ticket.Said{Detail: ticket.SaidFiring, Args: ticket.Args{Firing: v.t.Firing}}}, v.reader()) + "."
}
