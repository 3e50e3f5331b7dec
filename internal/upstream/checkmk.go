package upstream

import (
	"context"
	"net/http"
)

// Checkmk is the REST API of a site of Checkmk, 2.1 or later. URL is the site's, such as
// https://monitoring.example.net/mysite; User and Password are an automation user and
// its secret.
type Checkmk struct{ *Client }

// NewCheckmk makes one.
func NewCheckmk(o Options) *Checkmk {
	c := NewClient(o)
	c.authorization = "Bearer " + o.User + " " + o.Password
	return &Checkmk{c}
}

const checkmkAPI = "/check_mk/api/1.0/domain-types/acknowledge/"

// Acknowledge acknowledges a problem until its state changes, and notifies nobody. It is
// false if there is no such problem: it is over, or was never there.
func (m *Checkmk) Acknowledge(ctx context.Context, o Object, text string) (bool, error) {
	body, kind := checkmkObject(o)
	body["comment"], body["sticky"], body["persistent"], body["notify"] = text, false, false, false
	a, err := m.do(ctx, request{method: http.MethodPost, path: checkmkAPI + "collections/" + kind, body: body})
	if err != nil {
		return false, err
	}
	if a.status == http.StatusUnprocessableEntity {
		return false, nil
	}
	return true, a.ok(nil)
}

// Unacknowledge takes an acknowledgement back. One that is not there is no error.
// Checkmk can do that since 2.4.
func (m *Checkmk) Unacknowledge(ctx context.Context, o Object) error {
	body, _ := checkmkObject(o)
	a, err := m.do(ctx, request{method: http.MethodPost, path: checkmkAPI + "actions/delete/invoke", body: body})
	switch {
	case err != nil:
		return err
	case a.status == http.StatusNotFound, a.status == http.StatusMethodNotAllowed:
		return &Error{Status: a.status, Said: "this Checkmk cannot take an acknowledgement back: 2.4 or later wanted", Never: true}
	case a.status == http.StatusUnprocessableEntity:
		return nil
	}
	return a.ok(nil)
}

func checkmkObject(o Object) (body map[string]any, kind string) {
	if o.Service == "" {
		return map[string]any{"acknowledge_type": "host", "host_name": o.Host}, "host"
	}
	return map[string]any{"acknowledge_type": "service", "host_name": o.Host, "service_description": o.Service}, "service"
}
