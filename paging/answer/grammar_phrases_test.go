package answer

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/paging/words"
)

// phrasesByName lists a language's phrases by the names of their fields.
func phrasesByName(p any) map[string]string {
	all := map[string]string{}
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String {
			all[v.Type().Field(i).Name] = f.String()
		}
	}
	return all
}

func TestPhrasesInGSM7(t *testing.T) {
	placeholder := regexp.MustCompile(`{[a-z]+}`)
	for _, w := range lang.All() {
		for u, word := range w.Urgency {
			if words.Transliterate(word) != word {
				t.Errorf("%s: urgency %d is %q", w.Tag, u, word)
			}
		}
		phrases := phrasesByName(&w.Phone)
		for name, phrase := range phrasesByName(&w.Duty.Phone) {
			phrases["Duty"+name] = phrase
		}
		for name, phrase := range phrases {
			bare := placeholder.ReplaceAllString(phrase, "")
			if n, ok := words.Septets(bare); !ok || (n != len(bare) && !strings.HasPrefix(name, "Test")) {
				t.Errorf("%s: %s is more than plain ASCII in the basic set: %q", w.Tag, name, bare)
			}
			for _, word := range strings.FieldsFunc(strings.ToUpper(phrase), func(r rune) bool { return !unicode.IsLetter(r) }) {
				if slices.Contains([]string{"STOP", "STOPALL", "END", "CANCEL", "QUIT", "UNSUBSCRIBE", "ARRET", "REVOKE", "OPTOUT"}, word) {
					t.Errorf("%s: %s says %s, which carriers take for opt-out", w.Tag, name, word)
				}
			}
		}
	}
}

// TestPhrasesAnswers sends back what the phrases tell people to send.
func TestPhrasesAnswers(t *testing.T) {
	for _, c := range []struct {
		lang string
		said map[string]Verb
	}{
		{"fr", map[string]Verb{"OK": VerbAcknowledge, "GO": VerbPickUp, "T": VerbRecheck, "E": VerbEscalate, "FIN": VerbResolve, "UNDO": VerbUndo}},
		{"en", map[string]Verb{"OK": VerbAcknowledge, "GO": VerbPickUp, "T": VerbRecheck, "E": VerbEscalate, "DONE": VerbResolve, "UNDO": VerbUndo}},
		{"it", map[string]Verb{"OK": VerbAcknowledge, "GO": VerbPickUp, "T": VerbRecheck, "E": VerbEscalate, "FINE": VerbResolve, "UNDO": VerbUndo}},
	} {
		p := phrasesByName(&lang.In(c.lang).Phone)
		var told []string
		for _, phrase := range p {
			for _, m := range regexp.MustCompile(`{code} ([A-Z]+)\b`).FindAllStringSubmatch(phrase, -1) {
				if m[1] != "E" && c.said[m[1]] == VerbNothing && !slices.Contains([]string{"PRIS", "TAKEN", "PRESO", "TERMINE", "EN", "STARTED", "IN", "FINITO", "PASSE", "PASSED", "PASSATO", "NON"}, m[1]) {
					t.Errorf("%s: %q tells to send %s", c.lang, phrase, m[1])
				}
				told = append(told, m[1])
			}
		}
		for w, v := range c.said {
			if a := ParseAnswer("12 " + w); a.Verb != v || a.Code != 12 {
				t.Errorf("%s: %s is read as %+v", c.lang, w, a)
			}
			if !slices.Contains(told, w) {
				t.Errorf("%s: nothing tells of %s", c.lang, w)
			}
		}
	}
	for _, tag := range []string{"fr", "en", "it"} {
		word := regexp.MustCompile(`[A-Z]+$`).FindString(lang.In(tag).Phone.Choose)
		if a := ParseAnswer(word); a.Verb != VerbAcknowledgeAll {
			t.Errorf("%s: %s is read as %+v", tag, word, a)
		}
	}
}

// TestPhrasesOfDuty sends back what the phrases tell people to send about duty.
func TestPhrasesOfDuty(t *testing.T) {
	for _, w := range lang.All() {
		told := map[DutyAsk]bool{}
		for _, phrase := range phrasesByName(&w.Duty.Phone) {
			for _, order := range regexp.MustCompile(`\b(GARDE|DUTY|TURNO)( (\{n\} )?\d+h?)?\b`).FindAllString(phrase, -1) {
				a := ParseAnswer(strings.ReplaceAll(order, "{n}", "2"))
				if a.Verb != VerbDuty || a.Duty.Wrong {
					t.Errorf("%s: %q tells to send %q, which is read as %+v", w.Tag, phrase, order, a)
				}
				told[a.Duty] = true
			}
		}
		for _, ask := range []DutyAsk{{}, {Hours: 8}, {Back: true}, {Group: 2, Hours: 8}} {
			if !told[ask] {
				t.Errorf("%s: nothing tells of %+v", w.Tag, ask)
			}
		}
		word := map[string]string{"fr": "GARDE", "en": "DUTY", "it": "TURNO"}[w.Tag]
		if !strings.Contains(w.Phone.Help, word) {
			t.Errorf("%s: help does not tell of %s", w.Tag, word)
		}
	}
}
