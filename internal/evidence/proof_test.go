package evidence_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// entry has all that a line may hold: names, free text, lists, numbers.
type entry struct {
	At    string         `json:"at"`
	Who   *actor         `json:"who,omitempty"`
	Text  string         `json:"text,omitempty" holds:"free"`
	List  []actor        `json:"list,omitempty"`
	Odd   map[string]any `json:"odd,omitempty"`
	Count float64        `json:"count"`
	inner
}

type inner struct {
	Deep string `json:"deep,omitempty" holds:"personal"`
}

type actor struct {
	Kind string `json:"kind"`
	Name string `json:"name" holds:"personal"`
}

const salt = "00112233445566778899aabbccddeeff"

func formOf(t *testing.T, e *entry, salt string) (form string, hidden []evidence.Value) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	got, hidden, err := evidence.Canonical[entry](text, salt)
	if err != nil {
		t.Fatal(err)
	}
	return string(got), hidden
}

// TestWhatIsHidden: names and free text are not in the canonical form, whatever they stand
// in, and change it; another salt gives another form. A form that is made again of itself,
// as of a line that was anonymised, is the same.
func TestWhatIsHidden(t *testing.T) {
	e := entry{At: "03:12", Who: &actor{"person", "alice"}, Text: "Müller called", List: []actor{{"person", "bruno"}}, inner: inner{"chloe"}, Count: 1e21}
	form, hidden := formOf(t, &e, salt)
	for _, name := range []string{"alice", "Müller", "bruno", "chloe"} {
		if strings.Contains(form, name) {
			t.Errorf("%q is in %s", name, form)
		}
	}
	if len(hidden) != 4 || !strings.Contains(form, `"kind":"person"`) || !strings.Contains(form, `"count":1e+21`) {
		t.Errorf("%d are hidden in %s", len(hidden), form)
	}
	if other, _ := formOf(t, &e, strings.Repeat("0", 32)); other == form {
		t.Error("another salt gives the same form")
	}
	again, hidden, err := evidence.Canonical[entry]([]byte(form), "")
	if err != nil || string(again) != form || len(hidden) != 0 {
		t.Errorf("of itself: %s, %v, %v", again, hidden, err)
	}
	for _, change := range []func(e *entry){
		func(e *entry) { e.Text = "Müller calls" }, func(e *entry) { e.List[0].Name = "carla" }, func(e *entry) { e.Deep = "" }, func(e *entry) { e.Count = 2 },
	} {
		other := e
		other.List = slices.Clone(e.List)
		change(&other)
		if changed, _ := formOf(t, &other, salt); changed == form {
			t.Errorf("%+v has the same form", other)
		}
	}
}

// TestHead: whatever the order of its seals, and never the same of another past.
func TestHead(t *testing.T) {
	a := evidence.Head("", "2026-11-21", []string{"a", "b"})
	if a != evidence.Head("", "2026-11-21", []string{"b", "a"}) {
		t.Error("the order counts")
	}
	for _, other := range []string{
		evidence.Head("x", "2026-11-21", []string{"a", "b"}), evidence.Head("", "2026-11-22", []string{"a", "b"}),
		evidence.Head("", "2026-11-21", []string{"a"}), evidence.Head("", "2026-11-21", []string{"a\nb"}) + "x", evidence.Head("", "2026-11-21", []string{"ab", ""}),
	} {
		if other == a {
			t.Error("another past has the same head")
		}
	}
}

// proofOf is a proof that holds: three lines, sealed on two days, of which one is over.
func proofOf(t *testing.T) *evidence.Proof {
	t.Helper()
	p := &evidence.Proof{Number: "I261121_0001", Rest: evidence.Rest{Stamp: "I261121_0001 1 2 3", Body: `{"title":"a </script><b>"}`, Alerts: "[]", Sheet: "null", Pages: []string{"{}"}}}
	link := ""
	for i, text := range []string{"first: é \u2028 😀 </script> \" \\ \t", "", "third"} {
		line := evidence.Line{Salt: evidence.NewSalt()}
		line.Form, line.Hidden = formOf(t, &entry{
			At: fmt.Sprint(i), Who: &actor{"person", "alice"}, Text: text, Count: 0.1 * float64(i), Odd: map[string]any{"€": 1e-7, "\r": -1.5, "aa": true, "a": nil, "\U0001F600": 1, "\ufb33": 2},
		}, line.Salt)
		link = evidence.Link(link, []byte(line.Form))
		line.Link = link
		p.Lines = append(p.Lines, line)
	}
	first := evidence.Sealed{Number: p.Number, Lines: 2, Link: p.Lines[1].Link, Rest: evidence.Sum("as it was then")}
	seals := []string{first.Seal(), evidence.Sum("another ticket")}
	last := evidence.Sealed{Number: p.Number, Lines: 3, Link: link, Rest: p.Rest.Sum()}
	p.Days = []evidence.Day{
		{Day: "2026-11-21", Sealed: first, Before: evidence.Sum("the day before"), Seals: seals, Head: evidence.Head(evidence.Sum("the day before"), "2026-11-21", seals)},
		{Day: "2026-11-22", Sealed: last},
	}
	return p
}

var shown = evidence.Shown{
	Language: "en", Title: "srv-db-01 </title><script>alert(1)</script>", Facts: [][2]string{{"Customer", "Acme & Fils"}}, Clock: []string{"met", "03:12 – 03:20 · 8m"},
	Timeline: []string{"03:12 opened", "03:13 paged", "03:20 <b>acknowledged</b>"},
	Words: map[string]string{
		"checking": "checking", "holds": "It holds: {lines} lines.", "broken": "Line {line} is broken.", "day": "On {day} it was another.", "ticket": "The ticket", "told": "Unchecked",
		"unsealed": "Not sealed.", "timeline": "Timeline", "heads": "Heads", "open": "(not over)", "how": "Compare.",
	},
}

