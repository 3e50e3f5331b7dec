package daemon

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

const groupPhone = "+33612345650"

// handedOn gives the group on-call a telephone.
func handedOn(text []byte) []byte {
	return replaced("    rotations:", "    phones: [\""+groupPhone+"\"]\n    rotations:")(text)
}

// timelineOf is a ticket with the lines of its timeline, as the API tells it.
func (w *town) timelineOf(number string) string {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/tickets/"+number, apiToken, nil)
	if code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	return string(answer)
}

// TestAGroupsTelephone: it is paged beside the people on duty, and what it answers is the
// answer of whoever is on duty then; the line names both.
func TestAGroupsTelephone(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		phone := w.world.Phone("telephone", groupPhone)
		w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.expectCount(w.alice, 1)
		w.expectCount(phone, 1)
		if reply := phone.Text(t, "OK"); !strings.Contains(reply, "PRIS") {
			t.Errorf("%q", reply)
		}
		w.at(20 * time.Minute)
		w.expectCount(w.alice, 1)
		w.expectCount(phone, 1)
		w.expectCount(w.dominique, 0)
		told := w.timelineOf("I261121_0001")
		var view struct {
			AcknowledgedBy string `json:"acknowledged_by"`
		}
		if err := json.Unmarshal([]byte(told), &view); err != nil || view.AcknowledgedBy != "alice" {
			t.Errorf("taken by %q: %v", view.AcknowledgedBy, err)
		}
		if !strings.Contains(told, `"phone":"`+groupPhone+`"`) {
			t.Errorf("the timeline does not name the telephone: %s", told)
		}
	}, handedOn, nobodyAsked)
}

// TestAGroupsTelephoneFollowsDuty: it goes on being paged for who comes on duty, it
// changes nobody's duty, and it acts in its own name if nobody is on duty any more.
func TestAGroupsTelephoneFollowsDuty(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		phone := w.world.Phone("telephone", groupPhone)
		w.replacement(map[string]any{"group": "on-call", "person": "bruno", "instead_of": "alice", "to": time.Now().Add(8 * time.Hour)})
		for _, text := range []string{"GARDE 8h", "GARDE 0"} {
			if reply := phone.Text(t, text); reply == "" || strings.Contains(reply, "ASTREINTE JUSQU") {
				t.Errorf("%s: %q", text, reply)
			}
		}
		if code, answer := w.call(http.MethodGet, "/api/v1/replacements", apiToken, nil); code != http.StatusOK || strings.Count(string(answer), `"id"`) != 1 {
			t.Errorf("a text from a telephone that is handed on changed duty: %d %s", code, answer)
		}
		if reply := phone.Text(t, "GARDE"); !strings.Contains(reply, "Bruno") {
			t.Errorf("%q", reply)
		}
		w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.expectCount(w.alice, 0)
		w.expectCount(w.bruno, 1)
		w.expectCount(phone, 1)
		link := phone.ExpectSMS(t, "srv-db-01").Link()
		w.reload(handedOn, nobodyAsked, replaced(`first: "2026-11-19"`, `first: "2036-11-20"`)) // nobody is on duty now but by the replacement, which is of alice's place
		if got := onDuty(w.daemon.Load()); got != "" {
			t.Fatalf("%s is on duty", got)
		}
		if link == "" {
			t.Fatal("no link")
		}
		phone.Text(t, "OK")
		w.at(2 * time.Minute)
		if told := w.timelineOf("I261121_0001"); !strings.Contains(told, `"acknowledged_by":"`+groupPhone+`"`) {
			t.Errorf("%s", told)
		}
	}, handedOn, nobodyAsked)
}

// TestATestPageToAGroupsTelephone goes to it, and what arrives is its proof.
func TestATestPageToAGroupsTelephone(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		phone := w.world.Phone("telephone", groupPhone)
		code, answer := w.call(http.MethodPost, "/api/v1/people/"+groupPhone+"/test", apiToken, nil)
		if code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(time.Minute)
		if w.pagesTo(phone) != 1 {
			t.Errorf("%v", phone.Messages())
		}
		code, answer = w.call(http.MethodGet, "/api/v1/people/"+groupPhone+"/proofs", apiToken, nil)
		if code != http.StatusOK || !strings.Contains(string(answer), `"how":"receipt"`) {
			t.Errorf("%d %s", code, answer)
		}
	}, handedOn, nobodyAsked)
}
