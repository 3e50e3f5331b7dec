package peer

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// desk is a Desk over a store in memory. Its clock stands until somebody moves it.
type desk struct {
	*Desk
	t     *testing.T
	store *storetest.Memory
	now   time.Time
	rules escalation.Rules
}

func (d *desk) Rules() *escalation.Rules { return &d.rules }
func (d *desk) Now() time.Time           { return d.now }

// newDesk has the source acme-am, which is of the customer acme, and the source shared,
// which is nobody's.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, store: storetest.New(), now: storetest.Began()}
	d.rules = escalation.Rules{
		Location: time.UTC, Route: dispatch.NewRoute(&config.Route{Receiver: "round-the-clock"}, nil),
		Policies:  map[string]ticket.Policy{"round-the-clock": {Name: "round-the-clock"}},
		Customers: []escalation.Customer{{Key: "acme"}, {Key: "bellac"}},
		Sources:   map[string]escalation.SourceRule{"acme-am": {Customer: "acme"}},
	}
	book := silence.NewBook(d.store.Records(), nil)
	d.Desk = New(&Desk{Book: book, Alerts: d.store, Engine: d, Log: zap.NewNop(), Version: "1.2", Changed: func() {
		list, err := book.All(context.Background())
		if err != nil {
			t.Error(err)
		}
		d.rules.Silences = silence.Rules(list, d.now)
	}})
	return d
}

// opens has a source's alerts fire in one ticket.
func (d *desk) opens(source, number string, alerts ...ticket.Alert) {
	d.t.Helper()
	tk := storetest.Ticket(source, number)
	for i := range alerts {
		alerts[i].Source = source
	}
	errs, err := d.store.Commit(d.t.Context(), source, []escalation.Change{storetest.Opening(&tk, alerts...)})
	if err != nil || errs[0] != nil {
		d.t.Fatal(err, errs)
	}
}

// asks asks about a source, and reads the answer. The path is one of Alertmanager's.
func (d *desk) asks(source, method, path, body string, into any) (status int, text string) {
	d.t.Helper()
	at, err := url.Parse(path)
	if err != nil {
		d.t.Fatal(err)
	}
	under := at.Path
	r := httptest.NewRequestWithContext(d.t.Context(), method, "/ingest/"+source+path, strings.NewReader(body))
	if id, named := strings.CutPrefix(under, "/api/v2/silence/"); named {
		under = "/api/v2/silence/{id}"
		r.SetPathValue("id", id)
	}
	w := httptest.NewRecorder()
	status = d.Ask(w, r, source, under)
	if w.Code != status || w.Header().Get("Content-Type") != "application/json" {
		d.t.Errorf("%s %s: %d, %d is said", method, path, w.Code, status)
	}
	text = strings.TrimSpace(w.Body.String())
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			d.t.Fatalf("%s %s: %d %s", method, path, status, text)
		}
	}
	return status, text
}

// posts makes a silence as amtool does. It returns its ID.
func (d *desk) posts(source, id string, length time.Duration, matchers ...matcherShape) string {
	d.t.Helper()
	body, err := json.Marshal(silenceAsked{
		ID: id, Matchers: matchers, StartsAt: d.now, EndsAt: d.now.Add(length), CreatedBy: "jane", Comment: "a new disk",
	})
	if err != nil {
		d.t.Fatal(err)
	}
	var made struct{ SilenceID string }
	if status, text := d.asks(source, http.MethodPost, "/api/v2/silences", string(body), &made); status != http.StatusOK || made.SilenceID == "" {
		d.t.Fatalf("%d %s", status, text)
	}
	return made.SilenceID
}

func (d *desk) fingerprints(source, query string) (all []string) {
	d.t.Helper()
	var list []alertShape
	d.asks(source, http.MethodGet, "/api/v2/alerts"+query, "", &list)
	for i := range list {
		all = append(all, list[i].Fingerprint)
	}
	return all
}

func instance(value string) matcherShape { return matcherShape{Name: "instance", Value: value} }

