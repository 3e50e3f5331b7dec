package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/paging/phonetest"
	"github.com/astreinte/astreinte/paging/webpush"
)

// register has a phone's browser subscribe to pushes, and makes it known to the
// daemon, as the app does. What a demo that ran before has registered is forgotten:
// its push service is no more.
func (d *Demo) register(ctx context.Context, p *phonetest.Phone, language string) error {
	devices := "/api/v1/people/" + p.Name() + "/devices"
	var known struct {
		Devices []struct{ ID, Service string }
	}
	if err := d.ask(ctx, http.MethodGet, devices, nil, &known); err != nil {
		return err
	}
	for _, device := range known.Devices {
		if device.Service != "" && device.Service != d.pushHost() {
			continue // a real browser's
		}
		if err := d.ask(ctx, http.MethodDelete, devices+"/"+device.ID, nil, nil); err != nil {
			return err
		}
	}
	var push struct{ Key string }
	if err := d.ask(ctx, http.MethodGet, "/api/v1/push", nil, &push); err != nil {
		return err
	}
	return d.ask(ctx, http.MethodPost, devices, map[string]any{
		"platform": "web", "name": lang.In(language).Demo["phoneName"], "subscription": p.Subscribe(push.Key),
	}, nil)
}

// pushHost is the host of the stand-in push service.
func (d *Demo) pushHost() string {
	_, host, _ := strings.Cut(d.world.PushOrigin(), "://")
	return host
}

// answerLimit is more than any answer of the API takes here.
const answerLimit = 1 << 20

// ask asks the daemon's API.
func (d *Demo) ask(ctx context.Context, method, path string, body, into any) error {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, &text)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+d.apiToken)
	resp, err := d.sender.Do(req)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	switch {
	case err != nil:
		return fmt.Errorf("demo: %w", err)
	case resp.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("demo: %s %s: %s: %s", method, path, resp.Status, answer)
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("demo: %s %s: %w", method, path, err)
	}
	return nil
}

// outward leads to the stand-ins, but for the push services of real browsers: whoever
// lets the app notify on this machine is pushed to for real.
type outward struct{ standIns, internet http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (o outward) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Host
	known := slices.ContainsFunc(webpush.KnownHosts(), func(of string) bool {
		below, many := strings.CutPrefix(of, "*")
		return host == of || (many && strings.HasSuffix(host, below))
	})
	if known && r.URL.Scheme == "https" {
		return o.internet.RoundTrip(r) //nolint:wrapcheck // as it is
	}
	return o.standIns.RoundTrip(r) //nolint:wrapcheck // as it is
}
