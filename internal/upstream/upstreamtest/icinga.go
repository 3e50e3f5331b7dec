package upstreamtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// The credentials that the stand-ins want.
const (
	User     = "astreinte"
	Password = "the-password-of-astreinte"
	Token    = "the-token-of-astreinte"
)

// IcingaComment is a comment in an Icinga.
type IcingaComment struct {
	Host, Service, Author, Text string
	Acknowledges                bool
}

// Icinga is a stand-in for the API of an Icinga 2, as 2.13 answers.
type Icinga struct {
	mu       sync.Mutex
	states   map[string]int // by __name; 0 is well
	comments []IcingaComment
	requests []string // what was asked for, by path
	away     int      // with which status it answers; 0: it works
}

// NewIcinga has one with objects: "srv" a host, "srv!disk" a service of it. All have
// problems.
func NewIcinga(names ...string) *Icinga {
	i := &Icinga{states: map[string]int{}}
	for _, name := range names {
		i.states[name] = 2
	}
	return i
}

// Away has it answer with a status; 0: as it should.
func (i *Icinga) Away(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.away = status
}

// Set sets the state of an object. A change takes its acknowledgement away.
func (i *Icinga) Set(name string, state int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.states[name] = state
	i.unacknowledge(name)
}

// Acknowledges is the comment of an object's acknowledgement; false: it has none.
func (i *Icinga) Acknowledges(name string) (IcingaComment, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.acknowledgement(name)
}

// Comments are those that acknowledge nothing.
func (i *Icinga) Comments() (list []IcingaComment) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, c := range i.comments {
		if !c.Acknowledges {
			list = append(list, c)
		}
	}
	return list
}

// Requests are the paths that were asked for since the last call.
func (i *Icinga) Requests() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := i.requests
	i.requests = nil
	return all
}

// Acknowledge is what a user of the tool does.
func (i *Icinga) Acknowledge(host, service, author, text string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.comments = append(i.comments, IcingaComment{host, service, author, text, true})
}

func (c *IcingaComment) of() string {
	if c.Service == "" {
		return c.Host
	}
	return c.Host + "!" + c.Service
}

func (i *Icinga) acknowledgement(name string) (IcingaComment, bool) {
	for _, c := range i.comments {
		if c.Acknowledges && c.of() == name {
			return c, true
		}
	}
	return IcingaComment{}, false
}

func (i *Icinga) unacknowledge(name string) {
	var rest []IcingaComment
	for _, c := range i.comments {
		if !c.Acknowledges || c.of() != name {
			rest = append(rest, c)
		}
	}
	i.comments = rest
}

// icingaAsk is the body of a request; other members are refused.
type icingaAsk struct {
	Type, Filter, Author, Comment string
	FilterVars                    struct {
		Names []string
		Begin string
	} `json:"filter_vars"`
	Attrs                      []string
	Sticky, Notify, Persistent *bool
}

// ServeHTTP answers as Icinga does.
func (i *Icinga) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.requests = append(i.requests, r.URL.Path)
	var ask icingaAsk
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	user, password, _ := r.BasicAuth()
	switch {
	case i.away != 0:
		icingaSays(w, i.away, "it is away")
	case user != User || password != Password:
		icingaSays(w, http.StatusUnauthorized, "Unauthorized. Please check your user credentials.")
	case r.Header.Get("Accept") != "application/json":
		icingaSays(w, http.StatusBadRequest, "Accept header is missing or not set to 'application/json'.")
	case r.Method != http.MethodPost:
		icingaSays(w, http.StatusBadRequest, "Invalid request type. Must be POST.")
	case body.Decode(&ask) != nil:
		icingaSays(w, http.StatusBadRequest, "Invalid request body.")
	case strings.HasPrefix(r.URL.Path, "/v1/actions/"):
		i.act(w, strings.TrimPrefix(r.URL.Path, "/v1/actions/"), &ask)
	case r.URL.Path == "/v1/objects/comments" && r.Header.Get("X-HTTP-Method-Override") == http.MethodGet:
		i.list(w, &ask)
	default:
		icingaSays(w, http.StatusNotFound, "The requested path was not found.")
	}
}

func (i *Icinga) act(w http.ResponseWriter, action string, ask *icingaAsk) {
	kind := strings.ToLower(ask.Type)
	if ask.Filter != kind+".__name in names" || kind != "host" && kind != "service" {
		icingaSays(w, http.StatusNotFound, "No objects found.")
		return
	}
	if action != "remove-acknowledgement" && (ask.Author == "" || ask.Comment == "") {
		icingaSays(w, http.StatusBadRequest, "Acknowledgements require author and comment.")
		return
	}
	results, status := []map[string]any{}, http.StatusInternalServerError
	for _, name := range ask.FilterVars.Names {
		if _, known := i.states[name]; !known || strings.Contains(name, "!") != (kind == "service") {
			continue
		}
		code, said := i.do(action, name, ask)
		status = code
		results = append(results, map[string]any{"code": float64(code), "status": said})
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
}

// do does an action to one object.
func (i *Icinga) do(action, name string, ask *icingaAsk) (code int, said string) {
	host, service, _ := strings.Cut(name, "!")
	_, taken := i.acknowledgement(name)
	switch {
	case action == "add-comment":
		i.comments = append(i.comments, IcingaComment{host, service, ask.Author, ask.Comment, false})
	case action == "remove-acknowledgement":
		i.unacknowledge(name)
	case action != "acknowledge-problem":
		return http.StatusNotFound, "Action '" + action + "' does not exist."
	case i.states[name] == 0:
		return http.StatusConflict, name + " is OK."
	case taken:
		return http.StatusConflict, name + " is already acknowledged."
	default:
		i.comments = append(i.comments, IcingaComment{host, service, ask.Author, ask.Comment, true})
	}
	return http.StatusOK, "Successfully done."
}

func (i *Icinga) list(w http.ResponseWriter, ask *icingaAsk) {
	results := []map[string]any{}
	for _, c := range i.comments {
		if ask.Filter != "match(begin, comment.text)" || !strings.HasPrefix(c.Text, strings.TrimSuffix(ask.FilterVars.Begin, "*")) {
			continue
		}
		kind := 1.0
		if c.Acknowledges {
			kind = 4
		}
		results = append(results, map[string]any{
			"name": c.of() + "!id", "type": "Comment",
			"attrs": map[string]any{"host_name": c.Host, "service_name": c.Service, "text": c.Text, "entry_type": kind},
		})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
}

func icingaSays(w http.ResponseWriter, status int, said string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":%d,"status":%q}`, status, said)
}
