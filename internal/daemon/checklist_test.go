package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAPointIsDue: whoever has a breach of personal data cannot end it before what is
// required is done, by SMS either, and hears of it in time, in the night too. Nobody else does.
func TestAPointIsDue(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTown(t, func(t *testing.T, w *town) {
		code, answer := w.call(http.MethodPost, "/api/v1/tickets", apiToken, map[string]string{
			"title": "A laptop is stolen", "customer": "acme", "urgency": "critical", "category": "data_breach",
		})
		if code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		_, rest, _ := strings.Cut(string(answer), `"number":"`)
		number, _, _ := strings.Cut(rest, `"`)
		w.at(2 * time.Second)
		sms := w.alice.ExpectSMS(t, "A laptop is stolen")
		sms.Reply(t, "11 GO")
		w.expectState(number, "in_progress")
		if reply := sms.Reply(t, "11 FIN"); !strings.HasPrefix(reply, "11: NON resolu. A faire avant: Prévenir le client") {
			t.Errorf("reply %q", reply)
		}
		w.expectState(number, "in_progress")
		w.at(19*time.Hour + 12*time.Minute - time.Second)
		w.expectCount(w.alice, 1)
		w.at(19*time.Hour + 12*time.Minute + 10*time.Second) // a fifth of 24 hours is left
		w.expectCount(w.alice, 2)
		w.expectCount(w.dominique, 0)
		w.alice.ExpectSMS(t, "ECHEANCE", "03:12", "Prévenir le client")
		for _, point := range []string{"2", "3", "4"} {
			if code, answer := w.call(http.MethodPatch, "/api/v1/tickets/"+number+"/checklist", apiToken, map[string]any{"point": point, "done": true}); code != http.StatusOK {
				t.Fatalf("%d %s", code, answer)
			}
		}
		w.at(25 * time.Hour)
		w.expectCount(w.alice, 2)
		sms.Reply(t, "11 FIN")
		w.expectState(number, "resolved")
	})
}
