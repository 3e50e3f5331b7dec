package ticket_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Keys are stored as they always were, in a page's record and in its key. So
// an older page is claimed, sent and gets its receipt, and none is ordered
// again.
func TestKeysAreStoredAsTheyWere(t *testing.T) {
	for text, want := range map[string]struct {
		step  ticket.KeyStep
		round ticket.KeyRound
		side  ticket.PageKind
	}{
		"0/0":        {ticket.PolicyStep(0), ticket.Round(0), ""},
		"3/17":       {ticket.PolicyStep(3), ticket.Round(17), ""},
		"-1/2":       {ticket.ForEverybody.Key(), ticket.Round(2), ""},
		"-2/5":       {ticket.ForJoined.Key(), ticket.Round(5), ticket.KindJoined},
		"-3/0":       {ticket.ForTaken.Key(), ticket.Round(0), ticket.KindTaken},
		"-4/1":       {ticket.ForRecovered.Key(), ticket.Round(1), ticket.KindRecovered},
		"0/1000000":  {ticket.PolicyStep(0), ticket.KeyRound{Again: true}, ""},
		"-2/1000003": {ticket.ForJoined.Key(), ticket.KeyRound{N: 3, Again: true}, ticket.KindJoined},
		"-5/0":       {ticket.ForClock.Key(), ticket.Round(0), ticket.KindClock},
		"-7/1":       {ticket.ForReminder(ticket.ClockRespond).Key(), ticket.Round(1), ticket.KindReminder},
		"-10/0":      {ticket.ForReminder(ticket.ClockNews).Key(), ticket.Round(0), ticket.KindReminder},
		"-11/0":      {ticket.KeyStep{N: -11}, ticket.Round(0), ""}, // it was never written
	} {
		key, err := ticket.ParsePageKey("I261121_0001/2/" + text + "/alice/sms")
		if err != nil || key.Step != want.step || key.Round != want.round || key.Step.Kind.Side() != want.side {
			t.Errorf("%s is read as %+v, %v", text, key, err)
		}
		if got := key.String(); got != "I261121_0001/2/"+text+"/alice/sms" {
			t.Errorf("%s is written as %s", text, got)
		}
		stored := fmt.Sprintf(`{"ticket":"I261121_0001","episode":2,"step":%d,"round":%d,"person":"alice","channel":"sms"}`, key.Step.Number(), key.Round.Number())
		var again ticket.PageKey
		if err := json.Unmarshal([]byte(stored), &again); err != nil || again != key {
			t.Errorf("%s is read as %+v, %v", stored, again, err)
		}
		if is, err := json.Marshal(key); err != nil || string(is) != stored {
			t.Errorf("%s is written as %s, %v", stored, is, err)
		}
		if page := ticket.DamagedPage(key, "prometheus", ticket.Low, time.Time{}); page.Kind != or(want.side, ticket.KindPage) {
			t.Errorf("%s: a page that cannot be read is of the kind %s", text, page.Kind)
		}
	}
}

// Only a step of the policy counts as one. No round comes before a page that
// is tried again.
func TestStepsAndRoundsOfKeys(t *testing.T) {
	for _, step := range []ticket.KeyStep{ticket.ForEverybody.Key(), ticket.ForRecovered.Key(), ticket.PolicyStep(2), {N: -11}} {
		if n, ok := step.In(2); ok {
			t.Errorf("%+v is step %d of two", step, n)
		}
	}
	if n, ok := ticket.PolicyStep(1).In(2); !ok || n != 1 {
		t.Errorf("step %d, %v", n, ok)
	}
	if again := (ticket.KeyRound{Again: true}); again.Before(5) || !ticket.Round(4).Before(5) || ticket.Round(5).Before(5) {
		t.Error("rounds come in another order")
	}
}

func or(kind, other ticket.PageKind) ticket.PageKind {
	if kind == "" {
		return other
	}
	return kind
}
