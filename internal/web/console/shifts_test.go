package console

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/duty"
)

// shifts keep replacements of an office, and have them in force at once.
type shifts struct {
	o    *office
	book *duty.Book
	base *contacts.Directory
}

func (k *shifts) follow(ctx context.Context) error {
	all, err := k.book.All(ctx)
	if err != nil {
		return err
	}
	rules := *k.o.engine.Rules()
	if k.base == nil {
		k.base = rules.Directory
	}
	overrides, _ := duty.Overrides(all, k.base)
	if rules.Directory, err = k.base.With(overrides); err == nil {
		k.o.engine.SetRules(&rules)
	}
	return err
}

func (k *shifts) Replacements(ctx context.Context) ([]duty.Replacement, error) {
	return k.book.All(ctx)
}

func (k *shifts) PreviewReplacement(ctx context.Context, r duty.Replacement, by duty.Actor) (duty.Preview, error) {
	return k.book.Preview(ctx, r, by, k.o.engine.Rules().Directory, k.o.clock.Now())
}

func (k *shifts) Replace(ctx context.Context, r duty.Replacement, by duty.Actor, over bool) (duty.Replacement, error) {
	r, err := k.book.Make(ctx, r, by, k.o.engine.Rules().Directory, k.o.clock.Now(), over)
	if err == nil {
		err = k.follow(ctx)
	}
	return r, err
}

func (k *shifts) AnswerReplacement(ctx context.Context, id string, accepted bool, by duty.Actor) (duty.Replacement, error) {
	r, err := k.book.Answer(ctx, id, accepted, by, k.o.clock.Now())
	if err == nil {
		err = k.follow(ctx)
	}
	return r, err
}

func (k *shifts) DropReplacement(ctx context.Context, id string, by duty.Actor) (duty.Replacement, error) {
	r, err := k.book.Drop(ctx, id, by, k.o.clock.Now())
	if err == nil {
		err = k.follow(ctx)
	}
	return r, err
}

