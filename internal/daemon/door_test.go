package daemon

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/signin"
)

// TestADaemonHasNoDoorWithoutAProof: the demo's page signs people in without a
// proof. In a daemon no path leads there, and the function that the path would
// call lets nobody in.
func TestADaemonHasNoDoorWithoutAProof(t *testing.T) {
	d, _ := started(t, config.Server{})
	for _, path := range []string{"/demo/sign-in", "/demo/state", "/demo/speed"} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(url.Values{"person": {"alice"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %d, %v", path, w.Code, w.Result().Cookies())
		}
	}
	for _, phone := range []bool{false, true} {
		w := httptest.NewRecorder()
		if err := d.Enter(w, httptest.NewRequest(http.MethodPost, "/", http.NoBody), "alice", phone); !errors.Is(err, signin.ErrOff) || len(w.Result().Cookies()) > 0 {
			t.Errorf("%v, %v", err, w.Result().Cookies())
		}
	}
	if list, err := d.signing.Book.Sessions(t.Context(), ""); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
}
