package ingest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeOpsgenie is what posts to Opsgenie's alert API, or to that of its
// successor (docs/sources/opsgenie.md).
const TypeOpsgenie = "opsgenie"

// longestGenie is how long a body may be. All that Opsgenie keeps of an alert
// is shorter.
const longestGenie = ticket.MaxGenieBody

// opsgenie is the row.
func opsgenie() Tool {
	return Tool{Type: TypeOpsgenie, reads: parseGenie, apis: []api{{
		at:      []string{"/v2/alerts", "/v2/alerts" + deeper, "/jsm/ops/integration/v2/alerts", "/jsm/ops/integration/v2/alerts" + deeper},
		methods: []string{http.MethodPost, http.MethodPut, http.MethodGet, http.MethodDelete, http.MethodPatch},
		most:    longestGenie, key: genieKey, hear: hearGenie, wrong: genieWrong,
	}}}
}

// genie is a body: of a new alert, or of what is done to one.
type genie struct {
	heard
	alias, message, description string
	entity, source, priority    string
	user, remark                string
	tags, responders            []string
	faults                      []fault
}

var (
	genieFields = []string{
		"message", "alias", "description", "responders", "teams", "visibleTo", "actions", "tags", "details",
		"entity", "source", "priority", "user", "note",
	}
	responderFields = []string{"name", "username", "id", "type"}
)

// mostNames is how many tags and responders of an alert are kept.
const mostNames = ticket.MaxGenieNames

// readGenie reads a body. An empty one says nothing.
func readGenie(data []byte) (*genie, error) {
	g := &genie{heard: newHeard()}
	r := newReader(data)
	if r.ended() {
		return g, nil
	}
	if r.peek() != '{' && r.skip() && r.ended() {
		return nil, &misuse{status: http.StatusUnprocessableEntity, faults: []fault{{"body", "The body is not a JSON object"}}}
	}
	r.at = 0
	if !r.members(func(name text) bool { return g.member(&r, r.field(name, genieFields)) }) || !r.ended() {
		return nil, explain(data)
	}
	return g, nil
}

func (g *genie) member(r *reader, field string) bool {
	switch field {
	case "tags", "actions", "responders", "teams", "visibleTo":
		return g.names(r, field)
	case "details":
		return g.properties(r)
	}
	into := map[string]*string{
		"message": &g.message, "alias": &g.alias, "description": &g.description, "entity": &g.entity,
		"source": &g.source, "priority": &g.priority, "user": &g.user, "note": &g.remark,
	}[field]
	if into == nil {
		return r.skip()
	}
	s, is, ok := r.scalar()
	if !is {
		g.wrong(field, fmt.Sprintf("%s must be a string", field))
		return ok
	}
	*into = s
	return ok
}

func (g *genie) wrong(field, reason string) {
	if len(g.faults) < problemsNamed {
		g.faults = append(g.faults, fault{field, reason})
	}
}

// names reads tags, or whoever should be told. Those are objects; whom we page
// is our own rules' to say.
func (g *genie) names(r *reader, field string) bool {
	if r.peek() != '[' {
		return r.skip()
	}
	return r.elements(func() bool {
		if r.peek() == '{' {
			var name, kind string
			ok := r.members(func(member text) bool {
				s, _, ok := r.scalar()
				switch r.field(member, responderFields) {
				case "name", "username", "id":
					name = s
				case "type":
					kind = s
				}
				return ok
			})
			if field != "actions" && len(g.responders) < mostNames && name != "" {
				g.responders = append(g.responders, strings.TrimSpace(kind+" "+name))
			}
			return ok
		}
		s, _, ok := r.scalar()
		if s = strings.TrimSpace(s); field == "tags" && s != "" && len(g.tags) < mostNames {
			g.tags = append(g.tags, s)
		}
		return ok
	})
}

