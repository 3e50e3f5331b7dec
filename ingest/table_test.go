package ingest_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/ticket"
)

var night = time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)

// taken keeps what a handler hands on.
type taken struct{ batches []ticket.Batch }

func (k *taken) Take(_ context.Context, b ticket.Batch) (ingest.Taken, error) {
	k.batches = append(k.batches, b)
	return ingest.Taken{Accepted: len(b.Alerts)}, nil
}

// withCanary are the tools of this version, and a made-up one.
func withCanary() ingest.Table { return append(ingest.Tools(), ingest.Canary()) }

const mineText = `
policies: {silent: {}}
route: {receiver: silent}
sources:
  mine: {type: canary, token: mine-token-of-the-canary}
  prometheus: {type: alertmanager, token: mine-token-of-prometheus}
`

// mine is a handler for the sources of a configuration. Both get the same
// table.
func mine(t *testing.T) (*ingest.Handler, *taken) {
	t.Helper()
	cfg, report := config.Parse("mine.yml", []byte(mineText), t.TempDir(), config.Options{Now: night, Tools: withCanary()})
	if cfg == nil {
		t.Fatal(report.Errors)
	}
	sources := make([]ingest.Source, len(cfg.Sources))
	for i, s := range cfg.Sources {
		sources[i] = ingest.Source{
			Name: s.Name, Type: s.Type, Token: s.Token.Reveal(),
			MaxBody: s.MaxBody, MaxAlerts: s.MaxAlerts, ResolveTimeout: s.ResolveTimeout,
		}
	}
	keeps := &taken{}
	return ingest.New(ingest.Options{Taker: keeps, Tools: withCanary(), Sources: sources, Now: func() time.Time { return night }}), keeps
}

