package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

func quietAfter(text []byte) []byte {
	return replaced("prometheus: {type: alertmanager, token_file: secrets/prometheus.token}", "prometheus: {type: alertmanager, silent_after: 30m, token_file: secrets/prometheus.token}")(text)
}

// says has Prometheus repeat that nothing fires.
func (w *town) says() {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, publicURL+"/ingest/prometheus/api/v2/alerts", strings.NewReader("[]"))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+postToken)
	answer, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		w.t.Fatalf("it is answered %d", answer.StatusCode)
	}
}

// silence is the ticket about the silent source; none while there is none.
func (w *town) silence() (t ticket.Ticket, is bool) {
	w.t.Helper()
	list, _, err := w.store.Tickets(w.t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, t := range list {
		if strings.Contains(t.Title, "prometheus") {
			return t, true
		}
	}
	return t, false
}

// TestASilentSource: an alert says that a source that repeats was not heard of,
// once its time is up, and ends when it is heard of again. Other sources, and
// time in which nobody could hear, do not count.
func TestASilentSource(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for range 6 { // it repeats; it is heard of for an hour
			time.Sleep(10 * time.Minute)
			w.says()
		}
		time.Sleep(29 * time.Minute)
		if is, bad := w.silence(); bad {
			t.Fatalf("told too early: %+v", is)
		}
		time.Sleep(2 * time.Minute)
		is, told := w.silence()
		if !told || is.State != ticket.Open || is.Title != "source prometheus : plus entendue depuis 30m" || is.Urgency != ticket.Major || is.Source != "prometheus" {
			t.Fatalf("%v %+v", told, is)
		}
		time.Sleep(2 * time.Hour)
		w.says()
		time.Sleep(10 * time.Second)
		if is, _ := w.silence(); is.State != ticket.StateResolved {
			t.Errorf("heard of again, and it is %s", is.State)
		}
		time.Sleep(31 * time.Minute)
		again, _ := w.silence()
		if again.State != ticket.Open {
			t.Errorf("silent again, and %s is %s", again.Number, again.State)
		}
	}, nobodyAsked, quietAfter)
}

// TestADaemonThatWasDownAsksForAWholeInterval: what it could not hear is no
// silence.
func TestADaemonThatWasDownAsksForAWholeInterval(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.says()
		time.Sleep(10 * time.Second)
		ctx := t.Context()
		if err := w.daemon.Load().Stop(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		stop := w.run(exampleConfig(t, w.world, nobodyAsked, quietAfter))
		defer stop()
		time.Sleep(29 * time.Minute)
		if is, bad := w.silence(); bad {
			t.Fatalf("told of the time in which it was down: %+v", is)
		}
		time.Sleep(2 * time.Minute)
		if _, told := w.silence(); !told {
			t.Error("not told")
		}
	}, nobodyAsked, quietAfter)
}