// on is who is on call so many hours from Saturday night on.
func (o *office) on(hours int) string {
	people, _ := o.engine.Rules().Directory.On("on-call", saturday.Add(time.Duration(hours)*time.Hour))
	keys := make([]string, len(people))
	for i := range people {
		keys[i] = people[i].Key
	}
	return strings.Join(keys, " ")
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`)

// save presses Save on a page that shows what a replacement does.
func (o *office) save(person, path string, more ...string) string {
	o.t.Helper()
	w := o.get(person, path)
	form := strings.Index(w.Body.String(), `<form class="go" method="post"`)
	if form < 0 {
		o.t.Fatalf("%s: nothing can be saved: %s", path, w.Body)
	}
	var fields []string
	for _, m := range hidden.FindAllStringSubmatch(w.Body.String()[form:], -1) {
		fields = append(fields, m[1], html.UnescapeString(m[2]))
	}
	return o.follow(person, o.post(person, "/oncall/change", append(fields, more...)...)).Body.String()
}

// linkTo is the address of a link of a page, by its name for a screen reader.
func (o *office) linkTo(person, path, label string) string {
	o.t.Helper()
	page := o.get(person, path).Body.String()
	m := regexp.MustCompile(`href="/desk(/oncall/change[^"]*)" aria-label="` + regexp.QuoteMeta(label)).FindStringSubmatch(page)
	if m == nil {
		o.t.Fatalf("there is no %q: %s", label, page)
	}
	return html.UnescapeString(m[1])
}

// TestTakingOverIsTwoTaps: from now on, and a colleague's week.
func TestTakingOverIsTwoTaps(t *testing.T) {
	o := newOffice(t, home)
	path := o.linkTo("bruno", "/oncall", "I take over from now: on-call, 8 h")
	has(t, o.get("bruno", path), "Bruno Petit in everybody&#39;s place, 03:12 to 11:12", "Nothing is doubtful")
	if page := o.save("bruno", path); !strings.Contains(page, "Saved: it holds at once.") || !strings.Contains(page, "<b>Bruno Petit</b> <small>stands in</small>") {
		t.Errorf("%s", page)
	}
	if o.on(0) != "bruno" || o.on(9) != "alice" {
		t.Errorf("%s, %s", o.on(0), o.on(9))
	}
	week := o.linkTo("alice", "/oncall", "Je remplace: Bruno Petit, 26/11 09:00")
	has(t, o.get("alice", week), "Alice Martin à la place de Bruno Petit, 26/11 09:00 au 03/12 09:00", "n&#39;a pas de repos de 35 h")
	o.save("alice", week)
	if o.on(24*6) != "alice" {
		t.Errorf("in six days %s", o.on(24*6))
	}
	hasNot(t, o.get("carla", "/oncall"), "Prendo", "data-change", "/oncall/change") // a reader looks
}

// TestAFormSavesOnce, sent twice; and one that is refused says why, and keeps what was
// written.
func TestAFormSavesOnce(t *testing.T) {
	o := newOffice(t, home)
	form := []string{"kind", "cover", "group", "on-call", "person", "bruno", "instead_of", "alice", "from", "2026-11-22T09:00", "to", "2026-11-22T21:00", "note", "a <wedding>", "once", "X1"}
	for range 2 {
		has(t, o.follow("bruno", o.post("bruno", "/oncall/change", form...)), "Saved: it holds at once.", "a &lt;wedding&gt;")
	}
	if all, err := o.shifts.book.All(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d, %v", len(all), err)
	}
	query := func(pairs ...string) string {
		v := url.Values{"kind": {"cover"}, "group": {"on-call"}, "person": {"dominique"}, "instead_of": {"alice"}, "from": {"2026-11-22T10:00"}, "to": {"2026-11-22T12:00"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return "/oncall/change?" + v.Encode()
	}
	has(t, o.get("dominique", query()), "It takes the place of another one: Bruno Petit in the place of Alice Martin, 22/11 09:00 to 22/11 21:00 (made by Bruno Petit)", `name="replace" value="1"`)
	if w := o.post("dominique", "/oncall/change", "group", "on-call", "person", "dominique", "instead_of", "alice", "from", "2026-11-22T10:00", "to", "2026-11-22T12:00"); w.Code != http.StatusConflict ||
		!strings.Contains(w.Body.String(), "Nothing was saved. It takes the place of another one") || !strings.Contains(w.Body.String(), `value="2026-11-22T12:00"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	o.save("dominique", query(), "replace", "1")
	if o.on(31) != "dominique" || o.on(34) != "bruno" {
		t.Errorf("%s, %s", o.on(31), o.on(34))
	}
	for name, c := range map[string]struct{ person, path, said string }{
		"somebody else's duty": {"bruno", query(), "that is for the person concerned, or a manager"},
		"nobody's duty":        {"dominique", query("instead_of", "edith"), "Nobody&#39;s duty is touched"},
		"no time":              {"dominique", query("to", "tomorrow"), "The end is missing"},
		"over before it is":    {"dominique", query("to", "2026-11-22T10:00"), "The end is missing"},
		"no such group":        {"dominique", query("group", "x"), "There is no such group."},
		"oneself":              {"dominique", query("instead_of", "dominique"), "Choose somebody else"},
		"a swap with nobody":   {"dominique", query("kind", "swap"), "Choose with whom"},
	} {
		w := o.get(c.person, c.path)
		has(t, w, c.said)
		if strings.Contains(w.Body.String(), `method="post" action="/desk/oncall/change"`) {
			t.Errorf("%s can be saved", name)
		}
	}
	if w := o.get("carla", query()); w.Code != http.StatusForbidden {
		t.Errorf("a reader: %d", w.Code)
	}
}

