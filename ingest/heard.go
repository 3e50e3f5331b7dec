package ingest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// mostProperties is how many properties of an alert are kept that its sender
	// names as it likes. Those after that are kept if the product needs them.
	mostProperties = ticket.MaxProperties
	// longestLabel is how long a property may be that becomes a label.
	longestLabel = ticket.MaxPropertyLabel
	// mostLinks is how many links and images of an alert are kept.
	mostLinks = ticket.MaxLinks
)

// heard gathers what the sender of another pager says of one alert.
type heard struct {
	labels, annotations map[string]string
	links               int
	left                int // properties that were left out
}

func newHeard() heard {
	return heard{labels: map[string]string{}, annotations: map[string]string{}}
}

// label sets a label, unless the value is empty.
func (h *heard) label(name, value string) {
	if value != "" {
		h.labels[name] = value
	}
}

// usual sets a label that the sender has not given.
func (h *heard) usual(name, value string) {
	if h.labels[name] == "" {
		h.label(name, value)
	}
}

// note sets an annotation, unless the value is empty.
func (h *heard) note(name, value string) {
	if value != "" {
		h.annotations[name] = value
	}
}

// link keeps a link to what the sender shows of the alert.
func (h *heard) link(name, text, href string) {
	if href == "" || h.links == mostLinks {
		return
	}
	if text != "" && text != href {
		href = text + ": " + href
	}
	h.links++
	if h.annotations[name] != "" {
		name += "_" + strconv.Itoa(h.links)
	}
	h.note(name, href)
}

// scalar reads a string, a number or a truth value as text. Null is the empty
// text. Of a list or an object it goes past it, and is is false.
func (r *reader) scalar() (s string, is, ok bool) {
	c := r.peek()
	switch c {
	case '"':
		t, ok := r.literal()
		if !ok {
			return "", false, false
		}
		return r.decoded(t), true, true
	case '{', '[':
		return "", false, r.skip()
	}
	from := r.at
	ok = r.skip()
	if c == 'n' {
		return "", true, ok
	}
	return string(r.data[from:r.at]), true, ok
}

// properties reads an object of the sender's own names. If it is none, it is
// kept whole.
func (h *heard) properties(r *reader) bool {
	if r.peek() != '{' {
		from := r.at
		s, is, ok := r.scalar()
		if !is && ok {
			s = string(r.data[from:r.at])
		}
		h.note("details", s)
		return ok
	}
	n := 0
	return r.members(func(name text) bool {
		n++
		key := strings.TrimSpace(r.decoded(name))
		if n > mostProperties && !ticket.Needed(key) {
			h.left++
			return r.skip()
		}
		c := r.peek()
		if c == '[' && key == "firing" {
			return h.firing(r)
		}
		from := r.at
		s, is, ok := r.scalar()
		if !is && ok {
			s = string(r.data[from:r.at])
		}
		h.property(key, s, c == '"')
		return ok
	})
}

// property keeps one property. A short text whose name can be a label's is a
// label, so that rules can match it. Anything else is an annotation.
func (h *heard) property(name, value string, isText bool) {
	if name == "" || strings.TrimSpace(value) == "" {
		return
	}
	if as := propertyLabels[strings.ToLower(name)]; as != "" && isText && name != "hostname" {
		h.usual(as, strings.TrimSpace(value))
	}
	if isText && labelName(name) && len(value) <= longestLabel && !strings.ContainsAny(value, "\r\n") && !strings.Contains(value, "://") {
		h.label(name, strings.TrimSpace(value))
		return
	}
	if name == "firing" {
		for k, v := range listed(value) {
			h.usual(k, v)
		}
	}
	h.note(name, value)
}

// propertyLabels are names under which tools say where something is, and what
// it is.
var propertyLabels = map[string]string{
	"event host": "host", "host_name": "host", "hostname": "host", // Zabbix; Nagios by PagerDuty's agent, which writes it in capitals
	"servicedesc": "alertname", "service_desc": "alertname",
}

