package ticket_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Texts in older records are read, and written, as they always were.
func TestMeansAreStoredAsTheyWere(t *testing.T) {
	stored := `{"episode":1,"began":"2026-11-21T03:12:00Z","steps":[{"round":1,"reached":["alice/push","alice/sms"]}],` +
		`"everybody":{"round":2,"reached":["carol/sms"]},"failed":["0/alice/push","-1/carol/sms"],` +
		`"side":{"reached":["bruno/sms"],"failed":["bruno/sms"]}}`
	var p ticket.Progress
	if err := json.Unmarshal([]byte(stored), &p); err != nil {
		t.Fatal(err)
	}
	if got := p.Steps[0].Reached; !reflect.DeepEqual(got, []ticket.Means{{Person: "alice", Channel: "push"}, {Person: "alice", Channel: "sms"}}) {
		t.Errorf("reached %v", got)
	}
	if key := (ticket.PageKey{Step: ticket.ForEverybody.Key(), Person: "carol", Channel: "sms"}); p.Failed[1] != key.StepMeans() || p.Everybody.Reached[0] != key.Means() {
		t.Errorf("failed %v, everybody %v", p.Failed, p.Everybody.Reached)
	}
	again, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var was, is map[string]any
	if err := json.Unmarshal([]byte(stored), &was); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &is); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"steps", "everybody", "failed", "side"} {
		if !reflect.DeepEqual(was[name], is[name]) {
			t.Errorf("%s: stored as %v, was %v", name, is[name], was[name])
		}
	}
}

func TestMeansThatAreNone(t *testing.T) {
	for _, text := range []string{`"alice"`, `""`, `7`} {
		if err := json.Unmarshal([]byte(text), new(ticket.Means)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
	for _, text := range []string{`"alice/sms"`, `"0/alice"`, `"0"`, `""`} {
		if err := json.Unmarshal([]byte(text), new(ticket.StepMeans)); err == nil {
			t.Errorf("%s is read for a step", text)
		}
	}
}
