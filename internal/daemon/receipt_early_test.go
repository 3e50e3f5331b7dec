package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// TestAReceiptBeforeTheOrdersAnswer: at most two SMS go to one phone, then the
// next step begins at once, even if the person has another number.
func TestAReceiptBeforeTheOrdersAnswer(t *testing.T) {
	for name, change := range map[string][]func([]byte) []byte{"one number": nil, "two numbers": {aliceWithTwo}} {
		for _, code := range []int{30005, 30003} {
			t.Run(name, func(t *testing.T) {
				inTown(t, func(t *testing.T, w *town) {
					for _, to := range []string{alicesPhone, alicesSecond} {
						w.world.SetFault(phonetest.Fault{
							Kind: phonetest.SMS, To: to, Answer: 5 * time.Second, Receipt: "undelivered", ReceiptCode: code,
						})
					}
					number := w.alert("firing", "srv-db-01")
					w.at(4 * time.Second)
					if n := len(w.alice.Messages()); n > 2 {
						t.Errorf("%d SMS to alice before an answer", n)
					}
					w.dominique.ExpectSMS(t, "srv-db-01")
					w.at(30 * time.Second)
					orders := 0
					for _, a := range w.world.Attempts() {
						if strings.HasPrefix(a.To, alicesPhone[:len(alicesPhone)-2]) && a.To != dominiquesPhone {
							orders++
						}
					}
					if most := map[bool]int{true: 1, false: 2}[change == nil && code == 30005]; orders > most {
						t.Errorf("%d SMS were ordered for alice in half a minute\n%s", orders, timelineOf(w.ticket(number)))
					}
				}, change...)
			})
		}
	}
}

// TestAnAlertThatJoinsIsHeard: the only number of whoever took the ticket is dead.
func TestAnAlertThatJoinsIsHeard(t *testing.T) {
	for name, fault := range map[string]phonetest.Fault{
		"refused":     {Kind: phonetest.SMS, To: alicesPhone, Status: 400, Code: 21610},
		"undelivered": {Kind: phonetest.SMS, To: alicesPhone, Receipt: "undelivered", ReceiptCode: 30005},
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, func(t *testing.T, w *town) {
				number := w.alert("firing", "srv-db-01")
				w.at(2 * time.Second)
				w.hears(alicesPhone, "SM1", "11 OK")
				w.world.SetFault(fault)
				w.at(time.Minute)
				if joined := w.alert("firing", "srv-db-02"); joined != number {
					t.Fatalf("it joined %s", joined)
				}
				w.at(time.Minute + 10*time.Second)
				w.expectCount(w.dominique, 1)
				w.expectState(number, "acknowledged")
			})
		})
	}
}

// TestWhoIsOnDutyHearsWhatJoins, even if somebody else has taken the ticket.
func TestWhoIsOnDutyHearsWhatJoins(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "dominique"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(time.Minute)
		w.alert("firing", "srv-db-02")
		w.at(time.Minute + 10*time.Second)
		w.alice.ExpectSMS(t, "EN PLUS")
		w.dominique.ExpectSMS(t, "EN PLUS")
	})
}

// TestARecoveryNeverOvertakesItsPage: the provider answers the page after the
// recovery was stored.
func TestARecoveryNeverOvertakesItsPage(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: alicesPhone, Times: 1, Latency: 6 * time.Second})
		w.alert("firing", "srv-db-01")
		w.at(time.Second)
		w.alert("resolved", "srv-db-01")
		w.at(5 * time.Second)
		if n := len(w.alice.Messages()); n != 0 {
			t.Fatalf("%d SMS while the provider thinks", n)
		}
		w.at(20 * time.Second)
		got := w.alice.Messages()
		if len(got) != 2 || !strings.HasPrefix(got[0].Body, "CRITIQUE") || !strings.HasPrefix(got[1].Body, "TERMINE") {
			t.Errorf("alice got %v", got)
		}
	})
}

// TestAnotherNumberThatIsRefused: the other number is refused at once, so the
// page goes to the first again. That is tried once a round.
func TestAnotherNumberThatIsRefused(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: alicesSecond, Status: 400, Code: 21610})
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: alicesPhone, Receipt: "undelivered", ReceiptCode: 30005})
		w.alert("firing", "srv-db-01")
		w.at(30 * time.Second)
		taken := 0
		for _, a := range w.world.Attempts() {
			if a.To == alicesPhone {
				taken++
			}
		}
		if taken > 2 {
			t.Errorf("%d SMS to alice in half a minute", taken)
		}
		w.dominique.ExpectSMS(t, "srv-db-01")
	}, aliceWithTwo)
}