// check says what Opsgenie would refuse of a new alert. A text that is too long
// is no fault: it is cut where it is kept.
func (g *genie) check() error {
	if strings.TrimSpace(g.message) == "" {
		g.wrong("message", "Message can not be empty.")
	}
	g.priority = strings.ToUpper(strings.TrimSpace(g.priority))
	if g.priority != "" && prioritySeverity[g.priority] == "" {
		g.wrong("priority", "Priority should be one of [P1, P2, P3, P4, P5].")
	}
	return g.faulty()
}

func (g *genie) faulty() error {
	if len(g.faults) == 0 {
		return nil
	}
	return &misuse{status: http.StatusUnprocessableEntity, faults: g.faults}
}

// prioritySeverity is what a priority means where the sender says no severity.
var prioritySeverity = map[string]string{"P1": "critical", "P2": "error", "P3": "warning", "P4": "info", "P5": "info"}

// parsed is a new alert as the engine takes it.
func (g *genie) parsed(alias, id string) (p parsed) {
	for _, tag := range g.tags {
		if name, value, ok := strings.Cut(tag, ":"); ok && labelName(name) && len(value) <= longestLabel {
			g.usual(name, value)
		}
	}
	for k, v := range listed(g.description) {
		g.usual(k, v)
	}
	g.label("severity", prioritySeverity[g.priority])
	g.label("severity", severity(g.labels["severity"]))
	g.label("priority", g.priority)
	g.label("entity", g.entity)
	g.note("tags", strings.Join(g.tags, ", "))
	g.note("responders", strings.Join(g.responders, ", "))
	g.note("description", g.description)
	g.note("source", g.source)
	g.note("alias", alias)
	a := ticket.Alert{Fingerprint: id, Status: ticket.Firing, GeneratorURL: g.url()}
	if g.remark != "" {
		a.Remark = &ticket.Remark{Kind: ticket.RemarkNoted, By: g.user, What: "note", Text: g.remark}
	}
	if g.labels["instance"] == "" {
		g.usual("host", saidHost(g.description))
	}
	g.entitle(g.message, g.entity)
	a, p.cut = g.alert(a)
	p.Alerts = []ticket.Alert{a}
	return p
}

// url is where the sender shows the alert.
func (g *genie) url() string {
	for _, u := range []string{g.annotations["Problem"], g.annotations["url"], g.source} {
		if strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
			return u
		}
	}
	return ""
}

// saidHost is the host that a description names in a line of its own, as
// Zabbix' messages do.
func saidHost(description string) string {
	for line := range strings.Lines(description) {
		if host, ok := strings.CutPrefix(line, "Host: "); ok {
			return strings.TrimSpace(host)
		}
	}
	return ""
}

// alertID is the id of an alert of that alias: a UUID made of it. So each
// daemon knows the alert by its id as by its alias, and keeps no list. An alias
// that is such an id already is its own.
func alertID(alias string) string {
	if isAlertID(alias) {
		return alias
	}
	sum := sha256.Sum256([]byte("alias\x00" + alias))
	return uuid(sum[:])
}

// newAlertID is the id of an alert without an alias.
func newAlertID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return uuid(b[:])
}

// uuid is a UUID of version 8 (RFC 9562) of the first 16 bytes.
func uuid(b []byte) string {
	var u [16]byte
	copy(u[:], b)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// isAlertID reports whether a text is an id that uuid makes.
func isAlertID(s string) bool {
	if len(s) != 36 || s[14] != '8' || !strings.ContainsRune("89ab", rune(s[19])) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !digit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// parseGenie reads a new alert without its key.
func parseGenie(_ context.Context, data []byte, s *Source, _ time.Time, _ func(context.Context, []ticket.Alert) error) (parsed, error) {
	g, err := readGenie(data)
	if err == nil {
		err = g.check()
	}
	if err != nil {
		return parsed{}, err
	}
	p := g.parsed(g.named())
	s.addAll(&p)
	return p, nil
}

// named is the alert's alias and id. Without an alias it gets its id for one.
func (g *genie) named() (alias, id string) {
	if g.alias == "" {
		id = newAlertID()
		return id, id
	}
	return g.alias, alertID(g.alias)
}
