package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

var place = regexp.MustCompile(`\{\w+\}`)

// texts lists every text of a language by its place.
func texts(at string, v reflect.Value, into map[string]string) {
	switch v.Kind() {
	case reflect.String:
		into[at] = v.String()
	case reflect.Struct:
		for i := range v.NumField() {
			texts(at+"."+v.Type().Field(i).Name, v.Field(i), into)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			texts(at+"."+key.String(), v.MapIndex(key), into)
		}
	case reflect.Array:
		for i := range v.Len() {
			texts(at+"."+ticket.Urgency(i).String(), v.Index(i), into)
		}
	default:
	}
}

// TestLanguagesAgree: no language lacks a text, has one that English lacks, or
// forgets an argument.
func TestLanguagesAgree(t *testing.T) {
	reference := map[string]string{}
	texts("", reflect.ValueOf(english), reference)
	if len(reference) < 250 {
		t.Fatalf("%d texts were found", len(reference))
	}
	places := func(text string) []string {
		found := place.FindAllString(text, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	for _, w := range All() {
		said := map[string]string{}
		texts("", reflect.ValueOf(*w), said)
		for at, text := range reference {
			switch other, known := said[at]; {
			case !known || strings.TrimSpace(other) == "":
				t.Errorf("%s lacks %s", w.Tag, at)
			case !slices.Equal(places(other), places(text)):
				t.Errorf("%s: %s is filled with %v, in English with %v", w.Tag, at, places(other), places(text))
			}
		}
		for at := range said {
			if _, known := reference[at]; !known {
				t.Errorf("%s has %s, English has not", w.Tag, at)
			}
		}
		if w.Tag != w.Page.Lang {
			t.Errorf("%s: its pages say %s", w.Tag, w.Page.Lang)
		}
	}
}

// constants lists the constants of a type that package ticket declares.
func constants(t *testing.T, of string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../ticket/entry.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == of {
			values = append(values, strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
		}
		return true
	})
	if len(values) < 6 {
		t.Fatalf("%d constants of %s were found", len(values), of)
	}
	return values
}

// TestEverythingIsSaid: whatever can happen has words, and all of its arguments
// are known.
func TestEverythingIsSaid(t *testing.T) {
	for _, kind := range constants(t, "EntryKind") {
		if english.Timeline.Kinds[ticket.EntryKind(kind)] == "" {
			t.Errorf("no words for the kind %s", kind)
		}
	}
	for _, why := range constants(t, "Why") {
		if english.Timeline.Whys[ticket.Why(why)] == "" {
			t.Errorf("no words for the reason %s", why)
		}
	}
	details := constants(t, "Detail")
	if len(details) != len(english.Timeline.Details) {
		t.Errorf("%d details, %d have words", len(details), len(english.Timeline.Details))
	}
	for _, w := range All() {
		for _, detail := range details {
			e := &ticket.Entry{Kind: ticket.EntryPage, Said: ticket.Said{Detail: ticket.Detail(detail), Text: "x", Args: ticket.Args{
				Person: "alice", Channel: "sms", Again: true, Devices: 1, Silent: 1, Error: "e",
			}}}
			if said := w.Told(e, Reader{}); strings.ContainsAny(said, "{}") || !strings.HasPrefix(said, "sms → alice") {
				t.Errorf("%s: %s is %q", w.Tag, detail, said)
			}
		}
	}
}

func TestIn(t *testing.T) {
	for tag, want := range map[string]string{"fr": "fr", "FR-ch": "fr", "it_IT.UTF-8": "it", "en": "en", "de": "en", "": "en", "frr": "en"} {
		if got := In(tag).Tag; got != want {
			t.Errorf("%q: %s, want %s", tag, got, want)
		}
	}
	for header, want := range map[string]string{
		"fr-FR,fr;q=0.9,en;q=0.8": "fr", "de, it;q=0.5": "it", "": "en", "*": "en", "fr;q=0, it": "it", "de": "en", "en, fr": "en", ",;,": "en",
	} {
		if got := Accepted(header).Tag; got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestFill(t *testing.T) {
	for _, c := range []struct {
		text  string
		pairs []string
		want  string
	}{
		{"{code} TAKEN {at}", []string{"code", "12", "at", "03:12"}, "12 TAKEN 03:12"},
		{"{code} and {code}", []string{"code", "{at}", "at", "x"}, "{at} and {at}"},
		{"{who", []string{"who", "x"}, "{who"},
		{"}{who}{", []string{"who", "x"}, "}x{"},
		{"{other}", []string{"who", "x"}, "{other}"},
		{"", nil, ""},
	} {
		if got := Fill(c.text, c.pairs...); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}
