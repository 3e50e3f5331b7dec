package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

type testShown struct {
	ID, Person string
	Pages      []struct {
		Channel, Address, Provider, State, Error string
		ProviderID                               string    `json:"provider_id"`
		ReceiptAt                                time.Time `json:"receipt_at"`
		Receipts                                 bool
	}
}

func (w *town) testPage(method, person string, want int) (shown testShown, answer []byte) {
	w.t.Helper()
	code, answer := w.call(method, "/api/v1/people/"+person+"/test", apiToken, map[string]string{})
	if code != want {
		w.t.Fatalf("%s: %d %s, want %d", method, code, answer, want)
	}
	if err := json.Unmarshal(answer, &shown); err != nil {
		w.t.Fatal(err)
	}
	return shown, answer
}

func (s *testShown) states() string {
	out := ""
	for _, p := range s.Pages {
		out += fmt.Sprintf("%s %s %v;", p.Channel, p.State, !p.ReceiptAt.IsZero())
	}
	return out
}

func TestATestPageGoesByEveryChannel(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alice.Register("token-1")
		if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": "token-1", "platform": "android"}); code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		w.testPage(http.MethodGet, "alice", http.StatusNotFound)
		sent, _ := w.testPage(http.MethodPost, "alice", http.StatusOK)
		if got := sent.states(); got != "sms sent false;push sent false;" {
			t.Errorf("at once: %s", got)
		}
		if p := sent.Pages[0]; p.ProviderID == "" || p.Provider == "" || p.Address != "+33612345601" {
			t.Errorf("the provider's answer: %+v", p)
		}
		w.at(5 * time.Second)
		last, _ := w.testPage(http.MethodGet, "alice", http.StatusOK)
		if got := last.states(); got != "sms delivered true;push sent false;" || last.ID != sent.ID {
			t.Errorf("after the receipt: %s", got)
		}
		sms := w.alice.ExpectSMS(t, "TEST Astreinte 03:12", "essai", "rien à faire")
		if sms.Segments != 1 || sms.Link() != "" {
			t.Errorf("%d segments, link %q", sms.Segments, sms.Link())
		}
		if push := w.alice.ExpectPush(t, "TEST Astreinte"); push.Data["kind"] != "test" || push.Data["ticket"] != "" || push.Data["link"] != "" {
			t.Errorf("push %+v", push.Data)
		}
		if _, answer := w.call(http.MethodGet, "/api/v1/tickets", apiToken, nil); !strings.Contains(string(answer), `"tickets":[]`) {
			t.Errorf("a test page touched a ticket: %s", answer)
		}
		// OK does not answer a test page.
		number := w.alert("firing", "srv-db-01")
		w.at(10 * time.Second)
		w.testPage(http.MethodPost, "bruno", http.StatusOK)
		w.at(15 * time.Second)
		w.bruno.ExpectSMS(t, "TEST Astreinte").Reply(t, "OK")
		w.expectState(number, "open")
	})
}

func TestATestPageThatFails(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{To: "+33612345601", Code: 21610, Status: 400, Times: 1})
		failed, _ := w.testPage(http.MethodPost, "alice", http.StatusOK)
		if p := failed.Pages[0]; p.State != "failed" || !strings.Contains(p.Error, "21610") {
			t.Errorf("%+v", p)
		}
		w.world.SetFault(phonetest.Fault{To: "+33612345602", Receipt: "undelivered", ReceiptCode: 30005, Times: 1})
		w.testPage(http.MethodPost, "bruno", http.StatusOK)
		w.at(5 * time.Second)
		last, _ := w.testPage(http.MethodGet, "bruno", http.StatusOK)
		if p := last.Pages[0]; p.State != "undelivered" || !strings.Contains(p.Error, "30005") || p.ReceiptAt.IsZero() {
			t.Errorf("%+v", p)
		}
		w.at(time.Minute)
		w.alice.ExpectNothing(t)
		w.dominique.ExpectNothing(t)
	})
}

// The receipt may come to another daemon than the one that sent the page.
func TestAReceiptOfATestPageComesToAnotherDaemon(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.testPage(http.MethodPost, "alice", http.StatusOK)
		stop := w.run(exampleConfig(t, w.world))
		defer stop()
		w.at(5 * time.Second)
		if last, _ := w.testPage(http.MethodGet, "alice", http.StatusOK); last.states() != "sms delivered true;" {
			t.Errorf("%s", last.states())
		}
	})
}

func TestTestPagesAreBounded(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for range ticket.MaxTestPages {
			w.testPage(http.MethodPost, "alice", http.StatusOK)
		}
		w.testPage(http.MethodPost, "alice", http.StatusTooManyRequests)
		w.testPage(http.MethodPost, "bruno", http.StatusOK)
		w.at(10*time.Minute - time.Second)
		w.testPage(http.MethodPost, "alice", http.StatusTooManyRequests)
		w.at(10*time.Minute + time.Second)
		w.testPage(http.MethodPost, "alice", http.StatusOK)
		w.at(11 * time.Minute)
		if got := len(w.alice.Messages()); got != ticket.MaxTestPages+1 {
			t.Errorf("alice has had %d messages", got)
		}
	})
}

// A gateway may name a message only by its own id. Receipts come twice and
// late.
func TestAReceiptOfATestPageByTheProvidersIDAlone(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{To: "+33612345601", Receipts: phonetest.Withheld, Times: 1})
		sent, _ := w.testPage(http.MethodPost, "alice", http.StatusOK)
		receive := func(id string, state ticket.PageState) error {
			return listener{w.daemon.Load()}.Receive(t.Context(), paging.Receipt{ProviderID: id, State: state}, paging.Transient)
		}
		if err := receive("SM-unknown", ticket.PageDelivered); !errors.Is(err, escalation.ErrNotFound) {
			t.Errorf("of nobody's message: %v", err)
		}
		for _, state := range []ticket.PageState{ticket.PageDelivered, ticket.PageSent, ticket.PageUndelivered} {
			if err := receive(sent.Pages[0].ProviderID, state); err != nil {
				t.Error(err)
			}
		}
		if last, _ := w.testPage(http.MethodGet, "alice", http.StatusOK); last.states() != "sms delivered true;" {
			t.Errorf("%s", last.states())
		}
	})
}
