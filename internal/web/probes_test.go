package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestProbes(t *testing.T) {
	d := newDesk(t)
	if w := d.call("", http.MethodGet, "/healthz", ""); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"status":"ok"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.call("", http.MethodGet, "/readyz", ""); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d.server.check = func(ctx context.Context) error {
		deadline, ok := ctx.Deadline()
		if !ok || time.Until(deadline) > checkTimeout {
			t.Errorf("the check has until %v", deadline)
		}
		return errors.Join(errors.New("the disk is full"), errors.New("the clock is off"))
	}
	w := d.call("", http.MethodGet, "/readyz", "")
	if got := decode[readiness](t, w); w.Code != 503 || !slices.Equal(got.Reasons, []string{"the disk is full", "the clock is off"}) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := newDesk(t, func(o *Options) { o.Check = nil }).call("", http.MethodGet, "/readyz", ""); w.Code != 200 {
		t.Errorf("without a check: %d", w.Code)
	}
}
