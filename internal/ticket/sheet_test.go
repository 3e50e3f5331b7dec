package ticket

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestASheetIsFlat: the API's names, none for what is not said, and all of it comes
// back.
func TestASheetIsFlat(t *testing.T) {
	s := &Sheet{}
	tk := Ticket{Title: "No mail"}
	for _, f := range Fields() {
		word := "words"
		if f.Words != nil {
			word = f.Words[0]
		}
		s.Apply(&Edit{Field: f.Name, Text: word})
	}
	for _, name := range Parties() {
		s.Apply(&Edit{Field: name, Party: &Party{Name: "Marc Doe", Phone: "+33240112233"}})
	}
	s.Apply(&Edit{Field: FieldReportedAt, Text: "2026-11-21T03:12:00+01:00"})
	s.Apply(&Edit{Field: CustomField + "rack", Text: "A3"})
	s.Edit(&tk, []Edit{{Field: FieldRequester, Party: &Party{ID: "c-17"}}}, Actor{Kind: ActorPerson, Name: "alice"}, time.Unix(1, 0))
	value, err := s.Value()
	if err != nil {
		t.Fatal(err)
	}
	var flat map[string]any
	if err := json.Unmarshal(value, &flat); err != nil {
		t.Fatal(err)
	}
	for _, name := range FieldNames() {
		_, own := tk.Qualifying(name)
		if _, there := flat[name]; there == own {
			t.Errorf("%s: %v", name, there)
		}
	}
	if flat["requester"] != "c-17" || flat["reported_at"] != "2026-11-21T02:12:00Z" || flat["custom"].(map[string]any)["rack"] != "A3" {
		t.Errorf("%s", value)
	}
	back, err := ReadSheet(value)
	if err != nil || !reflect.DeepEqual(back, s) || !reflect.DeepEqual(s.Clone(), s) {
		t.Errorf("%+v, %v", back, err)
	}
	if empty, err := (&Sheet{}).Value(); err != nil || string(empty) != "{}" {
		t.Errorf("%s, %v", empty, err)
	}
	var none *Sheet
	if !reflect.DeepEqual(none.Clone(), &Sheet{}) {
		t.Error("a copy of none")
	}
}

// TestCheck: what cannot be kept names its field and what it may be.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		edit   Edit
		want   string // in the error; empty: none
		values int
	}{
		{Edit{Field: "impact", Text: "many"}, `it cannot be "many"`, 3},
		{Edit{Field: "impact", Text: " several "}, "", 0},
		{Edit{Field: "impact"}, "", 0},
		{Edit{Field: "workaround", Text: "maybe"}, "it cannot be", 2},
		{Edit{Field: FieldUrgency, Text: "urgent"}, "it cannot be", 4},
		{Edit{Field: FieldUrgency}, "it is needed", 4},
		{Edit{Field: FieldKind, Text: "bug"}, "it cannot be", 2},
		{Edit{Field: FieldTitle, Text: " \n "}, "it is needed", 0},
		{Edit{Field: FieldTitle, Text: strings.Repeat("x", MaxTitle+1)}, "500 bytes at most, not 501", 0},
		{Edit{Field: "description", Text: strings.Repeat("é", MaxDescription/2+1)}, "8192 bytes at most", 0},
		{Edit{Field: CustomField + "rack", Text: strings.Repeat("x", MaxCustom+1)}, "2048 bytes at most", 0},
		{Edit{Field: FieldReportedAt, Text: "yesterday"}, "is no time", 0},
		{Edit{Field: FieldReportedAt, Text: "2026-11-21T03:12:00+01:00"}, "", 0},
		{Edit{Field: "colour", Text: "red"}, "there is no such field", len(FieldNames()) + 1},
		{Edit{Field: FieldContact, Text: "c-17"}, "", 0},
		{Edit{Field: FieldContact, Party: &Party{Email: strings.Repeat("x", MaxWord+1)}}, "contact.email: 200 bytes", 0},
		{Edit{Field: "impact", Party: &Party{}}, "a text is wanted", 0},
	} {
		err := c.edit.Check()
		var field *FieldError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.edit, err)
		case c.want != "" && (!errors.As(err, &field) || !strings.Contains(err.Error(), c.want) || len(field.Values) != c.values):
			t.Errorf("%+v: %v (%d values), want %q", c.edit, err, len(field.Values), c.want)
		}
	}
	e := Edit{Field: FieldContact, Text: " c-17 "}
	if err := e.Check(); err != nil || e.Party == nil || e.Party.ID != "c-17" || e.Text != "" {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestTyped: HTML and formulas stay what they are, control characters go.
func TestTyped(t *testing.T) {
	for _, c := range []struct {
		text string
		long bool
		want string
	}{
		{"<b>=1+1</b>", false, "<b>=1+1</b>"},
		{" a\n\tb  c\x00d\x1b[31m ", false, "a b c d [31m"},
		{" a\r\nb\x00\n\tc ", true, "a\nb \n\tc"},
		{"a\xffb", false, "a\uFFFDb"},
	} {
		if got := Typed(c.text, c.long); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add([]byte(`{"contact": "c-1", "requester": {"name": "x"}, "custom": {"a": "b"}, "qualified": {"version": 3}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, value []byte) {
		s, err := ReadSheet(value)
		if err != nil {
			return
		}
		if !reflect.DeepEqual(s.Clone(), s.Clone().Clone()) {
			t.Errorf("%+v", s)
		}
		Tag(&Ticket{}, s)
		Overwritten(&Ticket{}, s, "0-")
	})
}
