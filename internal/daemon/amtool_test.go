package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/silence"
)

// TestAmtool: the real amtool posts an alert, sees it, and makes, lists, changes and ends
// a silence, with the token of the source.
func TestAmtool(t *testing.T) {
	program, err := exec.LookPath("amtool")
	if err != nil {
		t.Fatal("amtool is not installed: apt-get install prometheus-alertmanager (bash .ci/test does it)")
	}
	d, _ := started(t, config.Server{})
	amtool := func(args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, append(args, "--alertmanager.url=http://amtool:"+postToken+"@"+d.Addr()+"/ingest/prometheus")...)
		cmd.Env = []string{"HOME=" + t.TempDir(), "TZ=UTC"}
		var trouble bytes.Buffer // and that this is no Alertmanager of its version
		cmd.Stderr = &trouble
		said, err := cmd.Output()
		if err != nil {
			t.Errorf("amtool %s: %v\n%s%s", strings.Join(args, " "), err, said, &trouble)
		}
		return string(said)
	}
	has := func(said string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(said, part) {
				t.Errorf("no %q in\n%s", part, said)
			}
		}
	}
	amtool("alert", "add", "HostDown", "instance=srv-db-01", "customer=acme", "severity=critical", "--annotation=summary=it is down")
	has(amtool("alert", "query", "HostDown"), "HostDown", "it is down", "active")
	id := strings.TrimSpace(amtool("silence", "add", "HostDown", "instance=~srv-db-.*", "--duration=2h", "--author=jane", "--comment=a new disk"))
	if !regexp.MustCompile(`^[a-z0-9]{12}$`).MatchString(id) {
		t.Fatalf("it made %q", id)
	}
	has(amtool("silence", "query"), id, `instance=~"srv-db-.*"`, "jane", "a new disk")
	has(amtool("alert", "query", "--silenced", "HostDown", "-o", "extended"), "suppressed")
	if said := amtool("alert", "query", "HostDown"); strings.Contains(said, "srv-db-01") {
		t.Errorf("it is silenced:\n%s", said)
	}
	has(amtool("silence", "update", "--duration=5h", "--comment=two disks", id), id, "two disks")
	s, err := d.hush.book.Get(t.Context(), id)
	if err != nil || s.Until.Sub(s.From) < 5*time.Hour-2*time.Second || s.Why != "two disks" || s.Source != "prometheus" {
		t.Errorf("%+v %v", s, err)
	}
	amtool("silence", "expire", id)
	has(amtool("silence", "query", "--expired"), id)
	s, err = d.hush.book.Get(t.Context(), id)
	if state, _ := s.StateAt(d.clock.Now()); err != nil || state != silence.Expired {
		t.Errorf("it is %s: %v", state, err)
	}
	has(amtool("alert", "query", "HostDown", "-o", "json"), `"state":"active"`)
	has(amtool("config", "show"), "")
}

// TestWhoAsksASource needs its token, as whoever posts does, and is nobody who posts: the
// source is heard of no more for it.
func TestWhoAsksASource(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for path, want := range map[string]int{
			"/ingest/prometheus/api/v2/alerts": http.StatusOK, "/ingest/prometheus/api/v2/alerts/groups": http.StatusOK, "/ingest/prometheus/api/v2/silences/": http.StatusOK,
			"/ingest/prometheus/api/v2/status": http.StatusOK, "/ingest/prometheus/api/v2/receivers": http.StatusOK, "/ingest/prometheus/api/v2/silence/none": http.StatusNotFound,
			"/ingest/nobody/api/v2/silences": http.StatusNotFound,
		} {
			if code, answer := w.call(http.MethodGet, path, postToken, nil); code != want {
				t.Errorf("%s: %d %s", path, code, answer)
			}
			if code, _ := w.call(http.MethodGet, path, "another", nil); code != http.StatusUnauthorized && want != http.StatusNotFound {
				t.Errorf("%s with another token: %d", path, code)
			}
		}
		if words := w.daemon.Load().ingest.Words(); len(words) == 0 || !words[0].HeardAt.IsZero() {
			t.Errorf("%+v", words)
		}
		w.alert("firing", "srv-db-01")
		w.alice.ExpectSMS(t, "srv-db-01")
		body := map[string]any{
			"matchers": []map[string]any{{"name": "instance", "value": "srv-db-01", "isRegex": false}}, "startsAt": time.Now(), "endsAt": time.Now().Add(time.Hour), "createdBy": "karma", "comment": "x",
		}
		code, answer := w.call(http.MethodPost, "/ingest/prometheus/api/v2/silences", postToken, body)
		var made struct{ SilenceID string }
		if err := json.Unmarshal(answer, &made); err != nil || code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(20 * time.Second)
		if _, until := w.silencedTicket(); until.IsZero() {
			t.Error("its ticket is not silenced")
		}
		w.expectChange("?about=setting", "prometheus/api setting", `srv-db-01`)
		if code, _ := w.call(http.MethodDelete, "/ingest/prometheus/api/v2/silence/"+made.SilenceID, postToken, nil); code != http.StatusOK {
			t.Errorf("%d", code)
		}
		w.expectChange("?about=setting", "changed", "srv-db-01", `"until"`, `"ended"`)
	}, aliceAlone)
}