// TestWhichAlerts: those of the source that fire, by label, by receiver, silenced or not.
func TestWhichAlerts(t *testing.T) {
	d := newDesk(t)
	over := storetest.Alert("shared", "over")
	over.Status = ticket.Resolved
	d.opens("shared", "I261121_0001", storetest.Alert("shared", "a"), storetest.Alert("shared", "b"), over)
	d.opens("shared", "I261121_0002", storetest.Alert("shared", "c"))
	d.opens("acme-am", "I261121_0003", storetest.Alert("acme-am", "z"))
	id := d.posts("shared", "", time.Hour, instance("b"))
	for query, want := range map[string][]string{
		"":                                   {"a", "b", "c"},
		"?silenced=false":                    {"a", "c"},
		"?active=false":                      {"b"},
		"?active=false&silenced=false":       nil,
		"?filter=instance%3D%22c%22":         {"c"},
		"?filter=instance%3D~%22a%7Cb%22":    {"a", "b"},
		"?filter=alertname%21%3DHostDown":    nil,
		"?receiver=round.*&inhibited=false":  {"a", "b", "c"},
		"?receiver=round":                    nil,
		"?filter=instance%3Da&unprocessed=0": {"a"},
	} {
		if got := d.fingerprints("shared", query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	for _, query := range []string{"?filter=%7B%7B", "?receiver=(", "?active=perhaps", "?filter=" + strings.Repeat("x", 600)} {
		if status, text := d.asks("shared", http.MethodGet, "/api/v2/alerts"+query, "", nil); status != http.StatusBadRequest || !strings.HasPrefix(text, `"`) {
			t.Errorf("%.40s: %d %s", query, status, text)
		}
	}
	var groups []groupShape
	d.asks("shared", http.MethodGet, "/api/v2/alerts/groups", "", &groups)
	if len(groups) != 2 || groups[0].Labels["alertname"] != "HostDown" || groups[0].Receiver.Name != "round-the-clock" || len(groups[0].Alerts)+len(groups[1].Alerts) != 3 {
		t.Errorf("%+v", groups)
	}
	var list []alertShape
	d.asks("shared", http.MethodGet, "/api/v2/alerts?filter=instance%3Db", "", &list)
	if s := list[0].Status; s.State != "suppressed" || !slices.Equal(s.SilencedBy, []string{id}) || s.InhibitedBy == nil {
		t.Errorf("%+v", list)
	}
	if a := list[0]; !a.StartsAt.Equal(storetest.Began()) || !a.EndsAt.Equal(storetest.At(5*time.Minute)) || a.Annotations["summary"] == "" || a.Receivers[0].Name != "round-the-clock" {
		t.Errorf("%+v", a)
	}
}

// TestAQuestionThatCosts is refused: it is small, and would be at work for minutes.
func TestAQuestionThatCosts(t *testing.T) {
	d := newDesk(t)
	var alerts []ticket.Alert
	for i := range 200 {
		a := storetest.Alert("shared", string(rune('a'+i)))
		a.Labels["text"] = strings.Repeat("x", 2000)
		alerts = append(alerts, a)
	}
	d.opens("shared", "I261121_0001", alerts...)
	ask := func(key, value string) (int, string) {
		return d.asks("shared", http.MethodGet, "/api/v2/alerts?"+url.Values{key: {value}}.Encode(), "", nil)
	}
	for key, value := range map[string]string{"filter": `text!~"` + strings.Repeat("x{0,999}", 50) + `y"`, "receiver": strings.Repeat("x{0,999}", 50)} {
		if status, text := ask(key, value); status != http.StatusBadRequest || !strings.Contains(text, "parts") {
			t.Errorf("%s: %d %.200s", key, status, text)
		}
	}
	if status, text := ask("filter", `text!~"`+strings.Repeat("x*", 240)+`y"`); status != http.StatusBadRequest || !strings.Contains(text, "too much for so many alerts") {
		t.Errorf("%d %.200s", status, text)
	}
	body, err := json.Marshal(silenceAsked{Matchers: []matcherShape{{Name: "text", Value: strings.Repeat("x{0,999}", 50), IsRegex: true}}, StartsAt: d.now, EndsAt: d.now.Add(time.Hour), CreatedBy: "jane", Comment: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := d.asks("shared", http.MethodPost, "/api/v2/silences", string(body), nil); status != http.StatusBadRequest || !strings.Contains(text, "parts") {
		t.Errorf("a silence: %d %.200s", status, text)
	}
	if status, text := ask("filter", `text=~"x+|y+"`); status != http.StatusOK || strings.Count(text, "fingerprint") != 200 {
		t.Errorf("a small one: %d %.200s", status, text)
	}
}

// TestASourceSeesItsOwn alerts and silences, and no others: those of its customer too, but
// it ends only its own.
func TestASourceSeesItsOwn(t *testing.T) {
	d := newDesk(t)
	d.opens("shared", "I261121_0001", storetest.Alert("shared", "a"))
	if got := d.fingerprints("acme-am", ""); len(got) > 0 {
		t.Errorf("it sees %v of another source", got)
	}
	made := func(s silence.Silence) string {
		s.From, s.Until, s.Why, s.By = d.now, d.now.Add(time.Hour), "x", "alice"
		made, err := d.Book.Make(t.Context(), s, &d.rules, d.now)
		if err != nil {
			t.Fatal(err)
		}
		return made.ID
	}
	own, acme := d.posts("acme-am", "", time.Hour, instance("z")), made(silence.Silence{Customer: "acme"})
	hidden := []string{made(silence.Silence{Customer: "bellac"}), made(silence.Silence{Matchers: []string{"instance=a"}}), d.posts("shared", "", time.Hour, instance("y"))}
	var list []silenceShape
	d.asks("acme-am", http.MethodGet, "/api/v2/silences", "", &list)
	if len(list) != 2 || !slices.ContainsFunc(list, func(s silenceShape) bool { return s.ID == acme && s.Matchers[0].Value == "acme" }) {
		t.Errorf("%+v", list)
	}
	for _, id := range append(hidden, "none", strings.Repeat("x", 400)) {
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			if status, _ := d.asks("acme-am", method, "/api/v2/silence/"+id, "", nil); status != http.StatusNotFound {
				t.Errorf("%s %.20s: %d", method, id, status)
			}
		}
		body := `{"id":"` + id + `","matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2026-11-21T03:12:00Z","endsAt":"2026-11-21T05:00:00Z","comment":"x","createdBy":"x"}`
		if status, _ := d.asks("acme-am", http.MethodPost, "/api/v2/silences", body, nil); status != http.StatusNotFound {
			t.Errorf("changing %.20s: %d", id, status)
		}
	}
	if status, _ := d.asks("acme-am", http.MethodDelete, "/api/v2/silence/"+acme, "", nil); status != http.StatusForbidden {
		t.Errorf("it ends its customer's: %d", status)
	}
	for range 2 { // one that is over stays so
		if status, text := d.asks("acme-am", http.MethodDelete, "/api/v2/silence/"+own, "", nil); status != http.StatusOK {
			t.Errorf("%d %s", status, text)
		}
	}
	if s, err := d.Book.Get(t.Context(), own); err != nil || s.EndedBy != "acme-am" || s.By != "acme-am" || s.Author != "jane" || s.Source != "acme-am" {
		t.Errorf("%+v %v", s, err)
	}
}

// TestASilenceIsChanged: another end leaves it the one that it is. Other labels make
// another one.
func TestASilenceIsChanged(t *testing.T) {
	d := newDesk(t)
	no := false
	id := d.posts("shared", "", time.Hour, instance("a"), matcherShape{Name: "alertname", Value: "Disk.*", IsRegex: true, IsEqual: &no})
	d.now = d.now.Add(10 * time.Minute)
	if again := d.posts("shared", id, 2*time.Hour, instance("a"), matcherShape{Name: "alertname", Value: "Disk.*", IsRegex: true, IsEqual: &no}); again != id {
		t.Errorf("%s became %s", id, again)
	}
	s, err := d.Book.Get(t.Context(), id)
	if err != nil || !s.Until.Equal(d.now.Add(2*time.Hour)) || !s.From.Equal(storetest.Began()) || len(d.rules.Silences) != 1 || d.rules.Silences[0].Spans[0].Until != s.Until {
		t.Errorf("%+v %v", s, err)
	}
	other := d.posts("shared", id, time.Hour, instance("b"))
	var list []silenceShape
	d.asks("shared", http.MethodGet, "/api/v2/silences", "", &list)
	if other == id || len(list) != 2 || list[0].ID != other || list[0].Status.State != "active" || list[1].Status.State != "expired" {
		t.Errorf("%+v", list)
	}
	d.asks("shared", http.MethodGet, "/api/v2/silences?expired=false&filter=instance%3Db", "", &list)
	if len(list) != 1 || list[0].CreatedBy != "jane" || list[0].Comment != "a new disk" || *list[0].Matchers[0].IsEqual != true {
		t.Errorf("%+v", list)
	}
}

// TestWhatIsNoSilence is refused in an Alertmanager's form: a text.
func TestWhatIsNoSilence(t *testing.T) {
	d := newDesk(t)
	asked := func(matchers, from, until, comment string) string {
		return `{"matchers":[` + matchers + `],"startsAt":"` + from + `","endsAt":"` + until + `","createdBy":"x","comment":"` + comment + `"}`
	}
	const from, until, fits = "2026-11-21T03:12:00Z", "2026-11-21T05:12:00Z", `{"name":"a","value":"b","isRegex":false}`
	for name, body := range map[string]string{
		"no JSON":             `matchers`,
		"no matchers":         asked("", from, until, "x"),
		"everything":          asked(`{"name":"a","value":".*","isRegex":true}`, from, until, "x"),
		"every urgency":       asked(`{"name":"urgency","value":"","isEqual":false,"isRegex":false}`, from, until, "x"),
		"no regex":            asked(`{"name":"a","value":"(","isRegex":true}`, from, until, "x"),
		"no reason":           asked(fits, from, until, ""),
		"over already":        asked(fits, from, "2026-11-21T03:00:00Z", "x"),
		"more than is useful": asked(`{"name":"a","value":"(x{900}){2}","isRegex":true}`, from, until, "x"),
		"longer than a year":  asked(fits, from, "2028-11-21T03:00:00Z", "x"),
		"very long":           asked(fits, from, until, strings.Repeat("x", longestSilence)),
	} {
		if status, text := d.asks("shared", http.MethodPost, "/api/v2/silences", body, nil); status != http.StatusBadRequest || !strings.HasPrefix(text, `"`) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	for i := range 101 {
		status, _ := d.asks("shared", http.MethodPost, "/api/v2/silences", asked(fits, from, until, "x"), nil)
		if (status == http.StatusOK) != (i < 100) {
			t.Fatalf("silence %d: %d", i, status)
		}
	}
	d.posts("acme-am", "", time.Hour, instance("a")) // another tool has its own room
}

// TestEveryQuestionIsAnswered that package ingest lets through.
func TestEveryQuestionIsAnswered(t *testing.T) {
	var _ ingest.Asker = (*Desk)(nil)
	asked := ingest.Questions()
	for _, question := range asked {
		if answers[question] == nil {
			t.Errorf("nobody answers %s", question)
		}
	}
	if len(asked) != len(answers) {
		t.Errorf("%d are asked, %d answered", len(asked), len(answers))
	}
}

// TestWhatElseIsAsked: status, receivers, and what nobody asks.
func TestWhatElseIsAsked(t *testing.T) {
	d := newDesk(t)
	if status, text := d.asks("shared", http.MethodGet, "/api/v2/status", "", nil); status != http.StatusOK || !strings.Contains(text, `"status":"disabled","peers":[]`) || !strings.Contains(text, `"version":"1.2"`) {
		t.Errorf("%d %s", status, text)
	}
	if status, text := d.asks("shared", http.MethodGet, "/api/v2/receivers", "", nil); status != http.StatusOK || text != `[{"name":"round-the-clock"}]` {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := d.asks("shared", http.MethodPost, "/api/v2/status", "", nil); status != http.StatusMethodNotAllowed {
		t.Errorf("%d", status)
	}
	d.store.Fail(storetest.On(storetest.FailBefore, "Tickets"))
	if status, text := d.asks("shared", http.MethodGet, "/api/v2/alerts", "", nil); status != http.StatusServiceUnavailable || strings.Contains(text, "fault") {
		t.Errorf("%d %s", status, text)
	}
}
