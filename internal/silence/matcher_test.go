package silence

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhatAsksForNothing is refused: every alert has an urgency, and each of a customer
// the customer's key and contract.
func TestWhatAsksForNothing(t *testing.T) {
	rules := &escalation.Rules{Location: time.UTC}
	for text, good := range map[string]bool{
		`urgency!=""`: false, `urgency=~".+"`: false, `urgency=~"low|minor|major|critical"`: false, `urgency=~"low|minor"`: true, `urgency="low"`: true,
		`customer!=""`: false, `customer=~".*e"`: true, `customer="acme"`: true, `contract=~".+"`: false, `contract="gold"`: true,
		`instance=~".*"`: false, `instance!="a"`: false, `maintenance=~".+"`: true,
	} {
		s := hours(0, time.Hour)
		s.Matchers = []string{text}
		if _, err := s.check(rules, morning); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
		s.Matchers = append(s.Matchers, `host="a"`)
		if _, err := s.check(rules, morning); err != nil {
			t.Errorf("%s beside another: %v", text, err)
		}
	}
}

// TestWhatCostsTooMuch is refused, of one silence and of all together.
func TestWhatCostsTooMuch(t *testing.T) {
	book, rules := NewBook(storetest.New().Records(), nil), &escalation.Rules{Location: time.UTC}
	s := hours(0, time.Hour)
	var field *FieldError
	for _, text := range []string{`a=~"(x{900}){2}"`, `a=~"(.{500}){3}"`, `a!~"(a|b|c){800}"`} {
		s.Matchers = []string{`host="a"`, text}
		if _, err := book.Make(t.Context(), s, rules, morning); !errors.As(err, &field) {
			t.Errorf("%s: %v", text, err)
		}
	}
	made := 0
	for {
		s.Matchers = []string{`a=~"` + strings.Repeat("x", 20) + `(a|b|c){100}"`}
		if _, err := book.Make(t.Context(), s, rules, morning); errors.Is(err, ErrCostly) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		made++
	}
	if made < 20 || made > mostKept {
		t.Errorf("there is room for %d", made)
	}
	s.Matchers = []string{`a="b"`}
	if _, err := book.Make(t.Context(), s, rules, morning); err != nil {
		t.Errorf("one that costs nothing: %v", err)
	}
}

// TestWhatIsHeavyIsNotCompiled: a matcher of 500 bytes would have millions of parts.
func TestWhatIsHeavyIsNotCompiled(t *testing.T) {
	for _, text := range []string{
		`a=~"` + strings.Repeat("x{0,999}", 50) + `"`, `a!~"(` + strings.Repeat("a.b*", 100) + `c){1000}"`,
		`"a=~b"=~"` + strings.Repeat(`=~{999}`, 50) + `"`, `a=~"` + strings.Repeat("x{9}", 3) + strings.Repeat("(y{30}){33}", 20) + `"`,
		`a=~"((x{10}){10}){10}` + strings.Repeat("z{900,}", 20) + `"`,
	} {
		var m1, m2 runtime.MemStats
		runtime.ReadMemStats(&m1)
		_, err := ParseMatcher(text)
		if runtime.ReadMemStats(&m2); !errors.Is(err, errParts) || m2.TotalAlloc-m1.TotalAlloc > 4<<20 {
			t.Errorf("%.60s: %v, %d bytes", text, err, m2.TotalAlloc-m1.TotalAlloc)
		}
	}
	for text, value := range map[string]string{
		`a=~"x{0,999}"`: "x{0,999}", `a=~"b=~c|d!~e"`: "b=~c|d!~e", `a="` + strings.Repeat("x{999}", 60) + `"`: strings.Repeat("x{999}", 60), `a=~"[\\pL\\d_]+"`: `[\pL\d_]+`,
	} {
		if m, err := ParseMatcher(text); err != nil || m.Value != value {
			t.Errorf("%s: %v %v", text, m, err)
		}
	}
}

// TestAToolHasAPartOfTheCost: the expressions of one source's tool leave room for those
// of others.
func TestAToolHasAPartOfTheCost(t *testing.T) {
	book, rules := NewBook(storetest.New().Records(), nil), &escalation.Rules{Location: time.UTC}
	s := hours(0, time.Hour)
	s.Tool, s.Matchers = true, []string{`a=~"(x*y){150}"`}
	for _, source := range []string{"one", "two", ""} {
		s.Source, s.Tool = source, source != ""
		made, err := 0, error(nil)
		for made < 3*mostCostAll/MostCost && err == nil {
			if _, err = book.Make(t.Context(), s, rules, morning); err == nil {
				made++
			}
		}
		if !errors.Is(err, ErrCostly) || made < 4 {
			t.Errorf("%q made %d: %v", source, made, err)
		}
	}
}

// TestWhatIsComparedComesFirst, whatever the order in which it was written.
func TestWhatIsComparedComesFirst(t *testing.T) {
	matchers, err := parseMatchers([]string{`a=~"x.*"`, `b!~"y"`, `c!="z"`, `d="w"`})
	if err != nil || matchers[0].Name != "d" || matchers[1].Name != "c" || matchers[3].Name != "b" {
		t.Errorf("%v %v", matchers, err)
	}
}

// TestOnlySoManyThatAreOver are kept: beyond them those go that are over longest.
func TestOnlySoManyThatAreOver(t *testing.T) {
	store := storetest.New().Records()
	book := NewBook(store, nil)
	for i := range mostPast + 3 {
		s := hours(0, time.Duration(i+1)*time.Second)
		s.ID = fmt.Sprintf("s%04d", i)
		write, err := book.past.Put(s.ID, 0, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Write(t.Context(), "house", write); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.trim(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	all, err := book.All(t.Context())
	if err != nil || len(all) != mostPast || all[0].ID != "s0003" {
		t.Errorf("%d are kept, %v", len(all), err)
	}
}

// BenchmarkMute holds an alert against as many silences as there may be, with as costly
// regular expressions as there may be.
func BenchmarkMute(b *testing.B) {
	alert := ticket.Alert{Source: "prometheus", Status: ticket.Firing, Labels: map[string]string{
		"alertname": "HostDown", "instance": "srv-db-01.acme.example.net:9100", "customer": "acme", "severity": "critical", "job": "node",
		"text": strings.Repeat("abc ", 20),
	}}
	for name, matchers := range map[string]func(i int) []string{
		"equal": func(i int) []string { return []string{fmt.Sprintf(`instance="srv-%d"`, i)} },
		"equal and regex": func(i int) []string {
			return []string{`text=~".*(x|y|z)+.*[a-f]{8}"`, fmt.Sprintf(`instance="srv-%d"`, i)}
		},
		"regex": func(i int) []string { return []string{fmt.Sprintf(`text=~".*(a|b|c)+.*x%d"`, i)} },
	} {
		var list []Silence
		for i := range mostKept {
			s := hours(0, time.Hour)
			s.ID, s.Matchers = fmt.Sprintf("s%d", i), matchers(i)
			list = append(list, s)
		}
		rules := &escalation.Rules{Silences: Rules(list, morning), Location: time.UTC}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if rules.Mute(&alert, morning).Holds(morning) {
					b.Fatal("it is held back")
				}
			}
		})
	}
}
