package ticket_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestArgumentsAreMarked wants a mark on every argument that may name a person
// or hold what somebody else wrote. It knows the arguments that cannot.
func TestArgumentsAreMarked(t *testing.T) {
	ours := []string{"Channel", "Channels", "Group", "Why", "Ticket", "Source", "Sources", "Bound", "Receiver", "Event", "Silence", "State", "Reason", "By", "Tier", "WasTier", "Link", "Of"} // configured, or our own words
	for _, of := range []reflect.Type{reflect.TypeFor[ticket.Args](), reflect.TypeFor[ticket.Said](), reflect.TypeFor[ticket.Called](), reflect.TypeFor[ticket.Finding]()} {
		for i := range of.NumField() {
			f := of.Field(i)
			kind := f.Type
			if kind.Kind() == reflect.Slice {
				kind = kind.Elem()
			}
			named := kind.Kind() == reflect.String || kind == reflect.TypeFor[ticket.Called]()
			switch mark := f.Tag.Get("holds"); {
			case f.Name == "Detail":
			case named && mark == "" && !slices.Contains(ours, f.Name):
				t.Errorf("%s.%s has no mark: personal, free, or in the list of this test", of, f.Name)
			case mark != "" && mark != "personal" && mark != "free":
				t.Errorf("%s.%s is marked %q", of, f.Name, mark)
			}
		}
	}
}

// TestLinesAreKept: a line that is written is read again, and so is a line of
// an older version.
func TestLinesAreKept(t *testing.T) {
	at := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	line := ticket.Entry{
		At: at, Kind: ticket.EntryPage, Actor: &ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}, Via: "rule", Page: "I1/1/0/0/alice/sms",
		Said: ticket.Said{Detail: ticket.SaidRefused, Text: "x", Args: ticket.Args{
			Step: ticket.LastResort, Round: 2, Called: []ticket.Called{{Person: "alice", Channels: []string{"sms"}}}, Person: "alice", Channel: "sms",
			Urgency: ticket.Critical, Was: ticket.Major, Error: "e", Why: ticket.WhyOld, Wait: ticket.Span(90 * time.Second), Again: true, Instant: at,
		}},
	}
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	var read ticket.Entry
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(read, line) {
		t.Errorf("%v\n%+v\n%s", err, read, text)
	}
	bare, err := json.Marshal(ticket.Entry{At: at, Kind: ticket.EntryClosed})
	if err != nil || string(bare) != `{"at":"2026-11-21T03:12:00Z","kind":"closed"}` {
		t.Errorf("%s, %v", bare, err)
	}
	var old ticket.Entry
	if err := json.Unmarshal([]byte(`{"at":"2026-11-21T03:12:00Z","kind":"paged","via":"rule","text":"step 1, round 1: alice by sms"}`), &old); err != nil || old.Text != "step 1, round 1: alice by sms" || old.Detail != "" {
		t.Errorf("%+v, %v", old, err)
	}
}
