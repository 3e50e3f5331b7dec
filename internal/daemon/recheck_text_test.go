package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

const askedHost = "prometheus.example.net"

// askedDoor leads to a Prometheus that takes ten seconds for an answer. Its one rule holds.
type askedDoor struct{ town *town }

// RoundTrip takes what is for the Prometheus. The providers get the rest.
func (d *askedDoor) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != askedHost {
		return d.town.world.RoundTripper().RoundTrip(req)
	}
	time.Sleep(9 * time.Second) // of the bubble
	data := map[string]any{"resultType": "vector", "result": []any{map[string]any{"metric": map[string]string{"instance": "srv-db-01"}, "value": []any{0, "0"}}}}
	if req.URL.Path == "/api/v1/rules" {
		data = map[string]any{"groups": []any{map[string]any{"rules": []any{map[string]any{"name": "HostDown", "query": "up == 0", "type": "alerting"}}}}}
	}
	w := httptest.NewRecorder()
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
	r := w.Result()
	r.Request = req
	return r, nil
}

// TestATextAsksToCheckAgain: "11 T" has no reply of its own. The answer is one SMS to the
// phone that asked, and one line of the ticket, which stays as it is.
func TestATextAsksToCheckAgain(t *testing.T) {
	section := "prometheus: {type: alertmanager, recheck: {prometheus: {url: \"https://" + askedHost + "\"}},"
	inTownWith(t, "", func(w *town) { w.others = &askedDoor{w} }, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.alice.ExpectSMS(t, "HostDown")
		w.at(10 * time.Second)
		said := func() (texts []string) {
			for _, m := range w.alice.Messages() {
				if m.Kind == phonetest.SMS && m.Link() == "" {
					texts = append(texts, m.Body)
				}
			}
			return texts
		}
		if reply := w.alice.Text(t, "11 T"); reply != "" || len(said()) > 0 {
			t.Errorf("it was answered at once: %q %q", reply, said())
		}
		w.at(70 * time.Second)
		texts := said()
		if len(texts) != 1 || !strings.HasPrefix(texts[0], "11: toujours en panne depuis") {
			t.Errorf("the phone was told %q", texts)
		}
		if lines := linesOf(w.ticket(number), "recheck"); len(lines) != 1 || !strings.Contains(lines[0], "toujours en panne") && !strings.Contains(lines[0], "still down") {
			t.Errorf("the timeline says %q", lines)
		}
		w.expectState(number, "open")
		w.at(10 * time.Minute)
		if again := said(); len(again) != 1 {
			t.Errorf("the phone was told %q", again)
		}
	}, replaced("prometheus: {type: alertmanager,", section))
}

// TestAnswersToChecksAreMeasured: the answer to "11 T" is one of the replies that a phone
// gets in ten minutes.
func TestAnswersToChecksAreMeasured(t *testing.T) {
	section := "prometheus: {type: alertmanager, recheck: {prometheus: {url: \"https://" + askedHost + "\"}},"
	inTownWith(t, "", func(w *town) { w.others = &askedDoor{w} }, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.alice.ExpectSMS(t, "HostDown")
		w.at(10 * time.Second)
		told := func() (texts []string) {
			for _, m := range w.alice.Messages() {
				if m.Kind == phonetest.SMS && m.Link() == "" {
					texts = append(texts, m.Body)
				}
			}
			return texts
		}
		w.hears(alicesPhone, "SM-T1", "11 T")
		w.at(time.Minute)
		if texts := told(); len(texts) != 1 {
			t.Fatalf("the phone was told %q", texts)
		}
		for i := range ticket.MaxReplies - 1 { // one less: the answer counts
			if reply := w.hears(alicesPhone, fmt.Sprint("SM", i), "?"); !strings.Contains(reply, "srv-db-01") {
				t.Errorf("reply %d: %q", i, reply)
			}
		}
		w.hears(alicesPhone, "SM-T2", "11 T")
		w.at(2 * time.Minute)
		if texts := told(); len(texts) != 2 || !strings.Contains(texts[1], "Trop de textes") {
			t.Errorf("the phone was told %q", texts)
		}
		w.hears(alicesPhone, "SM-T3", "11 T")
		w.at(4 * time.Minute)
		if texts := told(); len(texts) != 2 {
			t.Errorf("the phone was told %q", texts)
		}
	}, replaced("prometheus: {type: alertmanager,", section))
}
