package daemon

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// proofs are a person's proofs, as the API shows them: "sms +336… answer".
func (w *town) proofs(person string) (list []string) {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/people/"+person+"/proofs", apiToken, nil)
	var body struct {
		Proofs []struct{ Channel, Address, How string }
	}
	if err := json.Unmarshal(answer, &body); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	for _, p := range body.Proofs {
		list = append(list, p.Channel+" "+p.Address+" "+p.How)
	}
	return list
}

func (w *town) expectProofs(person string, want ...string) {
	w.t.Helper()
	got := w.proofs(person)
	if len(got) != len(want) {
		w.t.Errorf("%s: %q, not %q", person, got, want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			w.t.Errorf("%s: %q, not %q", person, got, want)
		}
	}
}

// TestWhatProves: a receipt, a text, a button behind a link.
func TestWhatProves(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.expectProofs("alice")
		w.alert("firing", "srv-db-01")
		w.at(30 * time.Second)
		w.expectProofs("alice", "sms +33612345601 receipt")
		w.alice.ExpectSMS(t, "HostDown").Reply(t, "11 OK")
		w.at(40 * time.Second)
		w.expectProofs("alice", "sms +33612345601 answer")
		w.expectProofs("bruno")
	})
}
