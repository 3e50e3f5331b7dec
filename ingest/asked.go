package ingest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Asker answers what an Alertmanager is asked about its alerts and silences.
type Asker interface {
	// Ask answers a question about one source, whose token the request has. under is
	// the path that follows /ingest/NAME, with {id} in the place of a silence's. It
	// returns the status of the answer.
	Ask(w http.ResponseWriter, r *http.Request, source, under string) (status int)
}

// questionOfAlerts is asked by GET at the path at which Prometheus posts.
const questionOfAlerts = "/api/v2/alerts"

// Questions are what is asked under /ingest/NAME, by method and path: as of an
// Alertmanager, and for sources of every type. By GET of the first path alerts are asked
// for; what is posted there is a tool's.
func Questions() []string {
	return []string{
		"GET " + questionOfAlerts, "GET /api/v2/alerts/groups", "GET /api/v2/silences", "POST /api/v2/silences",
		"GET /api/v2/silence/{id}", "DELETE /api/v2/silence/{id}", "GET /api/v2/status", "GET /api/v2/receivers",
	}
}

// handleQuestions serves the paths that ask, if somebody answers.
func (h *Handler) handleQuestions() {
	if h.asks == nil {
		return
	}
	served := []string{questionOfAlerts} // by its tool's path
	for _, question := range Questions() {
		_, under, _ := strings.Cut(question, " ")
		if slices.Contains(served, under) {
			continue
		}
		served = append(served, under)
		for _, pattern := range []string{"/ingest/{source}" + under, "/ingest/{source}" + under + "/{$}"} {
			h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { h.asked(w, r, under) })
		}
	}
}

// asked answers a question to a source, as an Alertmanager does. A source that is only
// asked is not heard of.
func (h *Handler) asked(w http.ResponseWriter, r *http.Request, under string) {
	name, fail := r.PathValue("source"), apiAnswers.wrong
	s, known := h.source(name)
	var status int
	switch {
	case !known:
		name, status = "unknown", http.StatusNotFound
		fail(w, status, "", fmt.Sprintf("no source named %q is configured", r.PathValue("source")))
	case !s.admits(h.client(r)):
		status = http.StatusForbidden
		fail(w, status, "", "the source is not heard from this address")
	case !s.authorized(r):
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Bearer realm="astreinte"`)
		fail(w, status, "", "the source's token is wanted: as a bearer, as the password of basic authentication, or as ?token=")
	default:
		status = h.asks.Ask(w, r, name, under)
	}
	h.requests.WithLabelValues(name, strconv.Itoa(status)).Inc()
}
