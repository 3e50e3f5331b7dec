package upstreamtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Checkmk is a stand-in for the REST API of a site of Checkmk.
type Checkmk struct {
	mu       sync.Mutex
	problems map[string]bool // "host" or "host!service"; true: acknowledged
	comments int
	older    bool
	away     int
}

// NewCheckmk has one with problems.
func NewCheckmk(names ...string) *Checkmk {
	c := &Checkmk{problems: map[string]bool{}}
	for _, name := range names {
		c.problems[name] = false
	}
	return c
}

// Older makes it one from before 2.4, that cannot take an acknowledgement back.
func (c *Checkmk) Older() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.older = true
}

// Away has it answer with a status; 0: as it should.
func (c *Checkmk) Away(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = status
}

// Acknowledged are the problems that are.
func (c *Checkmk) Acknowledged() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, taken := range c.problems {
		if taken {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Comments is how often something was acknowledged.
func (c *Checkmk) Comments() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.comments
}

type checkmkAsk struct {
	Type       string `json:"acknowledge_type"`
	Host       string `json:"host_name"`
	Service    string `json:"service_description"`
	Comment    string `json:"comment"`
	Sticky     *bool  `json:"sticky"`
	Persistent *bool  `json:"persistent"`
	Notify     *bool  `json:"notify"`
}

// ServeHTTP answers as Checkmk does.
func (c *Checkmk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	path, known := strings.CutPrefix(r.URL.Path, "/site/check_mk/api/1.0/domain-types/acknowledge/")
	var ask checkmkAsk
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	switch {
	case c.away != 0:
		checkmkSays(w, c.away, "away", "it is away")
	case !known || r.Method != http.MethodPost:
		checkmkSays(w, http.StatusNotFound, "Not Found", "Not Found")
	case r.Header.Get("Authorization") != "Bearer "+User+" "+Password:
		checkmkSays(w, http.StatusUnauthorized, "Unauthorized", "Wrong credentials (Bearer header)")
	case r.Header.Get("Accept") != "application/json":
		checkmkSays(w, http.StatusNotAcceptable, "Not Acceptable", "Can not send a response with the content type specified")
	case r.Header.Get("Content-Type") != "application/json":
		checkmkSays(w, http.StatusUnsupportedMediaType, "Content type not valid", "Content-Type is not supported")
	case body.Decode(&ask) != nil || ask.Host == "" || (ask.Type == "service") != (ask.Service != "") || ask.Type != "service" && ask.Type != "host":
		checkmkSays(w, http.StatusBadRequest, "Bad Request", "These fields have problems: acknowledge_type")
	case path == "actions/delete/invoke" && !c.older:
		c.take(w, &ask, false)
	case path == "collections/"+ask.Type && ask.Comment != "" && ask.Notify != nil && !*ask.Notify:
		c.take(w, &ask, true)
	default:
		checkmkSays(w, http.StatusNotFound, "Not Found", "Not Found")
	}
}

func (c *Checkmk) take(w http.ResponseWriter, ask *checkmkAsk, taken bool) {
	name := ask.Host
	if ask.Service != "" {
		name += "!" + ask.Service
	}
	_, known := c.problems[name]
	switch {
	case !known && taken:
		checkmkSays(w, http.StatusUnprocessableEntity, "No problem", "was not in a problem state")
		return
	case known:
		c.problems[name] = taken
		if taken {
			c.comments++
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func checkmkSays(w http.ResponseWriter, status int, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"title":%q,"status":%d,"detail":%q}`, title, status, detail)
}
