package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/astreinte/astreinte/internal/duty"
)

// roster keeps replacements of an office, and has them in force at once.
type roster struct {
	o    *office
	book *duty.Book
}

func (k *roster) follow(ctx context.Context) error {
	all, err := k.book.All(ctx)
	if err != nil {
		return err
	}
	rules := *k.o.engine.Rules()
	overrides, _ := duty.Overrides(all, rules.Directory)
	if rules.Directory, err = rules.Directory.With(overrides); err == nil {
		k.o.engine.SetRules(&rules)
	}
	return err
}

func (k *roster) Replacements(ctx context.Context) ([]duty.Replacement, error) {
	return k.book.All(ctx)
}

func (k *roster) PreviewReplacement(ctx context.Context, r duty.Replacement, by duty.Actor) (duty.Preview, error) {
	return k.book.Preview(ctx, r, by, k.o.engine.Rules().Directory, k.o.clock.Now())
}

func (k *roster) Replace(ctx context.Context, r duty.Replacement, by duty.Actor, over bool) (duty.Replacement, error) {
	r, err := k.book.Make(ctx, r, by, k.o.engine.Rules().Directory, k.o.clock.Now(), over)
	if err == nil {
		err = k.follow(ctx)
	}
	return r, err
}

func (k *roster) AnswerReplacement(ctx context.Context, id string, accepted bool, by duty.Actor) (duty.Replacement, error) {
	r, err := k.book.Answer(ctx, id, accepted, by, k.o.clock.Now())
	if err == nil {
		err = k.follow(ctx)
	}
	return r, err
}

func (k *roster) DropReplacement(ctx context.Context, id string, by duty.Actor) (duty.Replacement, error) {
	r, err := k.book.Drop(ctx, id, by, k.o.clock.Now())
	if err == nil {
		err = k.follow(ctx)
	}
	return r, err
}

func dutyDesk(t *testing.T) *office {
	t.Helper()
	k := &roster{}
	k.o = newDesk(t, func(o *Options) { o.Duty = k })
	k.book = duty.NewBook(k.o.store.Records(), nil)
	return k.o
}

func onCall(t *testing.T, d *office, at time.Time) string {
	t.Helper()
	w := d.call("reader", http.MethodGet, "/api/v1/oncall?at="+at.Format(time.RFC3339), "")
	for _, one := range decode[[]dutyBody](t, w) {
		if one.Group == "on-call" {
			return strings.Join(one.People, " ")
		}
	}
	return "?"
}

const replacements = "/api/v1/replacements"

