package look

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Alert is one alert, with all that its sender said.
type Alert struct {
	ID                          string // of its place on a page
	Title, Status, Class, Heard string
	Summary, Description        string
	Links                       []Link // runbook, graph, dashboard
	Told                        []Said
}

// Link leads out of the page, to where an alert's sender said.
type Link struct{ Word, Host, URL string }

// Said is one annotation or label. URL is its value, if that is an
// address that may be opened.
type Said struct{ Name, Value, URL string }

// Outward says where an address leads that came with an alert. Only http and
// https are opened: what a sender says is foreign.
func Outward(address string) (host string, ok bool) {
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

func (v *Viewer) alert(a *ticket.AlertRecord) Alert {
	sum := sha256.Sum256([]byte(a.Source + "\x00" + a.Fingerprint))
	line := Alert{ID: "a-" + hex.EncodeToString(sum[:6]), Title: a.Title(), Status: v.Statuses[a.Status], Class: string(a.Status)}
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
	line.Heard = lang.Fill(v.Heard, "n", strconv.FormatInt(a.Count, 10), "at", v.At(a.LastAt))
	return line
}

// leads adds a link, if the address may be opened.
func (l *Alert) leads(word, address string) bool {
	host, ok := Outward(address)
	if ok {
		l.Links = append(l.Links, Link{Word: word, Host: host, URL: strings.TrimSpace(address)})
	}
	return ok
}

func (l *Alert) tell(name, value string) {
	line := Said{Name: name, Value: value}
	if _, ok := Outward(value); ok {
		line.URL = strings.TrimSpace(value)
	}
	l.Told = append(l.Told, line)
}

// lastWord says when which source last said something of the ticket, and what
// it comes to.
func (v *Viewer) lastWord(view *ticket.View) string {
	last := desk.LastHeard(view)
	if last.IsZero() {
		return v.NoWord
	}
	text := lang.Fill(v.LastSaid, "source", v.Ticket.Source, "ago", v.Lasted(v.Now.Sub(last)))
	if v.Ticket.Firing == 0 {
		return text + " " + v.AllOver
	}
	return text + " " + v.Words.Told(&ticket.Entry{Said: ticket.Said{Detail: ticket.SaidFiring, Args: ticket.Args{Firing: v.Ticket.Firing}}}, v.Reader()) + "."
}
