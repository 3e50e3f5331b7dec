package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestWhatTakesLongHasTurns: who opens a link a hundred times at once gets the
// pages one after the other, and keeps nobody else from anything.
func TestWhatTakesLongHasTurns(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	link := "/a/" + d.linkOf("alice", number)
	get := func(ctx context.Context, path string) int {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer secret-reader")
		return d.send(r).Code
	}
	const list = "/api/v1/tickets"
	paths := []string{link, list + "/" + number}
	for range cap(d.server.turns) {
		d.server.turns <- struct{}{}
	}
	if code := get(t.Context(), list); code != http.StatusOK {
		t.Errorf("%s: %d", list, code)
	}
	for range cap(d.server.searches) {
		d.server.searches <- struct{}{}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, path := range append(paths, list) {
		if code := get(gone, path); code == http.StatusOK {
			t.Errorf("%s: it did not wait for a turn", path)
		}
	}
	if code := get(t.Context(), "/healthz"); code != http.StatusOK {
		t.Errorf("/healthz: %d", code)
	}
	for range cap(d.server.turns) {
		<-d.server.turns
	}
	if code := get(t.Context(), link); code != http.StatusOK {
		t.Errorf("%s waits for a search: %d", link, code)
	}
	for range cap(d.server.searches) {
		<-d.server.searches
	}
	for _, path := range paths {
		if code := get(t.Context(), path); code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
	}
	if n := len(d.server.turns) + len(d.server.searches); n != 0 {
		t.Errorf("%d turns were not given back", n)
	}
}