func TestReplacements(t *testing.T) {
	d := dutyDesk(t)
	hour := func(n int) string { return saturday.Add(time.Duration(n) * time.Hour).Format(time.RFC3339) }
	body := func(more string) string {
		return fmt.Sprintf(`{"group": "on-call", "person": "bruno", "instead_of": "alice", "from": %q, "to": %q%s}`, hour(6), hour(12), more)
	}
	w := d.call("technician", http.MethodPost, replacements, body(`, "note": "a wedding"`)) // bruno's own
	made := decode[replacementBody](t, w)
	if w.Code != http.StatusCreated || made.State != duty.Planned || made.By != "bruno" || made.Note != "a wedding" ||
		w.Header().Get("Location") != "/desk/api/v1/replacements/"+made.ID {
		t.Fatalf("%d %s %v", w.Code, w.Body, w.Header())
	}
	if got := onCall(t, d, saturday.Add(6*time.Hour)); got != "bruno" {
		t.Errorf("%s is on call", got)
	}
	list := decode[map[string][]replacementBody](t, d.call("reader", http.MethodGet, replacements+"?person=alice&from="+hour(11), ""))["replacements"]
	if len(list) != 1 || list[0].ID != made.ID {
		t.Errorf("%+v", list)
	}
	for _, query := range []string{"?group=managers", "?person=carla", "?from=" + hour(12), "?to=" + hour(6)} {
		if list := decode[map[string][]replacementBody](t, d.call("reader", http.MethodGet, replacements+query, ""))["replacements"]; len(list) != 0 {
			t.Errorf("%s: %+v", query, list)
		}
	}
	for _, c := range []struct {
		role, method, path, body, code string
		status                         int
	}{
		{"reader", http.MethodPost, replacements, body(""), "forbidden", 403},
		{"desk", http.MethodPost, replacements, body(""), "forbidden", 403}, // a technician's that is nobody's
		{"manager", http.MethodPost, replacements, body(""), "overlap", 409},
		{"manager", http.MethodPost, replacements, strings.Replace(body(""), "alice", "carla", 1), "nothing", 422},
		{"manager", http.MethodPost, replacements, strings.Replace(body(""), "bruno", "zoe", 1), "bad_request", 400},
		{"manager", http.MethodPost, replacements, body(`, "colour": "red"`), "bad_request", 400},
		{"manager", http.MethodPost, replacements, body(`, "note": "` + strings.Repeat("x", 5000) + `"`), "bad_request", 400},
		{"manager", http.MethodPost, replacements, `{"group": "on-call", "person": "bruno", "to": "tomorrow"}`, "bad_request", 400},
		{"manager", http.MethodPost, replacements + "/" + made.ID + "/accept", "", "over", 409},
		{"manager", http.MethodPost, replacements + "/" + made.ID + "/burn", "", "not_found", 404},
		{"manager", http.MethodPost, replacements + "/none/accept", "", "not_found", 404},
		{"manager", http.MethodGet, replacements + "?from=today", "", "bad_request", 400},
		{"desk", http.MethodDelete, replacements + "/" + made.ID, "", "forbidden", 403},
	} {
		w := d.call(c.role, c.method, c.path, c.body)
		if got := decode[errorBody](t, w).Error.Code; w.Code != c.status || got != c.code {
			t.Errorf("%s %s %s by the %s: %d %s", c.method, c.path, c.body[:min(len(c.body), 150)], c.role, w.Code, w.Body)
		}
	}
	if w := d.call("technician", http.MethodDelete, replacements+"/"+made.ID, ""); w.Code != http.StatusOK || decode[replacementBody](t, w).State != duty.Dropped {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := onCall(t, d, saturday.Add(6*time.Hour)); got != "alice" {
		t.Errorf("after it was dropped %s is on call", got)
	}
}

// TestReplacementsAsYAML: what the JSON says, to keep.
func TestReplacementsAsYAML(t *testing.T) {
	d := dutyDesk(t)
	d.call("technician", http.MethodPost, replacements, fmt.Sprintf(`{"group": "on-call", "person": "bruno", "instead_of": "alice", "to": %q, "note": "yes: \"no\" #1"}`, saturday.Add(time.Hour).Format(time.RFC3339)))
	for _, w := range []*httptest.ResponseRecorder{
		d.call("reader", http.MethodGet, replacements+"?format=yaml", ""), d.call("reader", http.MethodGet, replacements, "", "Accept", "application/yaml"),
	} {
		var read struct {
			Replacements []map[string]any `yaml:"replacements"`
		}
		if err := yaml.Unmarshal(w.Body.Bytes(), &read); err != nil || w.Header().Get("Content-Type") != "application/yaml" {
			t.Fatalf("%v: %s", err, w.Body)
		}
		if len(read.Replacements) != 1 || read.Replacements[0]["note"] != `yes: "no" #1` || read.Replacements[0]["person"] != "bruno" || strings.Contains(w.Body.String(), "{") {
			t.Errorf("%s", w.Body)
		}
	}
	if w := d.call("reader", http.MethodGet, replacements+"?format=xml", ""); w.Code != http.StatusBadRequest {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestAPreview: what it would be, what it overlaps and what is doubtful of it, and
// nothing is kept; who saves it is told the same.
func TestAPreview(t *testing.T) {
	d := dutyDesk(t)
	ask := func(from, to int, more string) string {
		return fmt.Sprintf(`{"group": "on-call", "person": "bruno", "instead_of": "alice", "from": %q, "to": %q%s}`,
			saturday.Add(time.Duration(from)*time.Hour).Format(time.RFC3339), saturday.Add(time.Duration(to)*time.Hour).Format(time.RFC3339), more)
	}
	w := d.call("technician", http.MethodPost, replacements+"?preview=true", ask(110, 120, ""))
	shown := decode[previewBody](t, w)
	if w.Code != http.StatusOK || shown.Replacement.State != duty.Planned || shown.Overlaps != nil || len(shown.Doubts.Rests) != 2 || shown.Doubts.Rests[1].Minutes >= 11*60 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if list := decode[map[string][]replacementBody](t, d.call("reader", http.MethodGet, replacements, ""))["replacements"]; len(list) != 0 {
		t.Errorf("it is kept: %+v", list)
	}
	w = d.call("technician", http.MethodPost, replacements, ask(110, 120, ""))
	made := decode[replacementBody](t, w)
	if w.Code != http.StatusCreated || made.Doubts == nil || len(made.Doubts.Rests) != 2 || made.Doubts.Gaps == nil {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = d.call("manager", http.MethodPost, replacements+"?preview=true", strings.Replace(ask(112, 118, ""), "bruno", "dominique", 1))
	if shown := decode[previewBody](t, w); w.Code != http.StatusOK || shown.Overlaps == nil || shown.Overlaps.ID != made.ID {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, c := range []struct{ query, body, code string }{
		{"?preview=perhaps", ask(1, 2, ""), "bad_request"},
		{"?preview=true&x=1", ask(1, 2, ""), "bad_request"},
		{"?preview=true", ask(400, 2, ""), "bad_request"},
		{"?preview=true", strings.Replace(ask(1, 2, ""), "alice", "carla", 1), "nothing"},
	} {
		if w := d.call("technician", http.MethodPost, replacements+c.query, c.body); decode[errorBody](t, w).Error.Code != c.code {
			t.Errorf("%s %s: %d %s", c.query, c.body, w.Code, w.Body)
		}
	}
}

func TestASwapIsAcceptedByTheOther(t *testing.T) {
	d := dutyDesk(t)
	at := func(days int) string { return saturday.AddDate(0, 0, days).Format(time.RFC3339) }
	w := d.call("manager", http.MethodPost, replacements, fmt.Sprintf(
		`{"kind": "swap", "group": "on-call", "person": "alice", "with": "bruno", "from": %q, "to": %q, "their_from": %q, "their_to": %q}`, at(1), at(2), at(8), at(9)))
	offer := decode[replacementBody](t, w)
	if w.Code != http.StatusCreated || offer.State != duty.Offered || offer.Asks != "bruno" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	path := replacements + "/" + offer.ID + "/accept"
	if w := d.call("manager", http.MethodPost, path, ""); w.Code != http.StatusForbidden {
		t.Errorf("a manager accepts for him: %d %s", w.Code, w.Body)
	}
	if w := d.call("technician", http.MethodPost, path, ""); w.Code != http.StatusOK || decode[replacementBody](t, w).State != duty.Planned {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := onCall(t, d, saturday.AddDate(0, 0, 1)) + onCall(t, d, saturday.AddDate(0, 0, 8)); got != "brunoalice" {
		t.Errorf("%s are on call", got)
	}
}

func TestNoDutyOnTheSecondCore(t *testing.T) {
	d := newDesk(t)
	if w := d.call("manager", http.MethodGet, replacements, ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