func send(t *testing.T, h http.Handler, path, token, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const (
	canaryToken     = "mine-token-of-the-canary"
	prometheusToken = "mine-token-of-prometheus"
	silence         = `{"bird":"Tweety","shaft":"north","sings":false}`
)

// TestASourceIsARow: a new kind of tool takes a file and a row. Then it can be
// configured, is heard and answered in its own way, and simulate understands
// it.
func TestASourceIsARow(t *testing.T) {
	h, keeps := mine(t)
	w := send(t, h, "/ingest/mine/song", canaryToken, silence)
	if w.Code != http.StatusCreated || w.Body.String() != "tweet" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if len(keeps.batches) != 1 || keeps.batches[0].Source != "mine" || len(keeps.batches[0].Alerts) != 1 {
		t.Fatalf("%+v", keeps.batches)
	}
	fired := keeps.batches[0].Alerts[0]
	if fired.Status != ticket.Firing || fired.Labels["instance"] != "north" || fired.Title() != "north CanarySilent" {
		t.Errorf("%+v", fired)
	}
	send(t, h, "/ingest/mine/song/", canaryToken, `{"bird":"Tweety","shaft":"north","sings":true}`)
	if over := keeps.batches[1].Alerts[0]; over.Status != ticket.Resolved || over.Fingerprint != fired.Fingerprint {
		t.Errorf("%+v", over)
	}
	for body, status := range map[string]int{`{"bird":""}`: http.StatusBadRequest, `{`: http.StatusBadRequest} {
		if w := send(t, h, "/ingest/mine/song", canaryToken, body); w.Code != status || !strings.HasPrefix(w.Body.String(), "no tweet: ") {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	if w := send(t, h, "/ingest/mine/song", prometheusToken, silence); w.Code != http.StatusUnauthorized {
		t.Errorf("another's token: %d %s", w.Code, w.Body)
	}
	read, err := withCanary().Read(ingest.Source{Type: ingest.TypeCanary}, []byte(silence), night)
	if err != nil || len(read) != 1 || read[0].Fingerprint != fired.Fingerprint || read[0].Status != ticket.Firing {
		t.Errorf("simulate reads %+v, %v", read, err)
	}
}

// TestATableIsAValue: tools of one table are not in another.
func TestATableIsAValue(t *testing.T) {
	_, report := config.Parse("mine.yml", []byte(mineText), t.TempDir(), config.Options{Now: night})
	if len(report.Errors) != 1 || report.Errors[0].Path != "sources.mine.type" || !strings.Contains(report.Errors[0].Message, "alertmanager, ") {
		t.Errorf("without the row: %v", report.Errors)
	}
	text := strings.Replace(mineText, "type: canary", "type: canari", 1)
	_, report = config.Parse("mine.yml", []byte(text), t.TempDir(), config.Options{Now: night, Tools: withCanary()})
	if len(report.Errors) != 1 || !strings.Contains(report.Errors[0].Message, `, canary are; did you mean "canary"?`) {
		t.Errorf("misspelt: %v", report.Errors)
	}
	if _, err := ingest.Tools().Read(ingest.Source{Type: ingest.TypeCanary}, []byte(silence), night); err == nil {
		t.Error("simulate reads what no row of its table is for")
	}
}

// TestTheTypeDecides: a body that comes to another tool's path is not taken.
// The answer, which that tool understands, names both types.
func TestTheTypeDecides(t *testing.T) {
	webhook := `{"status":"firing","alerts":[{"labels":{"a":"b"}}]}`
	list := `[{"labels":{"a":"b"}}]`
	for _, tt := range []struct {
		path, token, body string
		status            int
		says              []string
	}{
		{"/ingest/prometheus", prometheusToken, webhook, 202, []string{`"accepted":1`}},
		{"/ingest/prometheus/api/v2/alerts", prometheusToken, list, 200, nil},
		{"/ingest/prometheus/song", prometheusToken, silence, 404, []string{"no tweet: ", "prometheus is of type alertmanager", "/ingest/prometheus/api/v2/alerts or /ingest/prometheus;", "for sources of type canary"}},
		{"/ingest/mine", canaryToken, webhook, 404, []string{`"code":"wrong_type"`, "mine is of type canary, which posts to /ingest/mine/song", "/ingest/mine is for sources of type alertmanager", "sources.mine.type"}},
		{"/ingest/mine/api/v2/alerts", canaryToken, list, 404, []string{`"the source mine is of type canary`, "type alertmanager"}},
		{"/ingest/mine", "", webhook, 401, []string{"token is wanted"}},
		{"/ingest/mine/elsewhere", canaryToken, silence, 404, nil},
	} {
		h, keeps := mine(t)
		w := send(t, h, tt.path, tt.token, tt.body)
		if w.Code != tt.status {
			t.Errorf("%s: %d %s", tt.path, w.Code, w.Body)
		}
		for _, says := range tt.says {
			if !strings.Contains(w.Body.String(), says) {
				t.Errorf("%s: %s does not say %s", tt.path, w.Body, says)
			}
		}
		if took := len(keeps.batches) > 0; took != (tt.status < 300) {
			t.Errorf("%s: %d, and %+v was taken", tt.path, w.Code, keeps.batches)
		}
		if tt.status == http.StatusUnauthorized && strings.Contains(w.Body.String(), "canary") {
			t.Errorf("who has no token is told the type: %s", w.Body)
		}
	}
}

// TestAnyTakenAnswerEndsRefusals: a tool's own 2xx counts as 200 and 202 do.
func TestAnyTakenAnswerEndsRefusals(t *testing.T) {
	clock, told := night, 0
	h := ingest.New(ingest.Options{
		Taker: &taken{}, Tools: withCanary(), Now: func() time.Time { return clock },
		Sources: []ingest.Source{{Name: "mine", Type: ingest.TypeCanary, Token: canaryToken, MaxBody: ingest.DefaultMaxBody}},
		Refused: func(string, string) { told++ },
	})
	for _, tt := range []struct {
		after time.Duration
		body  string
		told  int
	}{{0, "{", 0}, {4 * time.Minute, silence, 0}, {6 * time.Minute, "{", 0}, {11 * time.Minute, "{", 1}} {
		clock = night.Add(tt.after)
		send(t, h, "/ingest/mine/song", canaryToken, tt.body)
		if told != tt.told {
			t.Fatalf("after %s: told %d times, want %d", tt.after, told, tt.told)
		}
	}
}

// TestNobodyElseNamesATool: outside its own file a type stands in no code, so
// that there is nothing else to change for a new one.
func TestNobodyElseNamesATool(t *testing.T) {
	quoted := make([]string, 0, 1)
	for _, kind := range ingest.Tools().Types() {
		if kind == ingest.TypeJSON || kind == ingest.TypeMail {
			continue // the words say many other things
		}
		quoted = append(quoted, strconv.Quote(kind))
	}
	// Who asks a tool again, or tells it something, has to know which it is.
	asks := []string{"../config/recheck.go", "../config/writeback.go", "../internal/effect/back", "../internal/upstream"}
	var found []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "bench" || d.Name() == "storetest" || d.Name() == "zabbixtest" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".."):
			return filepath.SkipDir // figures name the peer that they are held against, and who starts a tool names it
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || slices.Contains(asks, path) || slices.Contains(asks, filepath.Dir(path)):
			return nil
		}
		text, err := os.ReadFile(filepath.Clean(path))
		if err == nil && slices.ContainsFunc(quoted, func(q string) bool { return strings.Contains(string(text), q) }) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if elsewhere := slices.ContainsFunc(found, func(path string) bool { return filepath.Dir(path) != filepath.Join("..", "ingest") }); elsewhere || len(found) != len(quoted) {
		t.Errorf("types of tools are named in %v, want a file of this package for each of %v", found, quoted)
	}
}
