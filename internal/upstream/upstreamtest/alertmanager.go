package upstreamtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/upstream"
)

// Alertmanager is a stand-in for the API of an Alertmanager, as 0.25 answers.
type Alertmanager struct {
	// Now is its clock.
	Now func() time.Time

	mu       sync.Mutex
	started  time.Time
	alerts   map[string]map[string]string
	silences []upstream.Silence
	made     int
}

// NewAlertmanager has one that started then.
func NewAlertmanager(started time.Time) *Alertmanager {
	return &Alertmanager{started: started, alerts: map[string]map[string]string{}, Now: func() time.Time { return started }}
}

// Fires has an alert fire, with names and values of labels.
func (m *Alertmanager) Fires(fingerprint string, labels ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alerts[fingerprint] = map[string]string{}
	for i := 0; i+1 < len(labels); i += 2 {
		m.alerts[fingerprint][labels[i]] = labels[i+1]
	}
}

// Over ends an alert.
func (m *Alertmanager) Over(fingerprint string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.alerts, fingerprint)
}

// Restart has it start anew.
func (m *Alertmanager) Restart(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.started = at
}

// Silences are those that hold.
func (m *Alertmanager) Silences() (list []upstream.Silence) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.silences {
		if s.EndsAt.After(m.Now()) {
			list = append(list, s)
		}
	}
	return list
}

// Silenced are the fingerprints of the alerts that a silence holds back.
func (m *Alertmanager) Silenced() (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for fingerprint, labels := range m.alerts {
		if len(m.by(labels)) > 0 {
			list = append(list, fingerprint)
		}
	}
	slices.Sort(list)
	return list
}

// by are the IDs of the silences that hold back an alert with these labels.
func (m *Alertmanager) by(labels map[string]string) []string {
	ids := []string{}
	for _, s := range m.silences {
		differs := func(o upstream.Matcher) bool { return labels[o.Name] != o.Value }
		if s.EndsAt.After(m.Now()) && !slices.ContainsFunc(s.Matchers, differs) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// Made is how many silences were made; one that was extended counts once.
func (m *Alertmanager) Made() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.made
}

// ServeHTTP answers as an Alertmanager does.
func (m *Alertmanager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/am/api/v2")
	id, one := strings.CutPrefix(path, "/silence/")
	switch {
	case r.Header.Get("Authorization") != "Bearer "+Token:
		w.WriteHeader(http.StatusUnauthorized)
	case path == "/status" && r.Method == http.MethodGet:
		_ = json.NewEncoder(w).Encode(map[string]any{"uptime": m.started})
	case path == "/alerts" && r.Method == http.MethodGet:
		m.list(w, r)
	case path == "/silences" && r.Method == http.MethodGet:
		list := []upstream.Silence{}
		for _, s := range m.silences {
			s.Status = &struct {
				State string `json:"state"`
			}{"active"}
			if !s.EndsAt.After(m.Now()) {
				s.Status.State = "expired"
			}
			list = append(list, s)
		}
		_ = json.NewEncoder(w).Encode(list)
	case path == "/silences" && r.Method == http.MethodPost:
		m.silence(w, r)
	case one && r.Method == http.MethodDelete:
		m.end(w, id)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (m *Alertmanager) list(w http.ResponseWriter, r *http.Request) {
	list := []map[string]any{}
	ask := r.URL.Query()
	filter, regular := strings.CutPrefix(ask.Get("filter"), "alertname=~")
	form := regexp.MustCompile("^$")
	if regular {
		text, err := strconv.Unquote(filter)
		if err == nil {
			form, err = regexp.Compile("^(?:" + text + ")$")
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	for fingerprint, labels := range m.alerts {
		name, by := labels["alertname"], m.by(labels)
		if filter == fmt.Sprintf("alertname=%q", name) || regular && form.MatchString(name) {
			if ask.Get("active") == "true" || len(by) > 0 {
				list = append(list, map[string]any{"fingerprint": fingerprint, "labels": labels, "status": map[string]any{"silencedBy": by}})
			}
		}
	}
	_ = json.NewEncoder(w).Encode(list)
}

func (m *Alertmanager) silence(w http.ResponseWriter, r *http.Request) {
	var s upstream.Silence
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	refuse := func(status int, why string) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(why)
	}
	if body.Decode(&s) != nil || len(s.Matchers) == 0 || s.CreatedBy == "" || s.Comment == "" || !s.EndsAt.After(s.StartsAt) || !s.EndsAt.After(m.Now()) {
		refuse(http.StatusBadRequest, "bad silence")
		return
	}
	if s.ID != "" {
		i := slices.IndexFunc(m.silences, func(is upstream.Silence) bool { return is.ID == s.ID })
		if i < 0 {
			refuse(http.StatusNotFound, "silence not found")
			return
		}
		if was := m.silences[i]; was.EndsAt.After(m.Now()) && slices.Equal(was.Matchers, s.Matchers) && was.StartsAt.Equal(s.StartsAt) {
			m.silences[i] = s
			_ = json.NewEncoder(w).Encode(map[string]string{"silenceID": s.ID})
			return
		}
	}
	m.made++
	s.ID = fmt.Sprintf("id-%d", m.made)
	m.silences = append(m.silences, s)
	_ = json.NewEncoder(w).Encode(map[string]string{"silenceID": s.ID})
}

func (m *Alertmanager) end(w http.ResponseWriter, id string) {
	for i := range m.silences {
		if s := &m.silences[i]; s.ID == id {
			if !s.EndsAt.After(m.Now()) {
				w.WriteHeader(http.StatusInternalServerError)
				_ = json.NewEncoder(w).Encode("silence " + id + " already expired")
				return
			}
			s.EndsAt = m.Now()
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}