// TestAnOfferIsAnswered in the console: by whom it asks alone, and it can be undone.
func TestAnOfferIsAnswered(t *testing.T) {
	o := newOffice(t, home)
	o.save("alice", "/oncall/change?"+url.Values{"group": {"on-call"}, "person": {"bruno"}, "instead_of": {"alice"}, "from": {"2026-11-22T09:00"}, "to": {"2026-11-22T21:00"}}.Encode())
	has(t, o.get("alice", "/oncall"), "proposé à Bruno Petit")
	page := o.get("bruno", "/oncall")
	has(t, page, "You are asked", ">Accept</button>")
	hasNot(t, o.get("alice", "/oncall"), ">Accepter</button>")
	m := regexp.MustCompile(`/oncall/replacements/([a-z0-9]+)`).FindStringSubmatch(page.Body.String())
	if m == nil {
		t.Fatal("there is no offer")
	}
	has(t, o.follow("alice", o.post("alice", m[0], "action", "accept")), "Rien n&#39;a changé : c&#39;est à la personne concernée")
	has(t, o.follow("bruno", o.post("bruno", m[0], "action", "accept")), "Accepted: it holds.")
	if o.on(32) != "bruno" {
		t.Errorf("%s is on call", o.on(32))
	}
	has(t, o.follow("bruno", o.post("bruno", m[0], "action", "decline")), "Nothing changed: it was accepted")
	hasNot(t, o.get("edith", "/oncall"), ">Accept</button>")
	has(t, o.follow("alice", o.post("alice", m[0], "action", "drop", "month", "2026-11")), "Annulé.", "annulé")
	if o.on(32) != "alice" {
		t.Errorf("%s is on call", o.on(32))
	}
	for path, want := range map[string]int{m[0]: http.StatusBadRequest, "/oncall/replacements/none": http.StatusNotFound} {
		action := map[int]string{http.StatusBadRequest: "burn", http.StatusNotFound: "drop"}[want]
		if w := o.post("bruno", path, "action", action); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestWhatWasDraggedOver fills the form in: whole days, and in whose place.
func TestWhatWasDraggedOver(t *testing.T) {
	o := newOffice(t, home)
	has(t, o.get("dominique", "/oncall/change?group=on-call&days=2026-11-29&last=2026-11-28"),
		`value="2026-11-28T00:00"`, `value="2026-11-30T00:00"`, `<option value="bruno" selected>`, `<option value="on-call" selected>`)
	has(t, o.get("bruno", "/oncall/change?group=on-call&days=2026-11-22&last=2026-11-22"), "Bruno Petit in the place of Alice Martin, 22/11 00:00 to 23/11 00:00")
	has(t, o.get("alice", "/oncall/change?group=on-call&days=2026-11-21&last=2026-11-21"), `name="from" value=""`, `value="2026-11-22T00:00"`, `<option value="alice" selected>`)
	for _, bad := range []string{"x", "2020-01-01", "1-1-1"} {
		if w := o.get("dominique", "/oncall/change?group=on-call&days="+bad+"&last="+bad); w.Code != http.StatusOK {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}

// TestGapsAndWhoIsGone: hours without anybody are red, and what names somebody who is
// gone is warned of.
func TestGapsAndWhoIsGone(t *testing.T) {
	o := newOffice(t, home)
	has(t, o.get("dominique", "/oncall?month=2026-11"), `<p class="gap">NOBODY</p>`) // before the first handover
	o.save("dominique", "/oncall/change?"+url.Values{"group": {"on-call"}, "person": {"edith"}, "instead_of": {"alice"}, "from": {"2026-11-22T09:00"}, "to": {"2026-11-22T21:00"}}.Encode())
	rules := *o.engine.Rules()
	people := rules.Directory.People()
	group, _ := rules.Directory.Group("on-call")
	smaller, err := contacts.NewDirectory(people[:4], []contacts.Group{group}, nil)
	if err != nil || people[4].Key != "edith" {
		t.Fatal(err)
	}
	rules.Directory = smaller
	o.engine.SetRules(&rules)
	has(t, o.get("dominique", "/oncall"), "are void", "not configured any more: 1", "<i>void</i>")
}

// TestDutyWhileTheStoreIsAway is shown, and not changed.
func TestDutyWhileTheStoreIsAway(t *testing.T) {
	o := newOffice(t, home)
	o.console.shifts = nil
	w := o.get("dominique", "/oncall")
	has(t, w, "Alice Martin")
	hasNot(t, w, "/oncall/change")
	if w := o.post("dominique", "/oncall/change", "group", "on-call", "person", "bruno", "to", "2026-11-22T21:00"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "while the store is away") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// BenchmarkMonth is a month's page with five thousand replacements of five years.
func BenchmarkMonth(b *testing.B) {
	o := newOffice(b, home)
	var overrides []contacts.Override
	for i := range 5000 {
		from := saturday.Add(-time.Duration(i) * 9 * time.Hour)
		overrides = append(overrides, contacts.Override{Group: "on-call", Person: "edith", Replaces: "alice", From: from, To: from.Add(8 * time.Hour), Name: fmt.Sprint("replacement ", i)})
	}
	rules := *o.engine.Rules()
	var err error
	if rules.Directory, err = rules.Directory.With(overrides); err != nil {
		b.Fatal(err)
	}
	o.engine.SetRules(&rules)
	for b.Loop() {
		if w := o.get("dominique", "/oncall"); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