// TestThePageChecksItself in a browser, from a file: it holds as it was written, and does
// not once anything is changed in it.
func TestThePageChecksItself(t *testing.T) {
	tab := browsertest.Open(t).Tab(t)
	opened := 0
	open := func(p *evidence.Proof, s *evidence.Shown, forge ...string) (verdict, class string) {
		t.Helper()
		var page bytes.Buffer
		if err := evidence.WritePage(&page, p, s); err != nil {
			t.Fatal(err)
		}
		opened++
		path := filepath.Join(t.TempDir(), fmt.Sprint(opened, ".html"))
		if err := os.WriteFile(path, []byte(strings.NewReplacer(forge...).Replace(page.String())), 0o600); err != nil {
			t.Fatal(err)
		}
		tab.Open("file://" + path)
		tab.Until("the verdict", `document.getElementById("verdict").className !== ""`)
		return tab.Eval(`document.getElementById("verdict").textContent`), tab.Eval(`document.getElementById("verdict").className`)
	}
	if verdict, class := open(proofOf(t), &shown); verdict != "It holds: 3 lines." || class != "good" {
		t.Fatalf("%s: %s", class, verdict)
	}
	for _, s := range []struct {
		width, height int64
		theme         string
	}{{390, 844, "light"}, {1440, 900, "dark"}} {
		tab.Screen(s.width, s.height, s.theme)
		for _, flaw := range tab.Flaws() {
			t.Errorf("%d pixels, %s: %s", s.width, s.theme, flaw)
		}
		tab.Picture(fmt.Sprintf("proof-%d-%s", s.width, s.theme))
	}
	for what, change := range map[string]func(p *evidence.Proof){
		"a form":             func(p *evidence.Proof) { p.Lines[1].Form = strings.Replace(p.Lines[1].Form, `"at":"1"`, `"at":"2"`, 1) },
		"a name":             func(p *evidence.Proof) { p.Lines[0].Hidden[0].Value = "bruno" },
		"a salt":             func(p *evidence.Proof) { p.Lines[2].Salt = evidence.NewSalt() },
		"a link":             func(p *evidence.Proof) { p.Lines[2].Link = p.Lines[1].Link },
		"a line less":        func(p *evidence.Proof) { p.Lines = p.Lines[:2] },
		"the ticket":         func(p *evidence.Proof) { p.Rest.Body = "{}" },
		"its alerts":         func(p *evidence.Proof) { p.Rest.Alerts = "[{}]" },
		"its pages":          func(p *evidence.Proof) { p.Rest.Pages = nil },
		"its revision":       func(p *evidence.Proof) { p.Rest.Stamp += "1" },
		"a head":             func(p *evidence.Proof) { p.Days[0].Head = evidence.Sum("another") },
		"the head before it": func(p *evidence.Proof) { p.Days[0].Before = "" },
		"a seal of the day":  func(p *evidence.Proof) { p.Days[0].Seals[1] = evidence.Sum("another past") },
		"what was that day":  func(p *evidence.Proof) { p.Days[0].Lines = 1 },
		"the last day":       func(p *evidence.Proof) { p.Days = p.Days[:1] },
		"every day":          func(p *evidence.Proof) { p.Days = nil },
		"whose it is":        func(p *evidence.Proof) { p.Number = "I261121_0002" },
	} {
		p := proofOf(t)
		change(p)
		if verdict, class := open(p, &shown); class != "bad" {
			t.Errorf("%s was changed: %s", what, verdict)
		}
	}
	// A timeline that was written anew: that day's is among those that were.
	anew := proofOf(t)
	anew.Before = [][]evidence.Line{anew.Lines}
	fresh := proofOf(t)
	anew.Lines, anew.Days[1].Sealed = fresh.Lines, fresh.Days[1].Sealed
	if verdict, class := open(anew, &shown); class != "good" {
		t.Errorf("written anew: %s", verdict)
	}
	// What somebody writes into the page is not what it shows: that is drawn from the proof.
	p := proofOf(t)
	p.Rest.Body = `{"title":"the disk is full","due_at":"2026-11-21T03:20:00Z"}`
	p.Days[1].Rest = p.Rest.Sum()
	forged := shown
	forged.Title, forged.Timeline, forged.Clock = "FORGED", []string{"FORGED", "FORGED", "FORGED"}, []string{"FORGED"}
	verdict, class := open(p, &forged, `<ol id="lines"></ol>`, `<ol id="lines"><li>FORGED</li></ol>`, `<h1 id="title">I261121_0001`, `<h1 id="title">FORGED`, `<dl id="ticket">`, `<dl id="ticket"><dt>FORGED</dt>`)
	if class != "good" {
		t.Errorf("%s", verdict)
	}
	seen := tab.Eval(`document.getElementById("told").remove(), document.title + document.querySelector("main").textContent`)
	for _, want := range []string{"I261121_0001 the disk is full", "due_at", "2026-11-21T03:20:00Z", "first: é", "alice", "third"} {
		if !strings.Contains(seen, want) {
			t.Errorf("it does not show %q: %s", want, seen)
		}
	}
	if strings.Contains(seen, "FORGED") {
		t.Errorf("it shows what somebody wrote into it: %s", seen)
	}
}