// labelName reports whether a name can be a label's. Names that say more about
// an alert than rules match are none.
func labelName(name string) bool {
	switch name {
	case "summary", "description", "message", "title", "runbook_url", "firing", "resolved", "num_firing", "num_resolved", "details", "link", "image", ticket.CutNote:
		return false
	}
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || !digit(c)) {
			return false
		}
	}
	return name != "" && len(name) <= ticket.MaxLabelName
}

// firing reads Alertmanager's list of the alerts that fire, and keeps the
// labels that all of them have.
func (h *heard) firing(r *reader) bool {
	var all common
	ok := r.elements(func() bool {
		if r.peek() != '{' {
			return r.skip()
		}
		labels := map[string]string{}
		ok := r.members(func(name text) bool {
			if r.decoded(name) != "labels" || r.peek() != '{' {
				return r.skip()
			}
			return r.members(func(name text) bool {
				value, is, ok := r.scalar()
				if key := r.decoded(name); is && labelName(key) && len(labels) < ticket.MaxLabels {
					labels[key] = value
				}
				return ok
			})
		})
		all.add(labels)
		return ok
	})
	for k, v := range all.labels {
		h.usual(k, v)
	}
	return ok
}

// common are the labels that all of some alerts have.
type common struct {
	labels map[string]string
	any    bool
}

func (c *common) add(labels map[string]string) {
	if !c.any {
		c.labels, c.any = labels, true
		return
	}
	for k, v := range c.labels {
		if labels[k] != v {
			delete(c.labels, k)
		}
	}
}

// listed are the labels that all alerts of a text have which lists alerts as
// Alertmanager and Grafana do: after a line "Labels:" come lines like
// " - alertname = HostDown".
func listed(text string) map[string]string {
	var all common
	var labels map[string]string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		pair, is := strings.CutPrefix(line, " - ")
		switch {
		case line == "Labels:":
			if labels != nil {
				all.add(labels)
			}
			labels = map[string]string{}
		case labels == nil:
		case is:
			name, value, _ := strings.Cut(pair, " = ")
			if labelName(name) && len(labels) < ticket.MaxLabels {
				labels[name] = value
			}
		default:
			all.add(labels)
			labels = nil
		}
	}
	if labels != nil {
		all.add(labels)
	}
	return all.labels
}

// entitle has the alert's title say what and where. The first of places that
// looks like a host is where, unless a label says so.
func (h *heard) entitle(summary string, places ...string) {
	what := bareSummary(summary)
	h.note("summary", what)
	where := ""
	for _, name := range []string{"instance", "host", "hostname", "node"} {
		if where = h.labels[name]; where != "" {
			break
		}
	}
	if where == "" {
		if i := slices.IndexFunc(places, hostLike); i >= 0 {
			where = places[i]
			h.label("host", where)
		}
	}
	if where != "" && h.labels["alertname"] == "" && !strings.Contains(strings.ToLower(what), strings.ToLower(where)) {
		h.label("alertname", what)
	}
}

// bareSummary is a summary in one line, without the words that say no more than
// that there is an alert.
func bareSummary(summary string) string {
	line := strings.Join(strings.Fields(summary), " ")
	rest := line
	if in, ok := strings.CutPrefix(rest, "[FIRING:"); ok {
		if _, after, ok := strings.Cut(in, "] "); ok {
			rest = after
		}
	}
	for _, word := range []string{"Problem: ", "PROBLEM: "} {
		rest = strings.TrimPrefix(rest, word)
	}
	if rest == "" {
		return line
	}
	return rest
}

// hostLike reports whether a text looks like a host's name or address, with or
// without a port.
func hostLike(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".-_:[]", c)
	})
}

// alert makes the alert, as small as every alert must be.
func (h *heard) alert(a ticket.Alert) (out ticket.Alert, cut int) {
	a.Labels, a.Annotations = h.labels, h.annotations
	if a.Bound(h.left) {
		cut = 1
	}
	return a, cut
}
