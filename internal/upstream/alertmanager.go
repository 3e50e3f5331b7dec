package upstream

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Alertmanager is the API of an Alertmanager, version 2 of it. It takes a bearer's
// token, or a user and a password, where a proxy asks for them.
type Alertmanager struct{ *Client }

// NewAlertmanager makes one.
func NewAlertmanager(o Options) *Alertmanager {
	c := NewClient(o)
	if o.Token != "" {
		c.authorization = "Bearer " + o.Token
	}
	return &Alertmanager{c}
}

// FiringAlert is an alert that fires there, silenced or not.
type FiringAlert struct {
	Fingerprint string            `json:"fingerprint"`
	Labels      map[string]string `json:"labels"`
	Status      struct {
		SilencedBy []string `json:"silencedBy"` // IDs
	} `json:"status"`
}

// Alerts lists those that fire with a label.
func (m *Alertmanager) Alerts(ctx context.Context, label, value string) (list []FiringAlert, err error) {
	a, err := m.do(ctx, request{method: http.MethodGet, path: "/api/v2/alerts", query: url.Values{
		"filter": {label + "=" + strconv.Quote(value)}, "active": {"true"}, "silenced": {"true"}, "inhibited": {"true"}, "unprocessed": {"true"},
	}})
	if err == nil {
		err = a.ok(&list)
	}
	return list, err
}

// Suppressed lists those that are held back, of which a label has one of several values.
func (m *Alertmanager) Suppressed(ctx context.Context, label string, values []string) (list []FiringAlert, err error) {
	forms := make([]string, len(values))
	for i, value := range values {
		forms[i] = regexp.QuoteMeta(value)
	}
	a, err := m.do(ctx, request{method: http.MethodGet, path: "/api/v2/alerts", query: url.Values{
		"filter": {label + "=~" + strconv.Quote(strings.Join(forms, "|"))}, "active": {"false"}, "silenced": {"true"}, "inhibited": {"true"}, "unprocessed": {"false"},
	}})
	if err == nil {
		err = a.ok(&list)
	}
	return list, err
}

// Started is since when that Alertmanager runs. Before that it knew of no alert.
func (m *Alertmanager) Started(ctx context.Context) (time.Time, error) {
	var status struct {
		Uptime time.Time `json:"uptime"`
	}
	a, err := m.do(ctx, request{method: http.MethodGet, path: "/api/v2/status"})
	if err == nil {
		err = a.ok(&status)
	}
	return status.Uptime, err
}

// Matcher is a condition of a silence.
type Matcher struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	IsRegex bool   `json:"isRegex"`
	IsEqual bool   `json:"isEqual"`
}

// Silence is one of an Alertmanager's.
type Silence struct {
	ID        string    `json:"id,omitempty"`
	Matchers  []Matcher `json:"matchers"`
	StartsAt  time.Time `json:"startsAt"`
	EndsAt    time.Time `json:"endsAt"`
	CreatedBy string    `json:"createdBy"`
	Comment   string    `json:"comment"`
	Status    *struct {
		State string `json:"state"`
	} `json:"status,omitempty"`
}

// Over says whether the silence has ended.
func (s *Silence) Over() bool { return s.Status != nil && s.Status.State == "expired" }

// Silences lists all of them, those that have ended among them.
func (m *Alertmanager) Silences(ctx context.Context) (list []Silence, err error) {
	a, err := m.do(ctx, request{method: http.MethodGet, path: "/api/v2/silences"})
	if err == nil {
		err = a.ok(&list)
	}
	return list, err
}

// Silence makes a silence, or changes the one with its ID. It returns the ID.
func (m *Alertmanager) Silence(ctx context.Context, s Silence) (id string, err error) {
	var made struct {
		ID string `json:"silenceID"`
	}
	s.Status = nil
	a, err := m.do(ctx, request{method: http.MethodPost, path: "/api/v2/silences", body: s})
	if err == nil {
		err = a.ok(&made)
	}
	return made.ID, err
}

// EndSilence ends one. One that is not there has ended.
func (m *Alertmanager) EndSilence(ctx context.Context, id string) error {
	a, err := m.do(ctx, request{method: http.MethodDelete, path: "/api/v2/silence/" + url.PathEscape(id)})
	if err == nil && a.status != http.StatusNotFound {
		err = a.ok(nil)
	}
	return err
}
